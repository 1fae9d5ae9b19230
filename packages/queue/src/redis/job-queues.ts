import type { RedisHome } from '@holdfast/runtime'
import { Queue } from 'bullmq'
import type { Partition } from '../partition.ts'
import { PartitionConnections } from './partition-connections.ts'

export type JobQueuesOptions = RedisHome

/**
 * BullMQ's own handles of our queues, for tools that show jobs. Opening one writes nothing: BullMQ's note of its version,
 * which it leaves by habit, is left out. Those of a partition share one connection, which gives up at once while Redis is away, so that
 * who looks is told so.
 */
export class JobQueues {
  readonly #connections: PartitionConnections
  readonly #open = new Map<string, Queue>()

  constructor(home: JobQueuesOptions) {
    this.#connections = new PartitionConnections(home, 'holdfast:jobs', {
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
    })
  }

  /** The handle of a queue: a subscription's, or its interactive one. The same one each time. */
  open(name: string, partition: Partition = 'home'): Queue {
    const open = this.#open.get(name)
    if (open) return open
    const connection = this.#connections.to(partition)
    const prefix = this.#connections.prefixOf(partition)
    const queue = new Queue(name, { connection, prefix, skipMetasUpdate: true })
    // That Redis is away is told where a look fails.
    queue.on('error', () => {})
    this.#open.set(name, queue)
    return queue
  }

  /** Lets go of a queue that is not looked at any more. */
  async close(name: string): Promise<void> {
    const queue = this.#open.get(name)
    this.#open.delete(name)
    await queue?.close().catch(() => {})
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((name) => this.close(name)))
    this.#connections.close()
  }
}
