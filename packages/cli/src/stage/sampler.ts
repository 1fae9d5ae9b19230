import { interactiveQueue, type QueueView } from '@holdfast/queue'
import { type Clock, sleep } from '@holdfast/runtime'
import type { GatewayProcess } from '../demo/gateway-process.ts'
import type { Books } from './books.ts'
import { Gauge } from './gauge.ts'
import type { Timeline } from './timeline.ts'

const EVERY_MS = 500

export interface SamplerOptions {
  readonly view: Pick<QueueView, 'depth'>
  readonly subscription: string
  readonly gateway: Pick<GatewayProcess, 'unconfirmedCount'>
  readonly books: Pick<Books, 'update' | 'takeDelayMs'>
  readonly timeline: Pick<Timeline, 'sample'>
  /** Something is being done to one of the parts. */
  readonly isBroken: () => boolean
  readonly clock: Clock
}

/** Twice a second: how many events wait or run by the queue's own count, and how long people wait. Until `signal` aborts. */
export async function takeSamples(options: SamplerOptions, signal: AbortSignal): Promise<void> {
  const { view, subscription, gateway, books, timeline, isBroken, clock } = options
  const queues = [subscription, interactiveQueue(subscription)]
  const depths = new Gauge(() => Promise.all(queues.map((queue) => view.depth(queue))), clock)
  const unconfirmed = new Gauge(() => gateway.unconfirmedCount(), clock)
  while (!signal.aborted) {
    const [read, unconfirmedCount] = await Promise.all([depths.read(), unconfirmed.read()])
    const at = clock.wallAt()
    const depth = read?.map(inHand).reduce((sum, count) => sum + count, 0)
    books.update({ at, depth, unconfirmed: unconfirmedCount, broken: isBroken() })
    timeline.sample({ at, ...(depth === undefined ? {} : { depth }), delayMs: books.takeDelayMs(at) })
    await sleep(clock, EVERY_MS, signal)
  }
}

type Depth = Awaited<ReturnType<QueueView['depth']>>

function inHand({ waiting, parked, active, sleeping, retrying }: Depth): number {
  return waiting + parked + active + sleeping + retrying
}
