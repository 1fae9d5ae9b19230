import { randomUUID } from 'node:crypto'
import {
  type Blocker,
  createQueueView,
  createRedisSource,
  createRegistry,
  type Gate,
  type Order,
  type OrderOf,
  partitionPrefix,
  type QueueView,
  type Registry,
  type Source,
  type SourceOptions,
  type Subscription,
  type WorkerWish,
} from '@holdfast/queue'
import { type Clock, connectRedis, endsWithin, ProblemError, type RedisHome, sleep } from '@holdfast/runtime'
import { type PeerAnswer, Peers } from './peers.ts'

/** What a worker says of itself before it takes jobs. */
export interface WorkerDeclaration {
  readonly subscription: string
  readonly patterns: readonly string[]
  readonly order: Order
  /** What orders the events of each handler, where one of them has an order of its own. */
  readonly orders?: readonly OrderOf[]
  /** Of a worker for development: how long the subscription stays without a worker, if nobody declares it otherwise. */
  readonly devExpiryMs?: number
  readonly maxWaiting?: number
  readonly maxIdleMs?: number
  /** Patterns of the handlers, where the worker wishes for other events than those. */
  readonly handles?: readonly string[]
}

/** A subscription by everybody's wish, and what each of its live workers declared. */
export interface SubscriptionSight {
  readonly subscription: Subscription
  readonly others: readonly WorkerWish[]
}

/** Who waits for the queue. */
export interface ConnectWait {
  /** Aborts when nobody does any more: then `connect` resolves, some seconds later at the most, without a queue. */
  readonly signal: AbortSignal
  /** Called once if it has to be waited for: what is wrong, and what a person can do. */
  readonly onAway: (message: string) => void
}

/** The queue as a worker needs it. */
export interface WorkerQueue {
  /** Waits for a queue that is away. Rejects with a `ProblemError` when it refuses us, or stays away for too long. */
  connect(wait: ConnectWait): Promise<void>
  /** Over the queues of the subscription, wherever they are. Rejects with a `QueueError` where Redis holds other data. */
  createSource(options: SourceOptions): Promise<Source>
  /** Resolves once every live gateway routes by the declaration; `late` when one still does not after a while. */
  declare(declaration: WorkerDeclaration): Promise<'noted' | 'late'>
  /** Whether another live worker of the declared subscription has a handler for events of `type`. Never rejects. */
  handledByAnother(type: string): Promise<PeerAnswer>
  /** Running jobs that have held their lane for so long while others wait behind them. */
  blockers(subscription: string, heldMs: number): Promise<readonly Blocker[]>
  /** The patterns of the subscription, by everybody's wish; undefined while that can't be told. Never rejects. */
  patterns?(subscription: string): Promise<readonly string[] | undefined>
  /** The subscription and its live workers, as they stand now; undefined while that can't be told. Never rejects. */
  sight?(subscription: string): Promise<SubscriptionSight | undefined>
  /** Takes the declaration back (the subscription stays) and closes. Idempotent. */
  close(): Promise<void>
}

/** A gateway that is alive notes a change within a second; one that hangs is not waited for. */
const NOTED_WITHIN_MS = 10_000

/** While Redis is away a worker goes without a word: the others notice. */
const WITHDRAWN_WITHIN_MS = 1_000
const ANSWER_WITHIN_MS = 1_000

/** Which Redis, and where in it. */
export interface RedisQueueOptions extends RedisHome {
  /** How long `connect` waits for it. Default: for as long as it takes. */
  readonly waitMs?: number
  /** Through which jobs go that must run alone in the process. Default: one for this queue. */
  readonly gate?: Gate
  readonly clock: Clock
}

