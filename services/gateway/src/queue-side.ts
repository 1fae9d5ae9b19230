import { randomUUID } from 'node:crypto'
import { compileRouter } from '@holdfast/events'
import {
  createPartitionedSink,
  createQueueView,
  createRegistry,
  createSubscriptionAdmin,
  type QueueView,
  type Registry,
  type Sink,
} from '@holdfast/queue'
import { type Clock, type Config, homeOf, type Log } from '@holdfast/runtime'
import { fixedSubscriptions, replicaIdOf } from './config-check.ts'
import { DepthWatch } from './depth-watch.ts'
import { ExpiryWatch } from './expiry-watch.ts'
import type { GatewayMetrics } from './metrics.ts'
import { Publisher } from './publisher.ts'
import { QueueTroubles } from './queue-troubles.ts'
import { SubscriptionWatch } from './subscription-watch.ts'
import { SuspensionWatch } from './suspension-watch.ts'

/** Everything between the drivers and Redis: who wants an event, and the ordered way into the queue. */
export interface QueueSide {
  readonly registry: Registry
  readonly watch: SubscriptionWatch
  readonly view: QueueView
  readonly depths: DepthWatch
  readonly sink: Sink
  readonly publisher: Publisher
  readonly suspensions: SuspensionWatch
  readonly expiries: ExpiryWatch
  readonly troubles: QueueTroubles
}

/** Puts the queue side together over connections of its own; none is opened for events before it is started. */
export function createQueueSide(
  config: Config,
  { metrics, clock, log }: { metrics: GatewayMetrics; clock: Clock; log: Log },
): QueueSide {
  const place = { ...homeOf(config), clock }
  const registry = createRegistry({ ...place, partitions: config.redis.partitions })
  const watch = new SubscriptionWatch({
    registry,
    gatewayId: `${replicaIdOf(config)}:${randomUUID()}`,
    fixed: fixedSubscriptions(config),
    compile: compileRouter,
    clock,
    log,
  })
  const view = createQueueView(place)
  const depths = new DepthWatch({ view, subscriptions: () => watch.subscriptions, metrics, clock })
  const troubles = new QueueTroubles()
  const sink = createPartitionedSink({
    ...place,
    bounds: (name) => watch.find(name),
    partitionOf: (name) => watch.find(name)?.partition,
    // What of this people need to know, `RedisPresence` tells, once for each outage.
    onWindow(state, why, partition) {
      troubles.window(state, partition)
      log.debug({ why, partition }, `the window to the queue is ${state}`)
    },
    onRefused: (why, partition) => troubles.refused(why, partition),
    onReadded(readded) {
      metrics.readded(readded.addedCount)
      if (readded.addedCount + readded.fencedCount === 0)
        log.info(readded, 'another Redis answers; it has all that was confirmed in the last seconds')
      else
        log.warn(readded, 'another Redis answers; what it lacked of the last seconds is on its queues again')
    },
    onForgotten: (count) => metrics.forgotten(count),
  })
  const bound = { count: config.gateway.maxUnconfirmedCount, bytes: config.gateway.maxUnconfirmedBytes }
  const publisher = new Publisher({ sink, route: watch.route, metrics, bound, clock, log })
  const suspensions = new SuspensionWatch({
    view,
    sink,
    subscriptions: () => watch.subscriptions,
    clock,
    log,
    onState: (queue, suspended) => metrics.suspended(queue, suspended),
  })
  const expiries = new ExpiryWatch({
    subscriptions: () => watch.subscriptions,
    openAdmin: () => createSubscriptionAdmin(place),
    clock,
    log,
  })
  return { registry, watch, view, depths, sink, publisher, suspensions, expiries, troubles }
}
