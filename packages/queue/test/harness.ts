import { randomUUID } from 'node:crypto'
import type { OutgoingEvent } from '@holdfast/events'
import type { RedisPlace } from '@holdfast/runtime'
import {
  createDeadLetters,
  createMemoryQueues,
  createQueueView,
  createRedisSink,
  createRedisSource,
  createRegistry,
  type DeadLetters,
  type QueueView,
  type Registry,
  type Sink,
  type Source,
  type SourceOptions,
  type Subscription,
} from '../src/index.ts'

export const redis = { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' }

/** One implementation under test, with whatever it needs to be closed again. */
export interface Harness {
  sink: Sink
  registry: Registry
  view: QueueView
  deadLetters: DeadLetters
  source(options: SourceOptions): Source
  setBounds(name: string, bounds: Pick<Subscription, 'order' | 'orders' | 'maxWaiting'>): Promise<void>
  close(): Promise<void>
}

export function memoryHarness(): Harness {
  const queues = createMemoryQueues()
  return {
    ...queues,
    setBounds: async (name, { orders, ...bounds }) => {
      const patterns = ['slack.*']
      await queues.registry.declareFixed([{ name, patterns, ...bounds }])
      if (!orders) return
      await queues.registry.declare({ workerId: 'w0', subscription: name, patterns, order: 'none', orders })
      await queues.registry.withdraw('w0')
    },
    close: async () => {
      await queues.sink.stop()
      await queues.view.stop()
    },
  }
}

export const freshPrefix = (): string => `{test-${randomUUID()}}`

export function redisHarness(prefix = freshPrefix(), place: RedisPlace = redis): Harness {
  const home = { redis: place, prefix }
  const bounds = new Map<string, Pick<Subscription, 'order' | 'orders' | 'maxWaiting'>>()
  const sink = createRedisSink({ ...home, bounds: (name) => bounds.get(name) })
  const registry = createRegistry(home)
  const view = createQueueView(home)
  const deadLetters = createDeadLetters(home)
  void sink.start()
  return {
    sink,
    registry,
    view,
    deadLetters,
    source: (options) => createRedisSource({ ...options, ...home, lockMs: 3_000, sweepMs: 500 }),
    setBounds: async (name, each) => void bounds.set(name, each),
    close: async () => {
      await Promise.all([sink.stop(), registry.stop(), view.stop(), deadLetters.stop()])
    },
  }
}

/** An event as small as can be. */
export function event(id: string, facts: Partial<OutgoingEvent> = {}): OutgoingEvent {
  return {
    id,
    type: 'slack.message',
    delivery: 'live',
    dedupeWindowMs: 60_000,
    interactive: false,
    text: JSON.stringify({ id, type: 'slack.message', data: { id } }),
    ...facts,
  }
}

/** Collects values and lets a test wait for the n-th. */
export class Log<T> {
  readonly entries: T[] = []
  #waiting: { count: number; resolve: () => void }[] = []

  add(entry: T): void {
    this.entries.push(entry)
    this.#waiting = this.#waiting.filter(({ count, resolve }) => {
      if (this.entries.length < count) return true
      resolve()
      return false
    })
  }

  reaches(count: number): Promise<void> {
    if (this.entries.length >= count) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ count, resolve }))
  }
}

/** A promise to be resolved by hand. */
export function latch<T = void>(): { promise: Promise<T>; open: (value: T) => void } {
  let open: (value: T) => void = () => {}
  const promise = new Promise<T>((resolve) => {
    open = resolve
  })
  return { promise, open }
}