/** The queue in Redis. Nothing is opened before `connect()`. */
export function createRedisQueue(options: RedisQueueOptions): WorkerQueue {
  const { redis, prefix, clock } = options
  const workerId = randomUUID()
  let registry: Registry | undefined
  let peers: Peers | undefined
  let view: QueueView | undefined
  const open = (): Registry => {
    registry ??= createRegistry({ redis, prefix, clock })
    return registry
  }
  return {
    connect: (wait) => awaitRedis(options, wait),
    async createSource(source) {
      const own = open()
      const partition = await own.locate(source.subscription)
      const withdraw = (id: string) => own.withdraw(id)
      const place = { redis, prefix: partitionPrefix(prefix, partition) }
      return createRedisSource({
        ...source,
        ...place,
        ...(options.gate === undefined ? {} : { gate: options.gate }),
        ...(partition === 'home' ? {} : { withdraw }),
        workerId,
        clock,
      })
    },
    async declare(declaration) {
      const own = open()
      const { subscription } = declaration
      peers = new Peers({ workerId, wishers: () => own.wishers(subscription), clock })
      const version = await own.declare({ ...declaration, workerId })
      return (await own.awaitNoted(version, NOTED_WITHIN_MS)) === 'noted' ? 'noted' : 'late'
    },
    handledByAnother: async (type) => (await peers?.handle(type)) ?? 'unknown',
    patterns: async (subscription) => (await subscriptionOf(open(), subscription, clock))?.patterns,
    sight: (subscription) => sightOf(open(), subscription, workerId, clock),
    blockers(subscription, heldMs) {
      view ??= createQueueView({ redis, prefix, clock })
      return view.blockers(subscription, heldMs)
    },
    async close() {
      await view?.stop()
      const closing = registry
      registry = undefined
      if (!closing) return
      await endsWithin(clock, WITHDRAWN_WITHIN_MS, closing.withdraw(workerId)).catch(() => {})
      await closing.stop()
    },
  }
}

/** Redis that is away is not waited for long: what has to be told can be told later. */
async function soon<T>(answer: Promise<T>, clock: Clock): Promise<T | undefined> {
  const over = new AbortController()
  const silence = sleep(clock, ANSWER_WITHIN_MS, over.signal).then(() => undefined)
  return await Promise.race([answer.catch(() => undefined), silence]).finally(() => over.abort())
}

async function subscriptionOf(
  registry: Registry,
  name: string,
  clock: Clock,
): Promise<Subscription | undefined> {
  const wishes = await soon(registry.wishes(), clock)
  return wishes?.subscriptions.find((subscription) => subscription.name === name)
}

async function sightOf(
  registry: Registry,
  name: string,
  workerId: string,
  clock: Clock,
): Promise<SubscriptionSight | undefined> {
  const [subscription, wishers] = await Promise.all([
    subscriptionOf(registry, name, clock),
    soon(registry.wishers(name), clock),
  ])
  if (!subscription || !wishers) return undefined
  return { subscription, others: wishers.filter((wish) => wish.workerId !== workerId) }
}

/** Tries again and again for as long as Redis is away; what it refuses for good is told at once. */
async function awaitRedis(options: RedisQueueOptions, { signal, onAway }: ConnectWait): Promise<void> {
  const { clock, waitMs = Number.POSITIVE_INFINITY } = options
  const sinceMs = clock.monotonicMs()
  for (let tries = 1; !signal.aborted; tries += 1) {
    const away = await probe(options)
    if (away === undefined) return
    if (clock.monotonicMs() - sinceMs >= waitMs) throw away
    if (tries === 1) onAway(away.message)
  }
}

/** Undefined when Redis answers, what is wrong when it does not. Rejects when it answers and refuses us. */
async function probe({ redis: place, prefix, clock }: RedisQueueOptions): Promise<ProblemError | undefined> {
  try {
    // ioredis holds the process up to `disconnectTimeout` even for a socket that never opened.
    const options = { name: 'holdfast:worker:probe', clock, redis: { disconnectTimeout: 1 } }
    const redis = await connectRedis({ redis: place, prefix }, options)
    redis.disconnect()
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'redis-unreachable') return error
    throw error
  }
}
