import { type Clock, closeRedis, openRedis, type RedisHome, systemClock } from '@holdfast/runtime'
import type { Redis } from 'ioredis'
import { readDeclaration, readWish } from '../declaration.ts'
import { layout } from '../layout.ts'
import { DECLARE, WITHDRAW } from '../lua/declare.ts'
import { type Partition, readPartition } from '../partition.ts'
import type { FixedSubscription, Registry, Subscription, Wishes, WorkerWish } from '../ports.ts'
import { type Declaration, declareByWorker, declareFixed, effective, freedBy } from '../subscription.ts'
import { GatewayNotes } from './gateway-notes.ts'
import { claimLayout } from './layout-claim.ts'
import { Partitions } from './partitions.ts'
import { textsOf } from './reply.ts'
import { runScript } from './run-script.ts'

export interface RedisRegistryOptions extends RedisHome {
  readonly clock?: Clock
  /** How many partitions new subscriptions are spread over. Default: as many as Redis was told last, else one. */
  readonly partitions?: number
}

export function createRegistry(options: RedisRegistryOptions): Registry {
  return new RedisRegistry(options)
}

/**
 * What was declared through this registry stands until it is withdrawn or the registry stopped: a wish that others
 * removed (its worker was taken for dead), and whatever a Redis that lost its data has forgotten, is declared again.
 */
class RedisRegistry implements Registry {
  readonly #redis: Redis
  readonly #notes: GatewayNotes
  readonly #partitions: Partitions
  readonly #prefix: string
  readonly #home: RedisHome
  readonly #watchers = new Set<() => void>()
  readonly #wishes = new Map<string, WorkerWish>()
  readonly #fixed = new Map<string, FixedSubscription>()
  /** The version that was read last. */
  #version = 0
  #restoring: Promise<void> | undefined
  #news = false
  #stopped = false
  #listener: Redis | undefined

  constructor({ partitions, clock = systemClock, ...home }: RedisRegistryOptions) {
    this.#home = home
    this.#prefix = home.prefix
    this.#redis = openRedis(home, 'holdfast:registry')
    this.#notes = new GatewayNotes(this.#redis, home.prefix, clock)
    this.#partitions = new Partitions(this.#redis, home.prefix, partitions)
  }

  get #keys() {
    return layout(this.#prefix)
  }

