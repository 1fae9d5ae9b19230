import { type Clock, sleep, systemClock } from '@holdfast/runtime'
import type { Redis } from 'ioredis'
import { LAYOUT_VERSION, layout } from '../layout.ts'
import type { FixedSubscription, Registry, Wishes, WorkerWish } from '../ports.ts'
import { QueueError } from '../problem.ts'
import { type Declaration, declareByWorker, declareFixed, effective } from '../subscription.ts'
import { openConnection, type RedisAddress } from './connection.ts'

/** A gateway that has said nothing for this long is not waited for. */
export const GATEWAY_TTL_MS = 5_000
const NOTE_POLL_MS = 50

export interface RedisRegistryOptions {
  readonly redis: RedisAddress
  readonly prefix: string
  readonly clock?: Clock
}

export function createRegistry(options: RedisRegistryOptions): Registry {
  return new RedisRegistry(options)
}

/** Refuses to work on data of another layout; writes ours where there is none. */
export async function claimLayout(redis: Redis, prefix: string): Promise<void> {
  const key = layout(prefix).version
  await redis.setnx(key, LAYOUT_VERSION)
  const found = await redis.get(key)
  if (found === String(LAYOUT_VERSION)) return
  throw new QueueError(
    'layout',
    `Redis holds data of layout ${found} under ${prefix}; this version reads layout ${LAYOUT_VERSION}. Run the version that wrote it, or choose another redis.prefix.`,
  )
}

class RedisRegistry implements Registry {
  readonly #redis: Redis
  readonly #clock: Clock
  readonly #prefix: string
  readonly #address: RedisAddress
  readonly #watchers = new Set<() => void>()
  #listener: Redis | undefined

  constructor({ redis, prefix, clock = systemClock }: RedisRegistryOptions) {
    this.#address = redis
    this.#prefix = prefix
    this.#clock = clock
    this.#redis = openConnection(redis, 'holdfast:registry')
  }

  get #keys() {
    return layout(this.#prefix)
  }

  async declare(wish: WorkerWish): Promise<number> {
    await claimLayout(this.#redis, this.#prefix)
    const declaration = declareByWorker(await this.#declaration(wish.subscription), wish)
    return this.#change((change) =>
      change
        .hset(this.#keys.wishers, wish.workerId, JSON.stringify(wish))
        .hset(this.#keys.subscriptions, wish.subscription, JSON.stringify(declaration)),
    )
  }

  async withdraw(workerId: string): Promise<void> {
    await this.#change((change) => change.hdel(this.#keys.wishers, workerId))
  }

  async declareFixed(subscriptions: readonly FixedSubscription[]): Promise<void> {
    await claimLayout(this.#redis, this.#prefix)
    const fields = subscriptions.flatMap((each) => [each.name, JSON.stringify(declareFixed(each))])
    if (fields.length > 0) await this.#change((change) => change.hset(this.#keys.subscriptions, ...fields))
  }

  async wishes(): Promise<Wishes> {
    const reply = await this.#redis
      .multi()
      .get(this.#keys.wishes)
      .hvals(this.#keys.subscriptions)
      .hvals(this.#keys.wishers)
      .exec()
    const [version, declarations, wishers] = (reply ?? []).map(([, value]) => value)
    const wishes = texts(wishers).map((text) => JSON.parse(text) as WorkerWish)
    const subscriptions = texts(declarations).map((text) =>
      effective(JSON.parse(text) as Declaration, wishes),
    )
    return { version: Number(version ?? 0), subscriptions }
  }

  watch(onChange: () => void): () => void {
    this.#watchers.add(onChange)
    this.#listen()
    return () => this.#watchers.delete(onChange)
  }

  async note(gatewayId: string, version: number): Promise<void> {
    await this.#redis
      .multi()
      .sadd(this.#keys.gateways, gatewayId)
      .set(this.#keys.gatewayNote(gatewayId), version, 'PX', GATEWAY_TTL_MS)
      .exec()
  }

  async leave(gatewayId: string): Promise<void> {
    await this.#redis
      .multi()
      .srem(this.#keys.gateways, gatewayId)
      .del(this.#keys.gatewayNote(gatewayId))
      .exec()
  }

  async awaitNoted(version: number, timeoutMs: number): Promise<'noted' | 'timeout'> {
    const deadline = this.#clock.monotonicMs() + timeoutMs
    while (!(await this.#allNoted(version))) {
      if (this.#clock.monotonicMs() >= deadline) return 'timeout'
      await sleep(this.#clock, NOTE_POLL_MS)
    }
    return 'noted'
  }

  async stop(): Promise<void> {
    this.#watchers.clear()
    this.#listener?.disconnect()
    this.#redis.disconnect()
  }

  async #allNoted(version: number): Promise<boolean> {
    const gateways = await this.#redis.smembers(this.#keys.gateways)
    const notes = await Promise.all(gateways.map((id) => this.#redis.get(this.#keys.gatewayNote(id))))
    const silent = gateways.filter((_, index) => notes[index] === null)
    if (silent.length > 0) await this.#redis.srem(this.#keys.gateways, ...silent)
    return notes.every((note) => note === null || Number(note) >= version)
  }

  async #declaration(name: string): Promise<Declaration | undefined> {
    const text = await this.#redis.hget(this.#keys.subscriptions, name)
    return text === null ? undefined : (JSON.parse(text) as Declaration)
  }

  /** Writes, raises the version and announces it, as one. */
  async #change(write: (change: ReturnType<Redis['multi']>) => unknown): Promise<number> {
    const change = this.#redis.multi()
    write(change)
    change.incr(this.#keys.wishes).publish(this.#keys.wishesChannel, 'changed')
    const reply = await change.exec()
    return Number(reply?.at(-2)?.[1])
  }

  #listen(): void {
    if (this.#listener) return
    const tell = () => {
      for (const watcher of this.#watchers) watcher()
    }
    this.#listener = openConnection(this.#address, 'holdfast:registry:watch')
    this.#listener.on('message', tell)
    // What was announced while the connection was away is not repeated: look again after each return.
    this.#listener.on('ready', tell)
    void this.#listener.subscribe(this.#keys.wishesChannel).catch(() => {})
  }
}

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])
