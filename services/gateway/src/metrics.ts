import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { BackfillMetrics } from './backfill/backfill-tools.ts'
import type { DepthMetrics } from './depth-watch.ts'
import { type OutageFacts, showOutages } from './outage-metrics.ts'
import type { ConnectionMetrics, ConnectionStatus } from './ports.ts'
import type { PublisherMetrics } from './publisher.ts'
import type { TenureMetrics } from './tenure/seat.ts'

const STATES: readonly ConnectionStatus['state'][] = [
  'connecting',
  'connected',
  'waiting',
  'stopped',
  'fatal',
]

/** From a confirm by a Redis next door to one after an outage. */
const CONFIRM_BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
/** From a shard that resumes to a connection that waits for its budget of calls. */
const HANDOVER_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300]

/** Where suspensions are shown. */
export interface SuspensionMetrics {
  suspended(queue: string, suspended: boolean): void
}

/** Which connections are shown. */
export interface ShownConnections {
  /** It is one of the configuration: its gaps are shown, 0 until there is one. Changes nothing of one that is shown. */
  connection(connection: string): void
  /** Shows no state of the connection any more: its units are gone, or about to be made anew. */
  forgetStates(connection: string): void
  /** Shows neither states nor gaps of the connection any more: the configuration does not name it. */
  forgetConnection(connection: string): void
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
    outages: (facts) => showOutages(registry, facts),
  }
}

function connectionMetrics(register: Register): ConnectionMetrics & ShownConnections {
  const received = register.counter('holdfast_events_received_total', 'Events read from a socket.', [
    'platform',
    'connection',
    'type',
  ])
  const malformed = register.counter('holdfast_frames_malformed_total', 'Frames that could not be read.', [
    'connection',
  ])
  const gaps = register.counter('holdfast_gaps_total', 'Gaps announced as holdfast.gap events.', [
    'connection',
  ])
  const dropped = register.counter(
    'holdfast_events_dropped_total',
    'Events of RTM that came while nothing more could be held; a gap tells of them.',
    ['connection'],
  )
  const withheld = register.counter(
    'holdfast_envelopes_withheld_total',
    'Envelopes of Socket Mode that were left to Slack while nothing more could be held.',
    ['connection'],
  )
  const identifies = register.counter('holdfast_identifies_total', 'New sessions asked of Discord.', [
    'connection',
  ])
  const deaf = register.counter(
    'holdfast_deaf_shards_total',
    'How often a shard that heard nothing while others of its bot did was resumed or begun anew.',
    ['connection', 'shard'],
  )
  const breakers = register.gauge(
    'holdfast_identify_breaker',
    '1 while identifies are held back because there were too many, else 0.',
    ['connection'],
  )
  const states = register.gauge('holdfast_connection_state', '1 for the state that it is in, 0 for others.', [
    'connection',
    'shard',
    'state',
  ])
  /** The shards that are shown, by connection: what is to be taken back must be named one by one. */
  const shown = new Map<string, Set<number | ''>>()
  /** Shards that were deaf once, by connection. */
  const deafShards = new Map<string, Set<number>>()
  function forgetStates(connection: string): void {
    for (const shard of shown.get(connection) ?? [])
      for (const state of STATES) states.remove({ connection, shard, state })
    shown.delete(connection)
  }
  return {
    received: (platform, connection, type) => received.inc({ platform, connection, type }),
    malformed: (connection) => malformed.inc({ connection }),
    gap: (connection) => gaps.inc({ connection }),
    dropped: (connection) => dropped.inc({ connection }),
    withheld: (connection) => withheld.inc({ connection }),
    identified: (connection) => identifies.inc({ connection }),
    deaf(connection, shard) {
      deafShards.set(connection, (deafShards.get(connection) ?? new Set()).add(shard))
      deaf.inc({ connection, shard })
    },
    identifyBreaker: (connection, holds) => breakers.set({ connection }, holds ? 1 : 0),
    state(connection, shard, state) {
      shown.set(connection, (shown.get(connection) ?? new Set()).add(shard ?? ''))
      for (const each of STATES)
        states.set({ connection, shard: shard ?? '', state: each }, each === state ? 1 : 0)
    },
    // An alert on a rise sees the first gap only if there was a 0 before it.
    connection: (connection) => gaps.inc({ connection }, 0),
    forgetStates,
    forgetConnection(connection) {
      forgetStates(connection)
      gaps.remove({ connection })
      identifies.remove({ connection })
      breakers.remove({ connection })
      for (const shard of deafShards.get(connection) ?? []) deaf.remove({ connection, shard })
      deafShards.delete(connection)
    },
  }
}

function backfillMetrics(
  register: Register,
): Omit<BackfillMetrics, 'gap'> & Pick<ShownConnections, 'connection' | 'forgetConnection'> {
  const messages = register.counter(
    'holdfast_backfill_messages_total',
    'Messages from history that are confirmed, those included that were on the queue before.',
    ['connection'],
  )
  const requests = register.counter(
    'holdfast_backfill_requests_total',
    'Requests to a platform to fill in gaps from history.',
    ['connection'],
  )
  const owed = register.gauge(
    'holdfast_backfill_owed',
    'Gaps of units served here that are not filled in yet.',
    ['connection'],
  )
  return {
    filled: (connection, count) => messages.inc({ connection }, count),
    asked: (connection) => requests.inc({ connection }),
    owed: (connection, change) => owed.inc({ connection }, change),
    connection: (connection) => owed.inc({ connection }, 0),
    forgetConnection(connection) {
      for (const metric of [messages, requests, owed]) metric.remove({ connection })
    },
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

/** Makes metrics on one registry. */
class Register {
  readonly #registers: [Registry]

  constructor(registry: Registry) {
    this.#registers = [registry]
  }

  counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: this.#registers })
  }

  unlabelled(name: string, help: string): Counter {
    return new Counter({ name, help, registers: this.#registers })
  }

  /** `collect` is called before the metric is read. */
  gauge<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    collect: (gauge: Gauge<Label>) => void = () => {},
  ): Gauge<Label> {
    return new Gauge({
      name,
      help,
      labelNames,
      registers: this.#registers,
      collect() {
        collect(this)
      },
    })
  }

  histogram(name: string, help: string, buckets: number[]): Histogram {
    return new Histogram({ name, help, buckets, registers: this.#registers })
  }
}
