import type { Handlers } from './handlers.ts'
import type { Settings } from './options.ts'
import type { WorkerDeclaration } from './worker-queue.ts'

/** What a worker says of itself: what its options leave out is left as it was declared before. */
export function declarationOf(
  { subscription, events, order, devExpiryMs, maxWaiting, maxIdleMs }: Settings,
  { patterns, orders }: Pick<Handlers, 'patterns' | 'orders'>,
): WorkerDeclaration {
  return {
    subscription,
    patterns: events ?? patterns,
    order,
    ...(orders && { orders }),
    ...(devExpiryMs !== undefined && { devExpiryMs }),
    ...(maxWaiting !== undefined && { maxWaiting }),
    ...(maxIdleMs !== undefined && { maxIdleMs }),
    ...(events && { handles: patterns }),
  }
}

/** The line that a worker tells when it has started. */
export function startedLine({ devExpiryMs }: WorkerDeclaration): string {
  if (devExpiryMs === undefined) return 'takes events'
  const minutes = devExpiryMs / 60_000
  const after = minutes >= 1 ? `${Math.round(minutes)} min` : `${Math.round(devExpiryMs / 1_000)} s`
  return `takes events; development: the subscription is removed after ${after} without a worker, unless a worker declares it without dev`
}