  async locate(subscription: string): Promise<Partition> {
    await claimLayout(this.#redis, this.#prefix)
    const [partition = 'home'] = await this.#partitions.locate([subscription])
    return partition
  }

  async declare(wish: WorkerWish): Promise<number> {
    const version = await this.#declare(wish)
    this.#wishes.set(wish.workerId, wish)
    this.#listen()
    return version
  }

  async withdraw(workerId: string): Promise<void> {
    this.#wishes.delete(workerId)
    const { wishers, wishes, wishesChannel } = this.#keys
    await runScript(this.#redis, WITHDRAW, wishers, [workerId, wishes, wishesChannel])
  }

  async declareFixed(subscriptions: readonly FixedSubscription[]): Promise<void> {
    await this.#declareFixed(subscriptions)
    await this.#freeOthers(subscriptions)
    this.#fixed.clear()
    for (const each of subscriptions) this.#fixed.set(each.name, each)
    if (subscriptions.length > 0) this.#listen()
  }

  async wishes(): Promise<Wishes> {
    const reply = await this.#redis
      .multi()
      .get(this.#keys.wishes)
      .hgetall(this.#keys.subscriptions)
      .hvals(this.#keys.wishers)
      .hgetall(this.#keys.partitions)
      .exec()
    const [told, declarations, wishers, partitions] = (reply ?? []).map(([, value]) => value)
    const version = Number(told ?? 0)
    await this.#remind(version)
    const wishes = readWishes(wishers)
    const subscriptions = readDeclarations(declarations).map((each) =>
      located(effective(each, wishes), recordOf(partitions)),
    )
    return { version, subscriptions }
  }

  async wishers(subscription: string): Promise<readonly WorkerWish[]> {
    const wishes = readWishes(await this.#redis.hvals(this.#keys.wishers))
    return wishes.filter((wish) => wish.subscription === subscription)
  }

  watch(onChange: () => void): () => void {
    this.#watchers.add(onChange)
    this.#listen()
    return () => this.#watchers.delete(onChange)
  }

  note(gatewayId: string, version: number): Promise<void> {
    return this.#notes.write(gatewayId, version)
  }

  leave(gatewayId: string): Promise<void> {
    return this.#notes.remove(gatewayId)
  }

  awaitNoted(version: number, timeoutMs: number): Promise<'noted' | 'timeout'> {
    return this.#notes.await(version, timeoutMs)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#watchers.clear()
    this.#wishes.clear()
    this.#fixed.clear()
    if (this.#listener) closeRedis(this.#listener)
    closeRedis(this.#redis)
  }

  /** Reads, decides and writes until nobody else wrote in between. */
  async #declare(wish: WorkerWish): Promise<number> {
    const { subscriptions, wishers, wishes, wishesChannel } = this.#keys
    const name = wish.subscription
    await this.locate(name)
    for (;;) {
      const before = (await this.#redis.hget(subscriptions, name)) ?? ''
      const previous = readDeclaration(name, before)
      const after = JSON.stringify(declareByWorker(previous, wish))
      const own = [wishers, wish.workerId, JSON.stringify(wish)]
      const args = [name, before, after, ...own, wishes, wishesChannel]
      const version = await runScript(this.#redis, DECLARE, subscriptions, args)
      if (version !== 'changed') return Number(version)
    }
  }

  async #declareFixed(subscriptions: readonly FixedSubscription[]): Promise<void> {
    await claimLayout(this.#redis, this.#prefix)
    await this.#partitions.locate(subscriptions.map(({ name }) => name))
    const known = new Map((await this.#declared()).map((each) => [each.name, each]))
    const fields = subscriptions.flatMap((each) => [
      each.name,
      JSON.stringify(declareFixed(each, known.get(each.name))),
    ])
    if (fields.length > 0) await this.#change((change) => change.hset(this.#keys.subscriptions, ...fields))
  }

  async #freeOthers(file: readonly FixedSubscription[]): Promise<void> {
    const freed = freedBy(file, await this.#declared())
    const fields = freed.flatMap((each) => [each.name, JSON.stringify(each)])
    if (fields.length > 0) await this.#change((change) => change.hset(this.#keys.subscriptions, ...fields))
  }

  async #declared(): Promise<readonly Declaration[]> {
    return readDeclarations(await this.#redis.hgetall(this.#keys.subscriptions))
  }

  /** Versions never fall: Redis has lost its data, and who was not cut from it does not know. */
  async #remind(version: number): Promise<void> {
    if (version < this.#version) await this.#redis.publish(this.#keys.wishesChannel, 'forgotten')
    this.#version = version
  }

  /** One look at a time; news during a look is followed by another. Never rejects: after a cut there is another return. */
  #restore(): Promise<void> {
    this.#restoring ??= this.#restoreUntilQuiet()
      .catch(() => {})
      .finally(() => {
        this.#restoring = undefined
      })
    return this.#restoring
  }

  async #restoreUntilQuiet(): Promise<void> {
    do {
      this.#news = false
      await this.#restoreFixed()
      await this.#restoreWishes()
    } while (this.#news)
  }

  /** Only what is missing: what differs was declared by another, later. */
  async #restoreFixed(): Promise<void> {
    const missing: FixedSubscription[] = []
    for (const [name, each] of this.#fixed)
      if (!(await this.#redis.hexists(this.#keys.subscriptions, name))) missing.push(each)
    if (missing.length > 0) await this.#declareFixed(missing)
  }

  async #restoreWishes(): Promise<void> {
    for (const [workerId, wish] of this.#wishes) {
      const stands = await this.#redis.hexists(this.#keys.wishers, workerId)
      if (!stands && this.#wishes.has(workerId)) await this.#declare(wish)
    }
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
    if (this.#listener || this.#stopped) return
    const options = { autoResubscribe: false }
    const listener = openRedis(this.#home, 'holdfast:registry:watch', options)
    this.#listener = listener
    listener.on('message', this.#tell)
    // What was announced while the connection was away is not repeated: look again once it listens.
    listener.on('ready', () => {
      const listening = listener.subscribe(this.#keys.wishesChannel)
      listening.then(this.#tell, () => {})
    })
  }

  readonly #tell = (): void => {
    for (const watcher of this.#watchers) watcher()
    this.#news = true
    void this.#restore()
  }
}

/** With where its queues are, if that is not at home. */
function located(subscription: Subscription, partitions: Readonly<Record<string, string>>): Subscription {
  const partition = readPartition(partitions[subscription.name])
  return partition === undefined || partition === 'home' ? subscription : { ...subscription, partition }
}

const recordOf = (value: unknown) => (value ?? {}) as Readonly<Record<string, string>>
const readDeclarations = (value: unknown): Declaration[] =>
  Object.entries(recordOf(value)).flatMap(([name, text]) => readDeclaration(name, text) ?? [])
const readWishes = (value: unknown): WorkerWish[] => textsOf(value).flatMap((text) => readWish(text) ?? [])
