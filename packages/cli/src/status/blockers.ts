import { type Blocker, createCensusTaker, createQueueView, LANE_HOLD_MS } from '@holdfast/queue'
import type { Config } from '@holdfast/runtime'
import { table } from '../table.ts'
import { duration } from './instants.ts'

/** A handler that others of its conversation wait for. */
export interface BlockerSeen extends Blocker {
  readonly subscription: string
}

/** Those of all subscriptions; none where Redis does not say. */
export async function readBlockers(redis: Config['redis']): Promise<readonly BlockerSeen[]> {
  const home = { redis, prefix: redis.prefix }
  const census = createCensusTaker(home)
  const view = createQueueView(home)
  try {
    const { subscriptions } = await census.take()
    const found = await Promise.all(
      subscriptions.map(async ({ name }) =>
        (await view.blockers(name, LANE_HOLD_MS)).map((each) => ({ ...each, subscription: name })),
      ),
    )
    return found.flat()
  } catch {
    return [] // What is asked for is how the gateways stand.
  } finally {
    await Promise.all([census.stop(), view.stop()])
  }
}

/** As lines, with an empty one in front; nothing without any. */
export function blockersTable(blockers: readonly BlockerSeen[]): string[] {
  return table(
    ['HOLDS ITS CONVERSATION', 'JOB', 'TYPE', 'FOR', 'BEHIND IT'],
    blockers.map(({ subscription, id, type, heldMs, waitingCount }) => [
      subscription,
      id,
      type,
      duration(heldMs),
      String(waitingCount),
    ]),
  )
}
