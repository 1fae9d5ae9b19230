import { type Partition, partitionPrefix } from '../partition.ts'
import type { Confirmation, Sink, SinkItem } from '../ports.ts'
import { QueueError } from '../problem.ts'
import { createRedisSink, type RedisSinkOptions } from './sink.ts'

export interface PartitionedSinkOptions extends Omit<RedisSinkOptions, 'onWindow' | 'onRefused'> {
  /** Where a subscription is, as far as it is known; what is not is at home. */
  readonly partitionOf: (subscription: string) => Partition | undefined
  /** As of one sink, with the partition whose window it is. */
  readonly onWindow?: (state: 'open' | 'closed', why: string, partition: Partition) => void
  readonly onRefused?: (why: string | undefined, partition: Partition) => void
}

/**
 * One sink over all partitions: an ordered stream into each, over a connection of its own, opened with the first event for
 * it. The order of the calls is kept within a partition, and a subscription is in one alone. An event that is wanted in two
 * is confirmed when both have it.
 *
 * A partition that is slow or away holds back what goes through it, and nothing else: the subscriptions of the others get
 * their events. A watermark is of the whole stream, though: it stays behind the first event that such a partition has not
 * confirmed, and what comes after it may be repeated by the platform, and recognised, after a death of the gateway.
 */
export function createPartitionedSink(options: PartitionedSinkOptions): Sink {
  return new PartitionedSink(options)
}

class PartitionedSink implements Sink {
  readonly #options: PartitionedSinkOptions
  readonly #sinks = new Map<Partition, Sink>()
  #stopped: Promise<void> | undefined

  constructor(options: PartitionedSinkOptions) {
    this.#options = options
  }

  get unconfirmed() {
    let count = 0
    let bytes = 0
    for (const { unconfirmed } of this.#sinks.values()) {
      count += unconfirmed.count
      bytes += unconfirmed.bytes
    }
    return { count, bytes }
  }

  get connected(): boolean {
    const sinks = [...this.#sinks.values()]
    return sinks.length > 0 && sinks.every((sink) => sink.connected)
  }

  async start(): Promise<void> {
    this.#open('home')
  }

  enqueue(item: SinkItem): Promise<Confirmation> {
    if (this.#stopped)
      return Promise.reject(new QueueError('stopped', 'The sink is stopped; the event was not taken.'))
    const places = item.subscriptions.map((name) => this.#options.partitionOf(name) ?? 'home')
    const [first, ...others] = new Set(places)
    if (first === undefined) return Promise.resolve([])
    if (others.length === 0) return this.#open(first).enqueue(item)
    return this.#enqueueInAll(item, places, [first, ...others])
  }

  stop(graceMs?: number): Promise<void> {
    this.#stopped ??= Promise.all([...this.#sinks.values()].map((sink) => sink.stop(graceMs))).then(() => {})
    return this.#stopped
  }

  async #enqueueInAll(
    item: SinkItem,
    places: readonly Partition[],
    partitions: readonly Partition[],
  ): Promise<Confirmation> {
    const answers = partitions.map(async (partition) => {
      const subscriptions = item.subscriptions.filter((_, index) => places[index] === partition)
      const confirmation = await this.#open(partition).enqueue({ ...item, subscriptions })
      return subscriptions.map((name, index) => [name, confirmation[index]] as const)
    })
    const found = new Map((await Promise.all(answers)).flat())
    return item.subscriptions.flatMap((name) => found.get(name) ?? [])
  }

  #open(partition: Partition): Sink {
    const open = this.#sinks.get(partition)
    if (open) return open
    const { onWindow, onRefused, prefix } = this.#options
    const sink = createRedisSink({
      ...this.#options,
      prefix: partitionPrefix(prefix, partition),
      onWindow: (state, why) => onWindow?.(state, why, partition),
      onRefused: (why) => onRefused?.(why, partition),
    })
    this.#sinks.set(partition, sink)
    void sink.start()
    return sink
  }
}
