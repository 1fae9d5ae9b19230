import { type Clock, type RedisHome, systemClock } from '@holdfast/runtime'
import type { CensusTaker } from '../census.ts'
import { readDeclaration } from '../declaration.ts'
import { interactiveQueue, layout } from '../layout.ts'
import { REMOVE } from '../lua/remove.ts'
import type { Partition } from '../partition.ts'
import type { Subscription } from '../ports.ts'
import type { RemovalRefusal, SubscriptionAdmin } from '../subscription-admin.ts'
import { createCensusTaker } from './census.ts'
import { GatewayNotes } from './gateway-notes.ts'
import { JobQueues } from './job-queues.ts'
import { PartitionConnections } from './partition-connections.ts'
import { Partitions } from './partitions.ts'
import { discardQueue } from './queue-keys.ts'
import { runScript } from './run-script.ts'

export interface SubscriptionAdminOptions extends RedisHome {
  readonly clock?: Clock
}

export function createSubscriptionAdmin(options: SubscriptionAdminOptions): SubscriptionAdmin {
  return new RedisSubscriptionAdmin(options)
}

/** A gateway that hangs is not waited for: it notes the change before it routes again. */
const NOTED_WITHIN_MS = 10_000

class RedisSubscriptionAdmin implements SubscriptionAdmin {
  readonly #prefix: string
  readonly #clock: Clock
  readonly #connections: PartitionConnections
  readonly #notes: GatewayNotes
  readonly #census: CensusTaker
  readonly #queues: JobQueues

  constructor({ clock = systemClock, ...home }: SubscriptionAdminOptions) {
    this.#prefix = home.prefix
    this.#clock = clock
    this.#connections = new PartitionConnections(home, 'holdfast:admin')
    this.#notes = new GatewayNotes(this.#connections.home, home.prefix, clock)
    this.#census = createCensusTaker(home)
    this.#queues = new JobQueues(home)
  }

  async remove(name: string, { force = false } = {}): Promise<'removed' | RemovalRefusal> {
    const partition = await this.#partitionOf(name)
    const version = await this.#strike(name, force)
    if (typeof version !== 'number') return version
    await this.#notes.await(version, NOTED_WITHIN_MS)
    const names = layout(this.#connections.prefixOf(partition))
    for (const queue of [name, interactiveQueue(name)])
      await discardQueue(this.#connections.to(partition), names, queue)
    return 'removed'
  }

  async removeExpired(): Promise<readonly string[]> {
    const { subscriptions } = await this.#census.take()
    const removed: string[] = []
    for (const each of subscriptions) {
      if (each.devExpiryMs === undefined || each.fixed) continue
      if ((await this.#isExpired(each, each.devExpiryMs)) && (await this.remove(each.name)) === 'removed')
        removed.push(each.name)
    }
    return removed
  }

  async pause(name: string): Promise<'paused' | 'unknown'> {
    const queues = await this.#queuesOf(name)
    for (const queue of queues) await queue.pause()
    return queues.length > 0 ? 'paused' : 'unknown'
  }

  async resume(name: string): Promise<'resumed' | 'unknown'> {
    const queues = await this.#queuesOf(name)
    for (const queue of queues) await queue.resume()
    return queues.length > 0 ? 'resumed' : 'unknown'
  }

  async isPaused(name: string): Promise<boolean> {
    const [queue] = await this.#queuesOf(name)
    return (await queue?.isPaused()) ?? false
  }

  async stop(): Promise<void> {
    await this.#queues.stop()
    await this.#census.stop()
    this.#connections.close()
  }

  async #find(name: string): Promise<Subscription | undefined> {
    const { subscriptions } = await this.#census.take()
    return subscriptions.find((each) => each.name === name)
  }

  /** Asked anew each time: one that was removed and made again may be elsewhere. */
  #partitionOf(name: string): Promise<Partition> {
    return new Partitions(this.#connections.home, this.#prefix).find(name)
  }

  async #queuesOf(name: string) {
    if (!(await this.#connections.home.hexists(layout(this.#prefix).subscriptions, name))) return []
    const partition = await this.#partitionOf(name)
    return [name, interactiveQueue(name)].map((queue) => this.#queues.open(queue, partition))
  }

  /**
   * Out of the books; looks again where somebody has declared anything in between. Resolves with the version in which it is gone.
   */
  async #strike(name: string, force: boolean): Promise<number | RemovalRefusal> {
    const { subscriptions, partitions, expiries, wishers, wishes, wishesChannel } = layout(this.#prefix)
    const { home } = this.#connections
    for (;;) {
      // Read before the look: a worker that declares itself after it raises this.
      const before = (await home.get(wishes)) ?? '0'
      const found = await this.#find(name)
      if (!found) return 'unknown'
      if (found.workerCount > 0 && !force) return 'workers'
      const text = await home.hget(subscriptions, name)
      if (text === null) return 'unknown'
      if (readDeclaration(name, text)?.fixed) return 'fixed'
      const args = [name, text, partitions, expiries, wishers, force ? '' : before, wishes, wishesChannel]
      const version = await runScript(home, REMOVE, subscriptions, args)
      if (version !== 'changed') return Number(version)
    }
  }

  /** The time runs from the first look that finds no worker. */
  async #isExpired({ name, workerCount }: Subscription, expiryMs: number): Promise<boolean> {
    const { expiries } = layout(this.#prefix)
    const now = this.#clock.wallAt()
    const untilAt = workerCount > 0 ? null : await this.#connections.home.hget(expiries, name)
    if (untilAt !== null) return now >= Number(untilAt)
    await this.#connections.home.hset(expiries, name, now + expiryMs)
    return false
  }
}
