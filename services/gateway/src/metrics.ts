import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { DepthMetrics } from './depth-watch.ts'
import type { ConnectionMetrics, ConnectionStatus } from './ports.ts'
import type { PublisherMetrics } from './publisher.ts'

const STATES: readonly ConnectionStatus['state'][] = [
  'connecting',
  'connected',
  'waiting',
  'stopped',
  'fatal',
]

/** From a confirm by a Redis next door to one after an outage. */
const CONFIRM_BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

export interface GatewayMetrics extends ConnectionMetrics, PublisherMetrics, DepthMetrics {
  /** Shows how many units the replica holds, counted whenever metrics are read. To be called once. */
  unitsOwned(replica: string, count: () => number): void
}

/** The gateway's metrics on `registry`, by the names of the reference. */
export function createGatewayMetrics(registry: Registry): GatewayMetrics {
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers: [registry] })
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] })

  const received = counter('holdfast_events_received_total', 'Events read from a socket.', [
    'platform',
    'connection',
    'type',
  ])
  const malformed = counter('holdfast_frames_malformed_total', 'Frames that could not be read.', [
    'connection',
  ])
  const gaps = counter('holdfast_gaps_total', 'Gaps announced as holdfast.gap events.', ['connection'])
  const states = gauge('holdfast_connection_state', '1 for the state that the socket is in, else 0.', [
    'connection',
    'shard',
    'state',
  ])
  const unwanted = counter('holdfast_events_unwanted_total', 'Events that no subscription wants.', [
    'connection',
  ])
  const results = {
    enqueued: counter('holdfast_events_enqueued_total', 'Events put on the queue.', ['subscription']),
    duplicate: counter('holdfast_events_duplicate_total', 'Events that were on the queue before.', [
      'subscription',
    ]),
    suspended: counter(
      'holdfast_events_suspended_total',
      'Events not kept because the subscription is suspended.',
      ['subscription'],
    ),
  }
  const unconfirmed = gauge('holdfast_unconfirmed_events', 'Events that Redis has not confirmed yet.', [
    'connection',
  ])
  const confirm = new Histogram({
    name: 'holdfast_confirm_seconds',
    help: 'From the frame read to its event confirmed by Redis.',
    buckets: CONFIRM_BUCKETS,
    registers: [registry],
  })

  const depths = gauge('holdfast_queue_depth', 'Events in a queue by state.', ['subscription', 'state'])
  const lag = gauge('holdfast_queue_lag_seconds', 'Age of the oldest event that could run.', ['subscription'])

  return {
    received: (platform, connection, type) => received.inc({ platform, connection, type }),
    malformed: (connection) => malformed.inc({ connection }),
    gap: (connection) => gaps.inc({ connection }),
    state(connection, shard, state) {
      for (const each of STATES)
        states.set({ connection, shard: shard ?? '', state: each }, each === state ? 1 : 0)
    },
    unwanted: (connection) => unwanted.inc({ connection }),
    result: (subscription, result) => results[result].inc({ subscription }),
    unconfirmed: (connection, change) => unconfirmed.inc({ connection }, change),
    confirmed: (seconds) => confirm.observe(seconds),
    depth(subscription, { lagMs, ...counts }) {
      for (const [state, count] of Object.entries(counts)) depths.set({ subscription, state }, count)
      lag.set({ subscription }, lagMs / 1_000)
    },
    unitsOwned(replica, count) {
      new Gauge({
        name: 'holdfast_units_owned',
        help: 'Units that the replica holds.',
        labelNames: ['replica'],
        registers: [registry],
        collect() {
          this.set({ replica }, count())
        },
      })
    },
    forgetDepths() {
      depths.reset()
      lag.reset()
    },
  }
}
