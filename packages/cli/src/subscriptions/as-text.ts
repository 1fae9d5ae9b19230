import { interactiveQueue, type Suspension } from '@holdfast/queue'
import { blockersTable } from '../status/blockers.ts'
import { duration, instant } from '../status/instants.ts'
import { table } from '../table.ts'
import type { SubscriptionInSight } from './sight.ts'

/** A line that says how many there are, the subscriptions, and the handlers that hold their conversation for long. */
export function subscriptionsPage(all: readonly SubscriptionInSight[]): string[] {
  return [
    all.length === 0
      ? 'No subscriptions: a worker or the configuration file makes one.'
      : headline(all.length),
    ...table(
      [
        'SUBSCRIPTION',
        'STATE',
        'WORKERS',
        'WAITING',
        'ACTIVE',
        'ASLEEP',
        'RETRYING',
        'DEAD',
        'LAG',
        'EVENTS',
      ],
      all.map(row),
    ),
    ...blockersTable(
      all.flatMap(({ name, blockers }) => blockers.map((each) => ({ ...each, subscription: name }))),
    ),
  ]
}

/** Instants as RFC 3339. */
export function subscriptionJson({ suspension, interactive, ...rest }: SubscriptionInSight): object {
  return {
    ...rest,
    ...suspensionJson(suspension),
    interactive: { depth: interactive.depth, ...suspensionJson(interactive.suspension) },
  }
}

const headline = (count: number): string => `${count} subscription${count === 1 ? '' : 's'}.`

function suspensionJson(suspension: Suspension | undefined): object {
  if (!suspension) return {}
  const { sinceAt, ...rest } = suspension
  return { suspension: { ...rest, since: instant(sinceAt) } }
}

function row(subscription: SubscriptionInSight): string[] {
  const { name, workerCount, depth, interactive, patterns } = subscription
  const sum = (of: 'waiting' | 'parked' | 'active' | 'sleeping' | 'retrying' | 'failed') =>
    depth[of] + interactive.depth[of]
  return [
    name,
    stateOf(subscription),
    String(workerCount),
    String(sum('waiting') + sum('parked')),
    String(sum('active')),
    String(sum('sleeping')),
    String(sum('retrying')),
    String(sum('failed')),
    duration(Math.max(depth.lagMs, interactive.depth.lagMs)),
    patterns.join(' '),
  ]
}

function stateOf(subscription: SubscriptionInSight): string {
  const { name, paused, suspension, interactive, fixed, devExpiryMs } = subscription
  const states = [
    ...(paused ? ['paused'] : []),
    ...(suspension ? [`suspended (${suspension.reason})`] : []),
    ...(interactive.suspension
      ? [`${interactiveQueue(name)} suspended (${interactive.suspension.reason})`]
      : []),
    ...(devExpiryMs === undefined || fixed ? [] : ['development']),
    ...(fixed ? ['fixed by the file'] : []),
  ]
  return states.join(', ') || 'open'
}
