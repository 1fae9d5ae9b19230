import { Register } from '@holdfast/runtime'
import type { Registry } from 'prom-client'
import type { BackfillMetrics } from './backfill/backfill-tools.ts'
import type { DepthMetrics } from './depth-watch.ts'
import { backfillMetrics } from './metrics/backfill-metrics.ts'
import { connectionMetrics, type ShownConnections } from './metrics/connection-metrics.ts'
import { type OutageFacts, showOutages } from './metrics/outage-metrics.ts'
import type { ConnectionMetrics } from './ports.ts'
import type { PublisherMetrics } from './publisher.ts'
import type { TenureMetrics } from './tenure/seat.ts'

/** From a confirm by a Redis next door to one after an outage. */
const CONFIRM_BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
/** From a shard that resumes to a connection that waits for its budget of calls. */
const HANDOVER_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300]

/** Where suspensions are shown. */
export interface SuspensionMetrics {
  suspended(queue: string, suspended: boolean): void
}

/** What the sink counts of events that Redis had confirmed. */
export interface ReaddedMetrics {
  /** So many were lost by a change of Redis and are on a queue again. */
  readded(count: number): void
  /** So many are kept no longer for such a change, before their time. */
  forgotten(count: number): void
}

/** All that the gateway shows. */
export interface GatewayMetrics
  extends ConnectionMetrics,
    ShownConnections,
    PublisherMetrics,
    DepthMetrics,
    SuspensionMetrics,
    ReaddedMetrics {
  /** Shows whether the configuration file is refused, asked whenever metrics are read. To be called once. */
  configRefused(refused: () => boolean): void
  /** Shows how many units the replica holds, counted whenever metrics are read. To be called once. */
  unitsOwned(replica: string, count: () => number): void
  /** Shows whether Redis answers and what waits for it, asked whenever metrics are read. To be called once. */
  outages(facts: OutageFacts): void
  readonly tenure: TenureMetrics
  readonly backfill: BackfillMetrics
}

/** The gateway's metrics on `registry`, by the names of the reference. */
export function createGatewayMetrics(registry: Registry): GatewayMetrics {
  const register = new Register(registry)
  const connections = connectionMetrics(register)
  const backfills = backfillMetrics(register)
  return {
    ...connections,
    connection(connection) {
      connections.connection(connection)
      backfills.connection(connection)
    },
    forgetConnection(connection) {
      connections.forgetConnection(connection)
      backfills.forgetConnection(connection)
    },
    backfill: { ...backfills, gap: connections.gap },
    ...publisherMetrics(register),
    ...queueMetrics(register),
    ...readdedMetrics(register),
    tenure: tenureMetrics(register),
    configRefused(refused) {
      register.gauge(
        'holdfast_config_refused',
        '1 while the configuration file is refused and an earlier one is in effect, else 0.',
        [],
        (shown) => shown.set(refused() ? 1 : 0),
      )
    },
    unitsOwned(replica, count) {
      register.gauge('holdfast_units_owned', 'Units that the replica holds.', ['replica'], (held) =>
        held.set({ replica }, count()),
      )
    },
    outages: (facts) => showOutages(register, facts),
  }
}

function tenureMetrics(register: Register): TenureMetrics {
  const handovers = register.histogram(
    'holdfast_handover_seconds',
    'From asking the holder of a unit for it to owning it.',
    HANDOVER_BUCKETS,
  )
  const takeovers = register.counter(
    'holdfast_takeovers_total',
    'Units taken without a hand-over, by why: nobody held them, their holder stood still, or it was an earlier life of this replica.',
    ['reason'],
  )
  const lost = register.unlabelled(
    'holdfast_lease_lost_total',
    'Units that another gateway took while this one held them.',
  )
  return {
    handedOver: (seconds) => handovers.observe(seconds),
    takenOver: (reason) => takeovers.inc({ reason }),
    lost: () => lost.inc(),
  }
}

function publisherMetrics(register: Register): PublisherMetrics {
  const perSubscription = (name: string, help: string) => register.counter(name, help, ['subscription'])
  const results = {
    enqueued: perSubscription('holdfast_events_enqueued_total', 'Events put on the queue.'),
    duplicate: perSubscription('holdfast_events_duplicate_total', 'Events that were on the queue before.'),
    suspended: perSubscription(
      'holdfast_events_suspended_total',
      'Events not kept because the subscription is suspended.',
    ),
    fenced: perSubscription(
      'holdfast_events_fenced_total',
      'Events refused because another gateway serves their unit by now.',
    ),
  }
  const unwanted = register.counter('holdfast_events_unwanted_total', 'Events that no subscription wants.', [
    'connection',
  ])
  const unconfirmed = register.gauge(
    'holdfast_unconfirmed_events',
    'Events that Redis has not confirmed yet.',
    ['connection'],
  )
  const confirm = register.histogram(
    'holdfast_confirm_seconds',
    'From the frame read to its event confirmed by Redis.',
    CONFIRM_BUCKETS,
  )
  return {
    unwanted: (connection) => unwanted.inc({ connection }),
    result: (subscription, result) => results[result].inc({ subscription }),
    unconfirmed: (connection, change) => unconfirmed.inc({ connection }, change),
    confirmed: (seconds) => confirm.observe(seconds),
  }
}

function queueMetrics(register: Register): DepthMetrics & SuspensionMetrics {
  const depths = register.gauge('holdfast_queue_depth', 'Events in a queue by state.', [
    'subscription',
    'state',
  ])
  const lag = register.gauge('holdfast_queue_lag_seconds', 'Age of the oldest event that could run.', [
    'subscription',
  ])
  const suspended = register.gauge('holdfast_queue_suspended', '1 while a queue takes no events, else 0.', [
    'subscription',
  ])
  return {
    depth(subscription, { lagMs, ...counts }) {
      for (const [state, count] of Object.entries(counts)) depths.set({ subscription, state }, count)
      lag.set({ subscription }, lagMs / 1_000)
    },
    suspended: (subscription, is) => suspended.set({ subscription }, is ? 1 : 0),
    forgetDepths() {
      depths.reset()
      lag.reset()
    },
  }
}

function readdedMetrics(register: Register): ReaddedMetrics {
  const readded = register.unlabelled(
    'holdfast_events_readded_total',
    'Confirmed events that a change of Redis had lost and that are on a queue again, once per queue.',
  )
  const forgotten = register.unlabelled(
    'holdfast_events_forgotten_total',
    'Confirmed events that were kept for a change of Redis for less than their time, because too many came.',
  )
  return { readded: (count) => readded.inc(count), forgotten: (count) => forgotten.inc(count) }
}
