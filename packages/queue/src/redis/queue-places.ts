import type { RedisHome } from '@holdfast/runtime'
import type { Redis, RedisOptions } from 'ioredis'
import { type Layout, layout, subscriptionOf } from '../layout.ts'
import { PartitionConnections } from './partition-connections.ts'
import { Partitions } from './partitions.ts'

/** Where one queue is: a connection to it, and its names there. */
export interface QueuePlace {
  readonly redis: Redis
  readonly names: Layout
}

/** Finds queues, in whatever partition each is. */
export class QueuePlaces {
  readonly #connections: PartitionConnections
  readonly #partitions: Partitions

  constructor(home: RedisHome, name: string, more?: RedisOptions) {
    this.#connections = new PartitionConnections(home, name, more)
    this.#partitions = new Partitions(this.#connections.home, home.prefix)
  }

  /** Where subscriptions, leases and the version of the layout are. */
  get home(): Redis {
    return this.#connections.home
  }

  async find(queue: string): Promise<QueuePlace> {
    const partition = await this.#partitions.find(subscriptionOf(queue))
    return {
      redis: this.#connections.to(partition),
      names: layout(this.#connections.prefixOf(partition)),
    }
  }

  close(): void {
    this.#connections.close()
  }
}
