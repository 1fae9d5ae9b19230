import { randomUUID } from 'node:crypto'
import {
  createRedisSource,
  createRegistry,
  type Order,
  type Registry,
  type Source,
  type SourceOptions,
} from '@holdfast/queue'
import { type Clock, connectRedis, sleep } from '@holdfast/runtime'

/** What a worker says of itself before it takes jobs. */
export interface WorkerDeclaration {
  readonly subscription: string
  readonly patterns: readonly string[]
  readonly order: Order
}

/** The queue as a worker needs it. */
export interface WorkerQueue {
  /** Rejects with a `ProblemError` when the queue can't be reached. */
  connect(): Promise<void>
  createSource(options: SourceOptions): Source
  /** Resolves once every live gateway routes by the declaration; `late` when one still does not after a while. */
  declare(declaration: WorkerDeclaration): Promise<'noted' | 'late'>
  /** Takes the declaration back (the subscription stays) and closes. Idempotent. */
  close(): Promise<void>
}

/** A gateway that is alive notes a change within a second; one that hangs is not waited for. */
const NOTED_WITHIN_MS = 10_000

/** While Redis is away a worker goes without a word: the others notice. */
const WITHDRAWN_WITHIN_MS = 1_000

/** Which Redis, and where in it. */
export interface RedisQueueOptions {
  readonly url: string
  readonly prefix: string
  readonly clock: Clock
}

/** The queue in Redis. Nothing is opened before `connect()`. */
export function createRedisQueue({ url, prefix, clock }: RedisQueueOptions): WorkerQueue {
  const workerId = randomUUID()
  const redis = { url }
  let registry: Registry | undefined
  return {
    async connect() {
      // ioredis holds the process up to `disconnectTimeout` even for a socket that never opened.
      const options = { name: 'holdfast:worker:probe', clock, redis: { disconnectTimeout: 1 } }
      const probe = await connectRedis(url, options)
      probe.disconnect()
    },
    createSource: (options) => createRedisSource({ ...options, redis, prefix, workerId, clock }),
    async declare(declaration) {
      registry = createRegistry({ redis, prefix, clock })
      const version = await registry.declare({ ...declaration, workerId })
      return (await registry.awaitNoted(version, NOTED_WITHIN_MS)) === 'noted' ? 'noted' : 'late'
    },
    async close() {
      const closing = registry
      registry = undefined
      if (!closing) return
      const over = new AbortController()
      const withdrawn = closing.withdraw(workerId).catch(() => {})
      await Promise.race([withdrawn, sleep(clock, WITHDRAWN_WITHIN_MS, over.signal)])
      over.abort()
      await closing.stop()
    },
  }
}
