import {
  type Blocker,
  type Depth,
  interactiveQueue,
  LANE_HOLD_MS,
  type Subscription,
  type Suspension,
} from '@holdfast/queue'
import type { Books } from './open-books.ts'

/** One subscription, as it stands. */
export interface SubscriptionInSight extends Subscription {
  readonly paused: boolean
  readonly depth: Depth
  readonly suspension?: Suspension
  readonly interactive: { readonly depth: Depth; readonly suspension?: Suspension }
  readonly blockers: readonly Blocker[]
}

/** All subscriptions, sorted by name. Those for development whose time is over are removed first. */
export async function lookAtAll({ census, view, admin }: Books): Promise<readonly SubscriptionInSight[]> {
  await admin.removeExpired()
  const { subscriptions } = await census.take()
  return Promise.all(
    subscriptions.map(async (subscription) => {
      const { name } = subscription
      const [paused, depth, suspension, other, otherSuspension, blockers] = await Promise.all([
        admin.isPaused(name),
        view.depth(name),
        view.suspension(name),
        view.depth(interactiveQueue(name)),
        view.suspension(interactiveQueue(name)),
        view.blockers(name, LANE_HOLD_MS),
      ])
      return {
        ...subscription,
        paused,
        depth,
        ...(suspension && { suspension }),
        interactive: { depth: other, ...(otherSuspension && { suspension: otherSuspension }) },
        blockers,
      }
    }),
  )
}

/** How many events are in both queues, whatever for; dead letters among them. */
export function heldCount({
  depth,
  interactive,
}: Pick<SubscriptionInSight, 'depth' | 'interactive'>): number {
  const both = [depth, interactive.depth]
  return both.reduce((sum, { lagMs: _, ...counts }) => sum + total(Object.values(counts)), 0)
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)
