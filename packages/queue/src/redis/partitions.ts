import type { Redis } from 'ioredis'
import { LAYOUT_WITH_PARTITIONS, layout } from '../layout.ts'
import { LOCATE } from '../lua/locate.ts'
import { type Partition, readPartition } from '../partition.ts'
import { QueueError } from '../problem.ts'
import { runScript } from './run-script.ts'

/**
 * Which partition each subscription is in. It is chosen with the first that declares the subscription, the one with the
 * fewest of them, and never changes: so what was found once is remembered here.
 */
export class Partitions {
  readonly #redis: Redis
  readonly #prefix: string
  readonly #count: number | undefined
  readonly #known = new Map<string, Partition>()

  /** `count`: how many there shall be; for those who are configured for it. Others take what Redis was told. */
  constructor(redis: Redis, prefix: string, count?: number) {
    this.#redis = redis
    this.#prefix = prefix
    this.#count = count
  }

  /**
   * The partitions of subscriptions that are about to be declared. What is known here stands, also in a Redis that has lost
   * its data.
   *
   * @throws {QueueError} `partitions` where more are in use than there shall be.
   */
  async locate(names: readonly string[]): Promise<readonly Partition[]> {
    const { partitions, partitionCount, subscriptions, version } = layout(this.#prefix)
    const named = names.flatMap((name) => [name, String(this.#known.get(name) ?? '')])
    const args = [partitionCount, this.#count ?? '', subscriptions, version, LAYOUT_WITH_PARTITIONS, ...named]
    const reply = await runScript(this.#redis, LOCATE, partitions, args)
    if (!Array.isArray(reply)) throw this.#shrunk()
    return names.map((name, index) => this.#remember(name, readPartition(String(reply[index])) ?? 'home'))
  }

  /** Where a subscription is; what was never declared is nowhere, and looked for at home. */
  async find(subscription: string): Promise<Partition> {
    const known = this.#known.get(subscription)
    if (known !== undefined) return known
    const found = readPartition(await this.#redis.hget(layout(this.#prefix).partitions, subscription))
    return found === undefined ? 'home' : this.#remember(subscription, found)
  }

  /** All that are in use; home always is. */
  async used(): Promise<readonly Partition[]> {
    const texts = await this.#redis.hvals(layout(this.#prefix).partitions)
    return [...new Set<Partition>(['home', ...texts.map((text) => readPartition(text) ?? 'home')])]
  }

  #remember(name: string, partition: Partition): Partition {
    this.#known.set(name, partition)
    return partition
  }

  #shrunk(): QueueError {
    return new QueueError(
      'partitions',
      `redis.partitions is ${this.#count}, but subscriptions are in higher ones: it may grow, never shrink below them. Set it to what it was.`,
    )
  }
}
