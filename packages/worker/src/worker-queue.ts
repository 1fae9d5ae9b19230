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
import { type PeerAnswer, Peers } from './peers.ts'

/** What a worker says of itself before it takes jobs. */
export interface WorkerDeclaration {
  readonly subscription: string
  readonly patterns: readonly string[]
  readonly order: Order
  /** Patterns of the handlers, where the worker wishes for other events than those. */
  readonly handles?: readonly string[]
}

/** The queue as a worker needs it. */
export interface WorkerQueue {
  /** Rejects with a `ProblemError` when the queue can't be reached. */
  connect(): Promise<void>
  createSource(options: SourceOptions): Source
  /** Resolves once every live gateway routes by the declaration; `late` when one still does not after a while. */
  declare(declaration: WorkerDeclaration): Promise<'noted' | 'late'>
  /** Whether another live worker of the declared subscription has a handler for events of `type`. Never rejects. */
  handledByAnother(type: string): Promise<PeerAnswer>
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
  let peers: Peers | undefined
  return {
    async connect() {
      // ioredis holds the process up to `disconnectTimeout` even for a socket that never opened.
      const options = { name: 'holdfast:worker:probe', clock, redis: { disconnectTimeout: 1 } }
      const probe = await connectRedis(url, options)
      probe.disconnect()
    },
    createSource: (options) => createRedisSource({ ...options, redis, prefix, workerId, clock }),
    async declare(declaration) {
      const own = createRegistry({ redis, prefix, clock })
      registry = own
      const { subscription } = declaration
      peers = new Peers({ workerId, wishers: () => own.wishers(subscription), clock })
      const version = await own.declare({ ...declaration, workerId })
      return (await own.awaitNoted(version, NOTED_WITHIN_MS)) === 'noted' ? 'noted' : 'late'
    },
    handledByAnother: async (type) => (await peers?.handle(type)) ?? 'unknown',
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
