import { closeRedis, openRedis, type RedisHome } from '@holdfast/runtime'
import type { Redis, RedisOptions } from 'ioredis'
import { type Partition, partitionPrefix } from '../partition.ts'

/** Connections for who looks into all partitions: one to each, for each may be on another node. Opened when first asked for. */
export class PartitionConnections {
  readonly #home: RedisHome
  readonly #name: string
  readonly #more: RedisOptions
  readonly #open = new Map<Partition, Redis>()

  constructor(home: RedisHome, name: string, more: RedisOptions = {}) {
    this.#home = home
    this.#name = name
    this.#more = more
  }

  get home(): Redis {
    return this.to('home')
  }

  to(partition: Partition): Redis {
    const open = this.#open.get(partition)
    if (open) return open
    const home = { ...this.#home, prefix: this.prefixOf(partition) }
    const redis = openRedis(home, this.#name, this.#more)
    this.#open.set(partition, redis)
    return redis
  }

  prefixOf(partition: Partition): string {
    return partitionPrefix(this.#home.prefix, partition)
  }

  close(): void {
    for (const redis of this.#open.values()) closeRedis(redis)
  }
}
