import { decodeUnits, type Member, type Members } from '@holdfast/ownership'
import { type CensusTaker, interactiveQueue, type QueueView, type Subscription } from '@holdfast/queue'
import type { Clock } from '@holdfast/runtime'
import type { GatewaySeen, Picture, SubscriptionSeen, Suspension, UnitSeen } from './feed.ts'
import { summarize } from './summary.ts'

/** What a look reads. */
export interface LookOptions {
  readonly census: Pick<CensusTaker, 'take'>
  readonly view: Pick<QueueView, 'depth' | 'suspension'>
  readonly members: Pick<Members, 'list'>
  readonly clock: Clock
}

/** Of more subscriptions than this the rest is only counted: a look stays within some hundred small reads. */
const SUBSCRIPTION_BOUND = 50

/** One look at everything. Rejects where Redis refuses; waits while it is away. */
export async function look({ census, view, members, clock }: LookOptions): Promise<Picture> {
  const [{ subscriptions, workers, unreadable }, replicas] = await Promise.all([
    census.take(),
    members.list(),
  ])
  const watched = await Promise.all(
    subscriptions.slice(0, SUBSCRIPTION_BOUND).map((subscription) => describe(subscription, view)),
  )
  const facts = {
    takenAt: clock.wallAt(),
    subscriptions: watched,
    workers,
    gateways: replicas.map(gatewayOf),
    units: replicas.flatMap(unitsOf),
    unwatchedCount: subscriptions.length - watched.length,
  }
  return { ...facts, summary: summarize({ ...facts, unreadable }) }
}

async function describe(subscription: Subscription, view: LookOptions['view']): Promise<SubscriptionSeen> {
  const interactive = interactiveQueue(subscription.name)
  const [depth, suspension, interactiveDepth, interactiveSuspension] = await Promise.all([
    view.depth(subscription.name),
    view.suspension(subscription.name),
    view.depth(interactive),
    view.suspension(interactive),
  ])
  return {
    ...subscription,
    depth,
    ...present(suspension),
    interactive: { depth: interactiveDepth, ...present(interactiveSuspension) },
  }
}

const present = (suspension: Suspension | undefined) => (suspension ? { suspension } : {})

function gatewayOf({ id, fields }: Member): GatewaySeen {
  const { version, deployId } = fields
  const startedAt = Date.parse(fields.startedAt ?? '')
  const units = decodeUnits(fields)
  return {
    replica: id,
    ...(version === undefined ? {} : { version }),
    ...(deployId === undefined ? {} : { deployId }),
    ...(Number.isNaN(startedAt) ? {} : { startedAt }),
    ...(units ? { unitCounts: units.counts } : {}),
  }
}

function unitsOf({ id, fields }: Member): UnitSeen[] {
  return (decodeUnits(fields)?.units ?? []).map((unit) => ({ ...unit, owner: id }))
}
