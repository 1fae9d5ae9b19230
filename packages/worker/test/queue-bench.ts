import { randomUUID } from 'node:crypto'
import { encodeEvent, type HoldfastEvent, type OutgoingEvent } from '@holdfast/events'
import {
  createDeadLetters,
  createMemoryQueues,
  createQueueView,
  createRedisSink,
  type DeadLetters,
  type QueueView,
  type Sink,
} from '@holdfast/queue'
import { systemClock } from '@holdfast/runtime'
import { Peers } from '../src/peers.ts'
import { createRedisQueue, type WorkerQueue } from '../src/worker-queue.ts'

export const SUBSCRIPTION = 'commands'

/** A queue with both its ends: what a gateway puts in, what workers take out. */
export interface QueueBench {
  readonly sink: Sink
  readonly view: QueueView
  readonly deadLetters: DeadLetters
  /** One per worker. */
  workerQueue(): WorkerQueue
  close(): Promise<void>
}

export function memoryBench(): QueueBench {
  const { sink, registry, view, deadLetters, source } = createMemoryQueues()
  return {
    sink,
    view,
    deadLetters,
    workerQueue: () => {
      const workerId = randomUUID()
      const wishers = () => registry.wishers(SUBSCRIPTION)
      const peers = new Peers({ workerId, wishers, clock: systemClock })
      return {
        connect: async () => {},
        createSource: async (options) => source(options),
        declare: async (declaration) => {
          const version = await registry.declare({ ...declaration, workerId })
          return (await registry.awaitNoted(version, 1_000)) === 'noted' ? 'noted' : 'late'
        },
        handledByAnother: (type) => peers.handle(type),
        blockers: (subscription, heldMs) => view.blockers(subscription, heldMs),
        close: () => registry.withdraw(workerId),
      }
    },
    close: async () => {
      await sink.stop()
      await view.stop()
    },
  }
}

export const redisUrl = () => process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'

export const freshPrefix = () => `{test-worker-${randomUUID()}}`

export function redisBench(prefix = freshPrefix()): QueueBench {
  const redis = { url: redisUrl() }
  const bounds = () => ({ order: 'conversation', maxWaiting: 1_000 }) as const
  const sink = createRedisSink({ redis, prefix, bounds })
  const view = createQueueView({ redis, prefix })
  const deadLetters = createDeadLetters({ redis, prefix })
  void sink.start()
  return {
    sink,
    view,
    deadLetters,
    workerQueue: () => createRedisQueue({ redis, prefix, clock: systemClock }),
    close: async () => {
      await Promise.all([sink.stop(), view.stop(), deadLetters.stop()])
    },
  }
}

/** The event as a gateway hands it over. */
export function outgoing(event: HoldfastEvent): OutgoingEvent {
  const { data, ...attributes } = event
  return {
    id: event.id,
    type: event.type,
    ...(event.subject === undefined ? {} : { subject: event.subject }),
    delivery: 'live',
    dedupeWindowMs: 60_000,
    interactive: false,
    text: encodeEvent(attributes, JSON.stringify(data)),
  }
}

export const enqueue = ({ sink }: QueueBench, event: HoldfastEvent) =>
  sink.enqueue({ event: outgoing(event), subscriptions: [SUBSCRIPTION] })
