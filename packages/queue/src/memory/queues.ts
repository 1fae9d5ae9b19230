import { type Clock, systemClock } from '@holdfast/runtime'
import type { DeadLetters } from '../dead-letters.ts'
import { interactiveQueue, subscriptionOf } from '../layout.ts'
import type { Partition } from '../partition.ts'
import type {
  Confirmation,
  FixedSubscription,
  QueueView,
  Registry,
  Sink,
  SinkItem,
  Source,
  SourceOptions,
  WorkerWish,
} from '../ports.ts'
import { QueueError } from '../problem.ts'
import {
  DEFAULT_BOUNDS,
  type Declaration,
  declareByWorker,
  declareFixed,
  effective,
  freedBy,
} from '../subscription.ts'
import { memoryDeadLetters } from './dead-letters.ts'
import { MemoryQueue } from './queue.ts'
import { MemorySource } from './source.ts'
import { MemoryWaits } from './waits.ts'

/** All parts of the queue without Redis, for tests of what is built on it. One process, gone with it. */
export interface MemoryQueues {
  readonly sink: Sink
  readonly registry: Registry
  readonly view: QueueView
  readonly deadLetters: DeadLetters
  source(options: SourceOptions): Source
}

/** The in-memory twin: held to the same conformance suite as the Redis parts. */
export function createMemoryQueues(clock: Clock = systemClock): MemoryQueues {
  const queues = new Map<string, MemoryQueue>()
  const waits = new Map<string, MemoryWaits>()
  const waitsOf = (subscription: string): MemoryWaits => {
    const shared = waits.get(subscription) ?? new MemoryWaits()
    waits.set(subscription, shared)
    return shared
  }
  const queueOf = (name: string): MemoryQueue => {
    const queue = queues.get(name) ?? new MemoryQueue(clock, waitsOf(subscriptionOf(name)))
    queues.set(name, queue)
    return queue
  }
  const registry = new MemoryRegistry()
  return {
    sink: new MemorySink(queueOf, (name) => registry.bounds(name) ?? DEFAULT_BOUNDS),
    registry,
    view: {
      depth: async (queue) => queueOf(queue).depth(),
      suspension: async (queue) => queueOf(queue).suspended,
      blockers: async (queue, heldMs) => queueOf(queue).blockers(heldMs),
      suspendIdle: async (queue) => queueOf(queue).suspend('idle'),
      record: async (queue, id) => queueOf(queue).record(id),
      stop: async () => {
        for (const queue of queues.values()) queue.stop()
      },
    },
    deadLetters: memoryDeadLetters(queueOf),
    source: (options) =>
      new MemorySource(options, clock, [
        queueOf(options.subscription),
        queueOf(interactiveQueue(options.subscription)),
      ]),
  }
}

type Bounds = Pick<Declaration, 'order' | 'orders' | 'maxWaiting'>

class MemorySink implements Sink {
  readonly #queueOf: (name: string) => MemoryQueue
  readonly #boundsOf: (name: string) => Bounds
  readonly #fences = new Map<string, number>()
  #stopped = false
  readonly unconfirmed = { count: 0, bytes: 0 }

  constructor(queueOf: (name: string) => MemoryQueue, boundsOf: (name: string) => Bounds) {
    this.#queueOf = queueOf
    this.#boundsOf = boundsOf
  }

  get connected(): boolean {
    return !this.#stopped
  }

  async start(): Promise<void> {}

  async enqueue({ event, subscriptions, liftsMissedCount, fence }: SinkItem): Promise<Confirmation> {
    if (this.#stopped) throw new QueueError('stopped', 'The sink is stopped; the event was not taken.')
    if (fence && this.#isFenced(fence)) return subscriptions.map(() => 'fenced')
    return subscriptions.map((name) => {
      const queue = this.#queueOf(event.interactive ? interactiveQueue(name) : name)
      return queue.enqueue(event, this.#boundsOf(name), liftsMissedCount)
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
  }

  #isFenced({ unit, number }: NonNullable<SinkItem['fence']>): boolean {
    const highest = Math.max(number, this.#fences.get(unit) ?? 0)
    this.#fences.set(unit, highest)
    return number < highest
  }
}

class MemoryRegistry implements Registry {
  readonly #declarations = new Map<string, Declaration>()
  readonly #wishes = new Map<string, WorkerWish>()
  readonly #notes = new Map<string, number>()
  readonly #watchers = new Set<() => void>()
  #version = 0

  bounds(name: string): Bounds | undefined {
    const declaration = this.#declarations.get(name)
    return declaration && effective(declaration, [...this.#wishes.values()])
  }

  async locate(): Promise<Partition> {
    return 'home'
  }

  async declare(wish: WorkerWish): Promise<number> {
    this.#wishes.set(wish.workerId, wish)
    this.#declarations.set(
      wish.subscription,
      declareByWorker(this.#declarations.get(wish.subscription), wish),
    )
    return this.#changed()
  }

  async withdraw(workerId: string): Promise<void> {
    this.#wishes.delete(workerId)
    this.#changed()
  }

  async awaitNoted(version: number): Promise<'noted' | 'timeout'> {
    const noted = [...this.#notes.values()].every((known) => known >= version)
    return noted ? 'noted' : 'timeout'
  }

  async declareFixed(subscriptions: readonly FixedSubscription[]): Promise<void> {
    const known = [...this.#declarations.values()]
    const fixed = subscriptions.map((each) => declareFixed(each, this.#declarations.get(each.name)))
    for (const each of [...fixed, ...freedBy(subscriptions, known)]) this.#declarations.set(each.name, each)
    this.#changed()
  }

  async wishes() {
    const subscriptions = [...this.#declarations.values()].map((each) =>
      effective(each, [...this.#wishes.values()]),
    )
    return { version: this.#version, subscriptions }
  }

  async wishers(subscription: string) {
    return [...this.#wishes.values()].filter((wish) => wish.subscription === subscription)
  }

  watch(onChange: () => void): () => void {
    this.#watchers.add(onChange)
    return () => this.#watchers.delete(onChange)
  }

  async note(gatewayId: string, version: number): Promise<void> {
    this.#notes.set(gatewayId, version)
  }

  async leave(gatewayId: string): Promise<void> {
    this.#notes.delete(gatewayId)
  }

  async stop(): Promise<void> {
    this.#watchers.clear()
  }

  #changed(): number {
    this.#version++
    for (const watcher of this.#watchers) watcher()
    return this.#version
  }
}
