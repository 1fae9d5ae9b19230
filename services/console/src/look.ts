import {
  decodeUnits,
  type LeaseStore,
  type Member,
  type Members,
  type ReplicaStanding,
  standingOf,
  type UnitStanding,
} from '@holdfast/ownership'
import {
  type CensusTaker,
  interactiveQueue,
  LANE_HOLD_MS,
  type QueueView,
  type Subscription,
} from '@holdfast/queue'
import type { Clock } from '@holdfast/runtime'
import type { GatewaySeen, Picture, SubscriptionSeen, Suspension, UnitSeen } from './feed.ts'
import { summarize } from './summary.ts'

/** What a look reads. */
export interface LookOptions {
  readonly census: Pick<CensusTaker, 'take'>
  readonly view: Pick<QueueView, 'depth' | 'suspension' | 'blockers'>
  readonly members: Pick<Members, 'list'>
  readonly leases: Pick<LeaseStore, 'read'>
  readonly clock: Clock
}

/** Of more subscriptions than this the rest is only counted: a look stays within some hundred small reads. */
const SUBSCRIPTION_BOUND = 50

/** Of more handlers than this in one subscription the longest ones are shown. */
const BLOCKER_BOUND = 10

/** One look at everything. Rejects where Redis refuses; waits while it is away. */
export async function look({ census, view, members, leases, clock }: LookOptions): Promise<Picture> {
  const [{ subscriptions, workers, unreadable }, listed, picture] = await Promise.all([
    census.take(),
    members.list(),
    leases.read(),
  ])
  const { replicas, units, resting } = standingOf(picture, listed)
  const watched = await Promise.all(
    subscriptions.slice(0, SUBSCRIPTION_BOUND).map((subscription) => describe(subscription, view)),
  )
  const facts = {
    takenAt: clock.wallAt(),
    subscriptions: watched,
    workers,
    gateways: replicas.map((replica) => gatewayOf(replica, listed)),
    units: units.map(unitOf),
    unwatchedCount: subscriptions.length - watched.length,
  }
  return {
    ...facts,
    summary: summarize({ ...facts, unreadable, resting: resting.map(({ deploy }) => deploy) }),
  }
}

async function describe(subscription: Subscription, view: LookOptions['view']): Promise<SubscriptionSeen> {
  const interactive = interactiveQueue(subscription.name)
  const [depth, suspension, interactiveDepth, interactiveSuspension, blockers] = await Promise.all([
    view.depth(subscription.name),
    view.suspension(subscription.name),
    view.depth(interactive),
    view.suspension(interactive),
    view.blockers(subscription.name, LANE_HOLD_MS),
  ])
  return {
    ...subscription,
    depth,
    ...present(suspension),
    ...(blockers.length > 0 ? { blockers: blockers.slice(0, BLOCKER_BOUND) } : {}),
    interactive: { depth: interactiveDepth, ...present(interactiveSuspension) },
  }
}

const present = (suspension: Suspension | undefined) => (suspension ? { suspension } : {})

function gatewayOf(standing: ReplicaStanding, listed: readonly Member[]): GatewaySeen {
  const { replica, deploy, state, why, version, startedAt } = standing
  const units = decodeUnits(listed.find(({ id }) => id === replica)?.fields ?? {})
  return {
    replica,
    state,
    ...(why === undefined ? {} : { why }),
    ...(version === undefined ? {} : { version }),
    ...(deploy === undefined ? {} : { deployId: deploy }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(units ? { unitCounts: units.counts } : {}),
  }
}

function unitOf({ sinceAt, stateSinceAt, onTrial, ...unit }: UnitStanding): UnitSeen {
  return { ...unit, ...(onTrial ? { onTrial } : {}), sinceAt: stateSinceAt ?? sinceAt }
}
