import { type Clock, type RedisHome, systemClock } from '@holdfast/runtime'
import { BLOCKERS } from '../lua/blockers.ts'
import { DEPTH } from '../lua/depth.ts'
import type { Blocker, Depth, EventRecord, QueueView, Suspension } from '../ports.ts'
import { QueuePlaces } from './queue-places.ts'
import { rowsOf } from './reply.ts'
import { runScript } from './run-script.ts'

export interface RedisViewOptions extends RedisHome {
  readonly clock?: Clock
}

export function createQueueView(options: RedisViewOptions): QueueView {
  return new RedisQueueView(options)
}

/** So many running jobs are looked at. */
const BLOCKERS_BOUND = 1_000

class RedisQueueView implements QueueView {
  readonly #places: QueuePlaces
  readonly #clock: Clock

  constructor({ clock = systemClock, ...home }: RedisViewOptions) {
    this.#places = new QueuePlaces(home, 'holdfast:view')
    this.#clock = clock
  }

  async depth(queue: string): Promise<Depth> {
    const { redis, names } = await this.#places.find(queue)
    const reply = await runScript(redis, DEPTH, names.meta(queue), [names.base(queue), this.#clock.wallAt()])
    const numbers = Array.isArray(reply) ? reply.map(Number) : []
    const [waiting = 0, parked = 0, active = 0, sleeping = 0, retrying = 0, failed = 0, lagMs = 0] = numbers
    return { waiting, parked, active, sleeping, retrying, failed, lagMs }
  }

  async suspension(queue: string): Promise<Suspension | undefined> {
    const { redis, names } = await this.#places.find(queue)
    const [reason, since, missed] = await redis.hmget(names.meta(queue), 'suspended', 'since', 'missed')
    if (reason !== 'full' && reason !== 'idle') return undefined
    return { reason, sinceAt: Number(since), missedCount: Number(missed ?? 0) }
  }

  async blockers(queue: string, heldMs: number): Promise<readonly Blocker[]> {
    const { redis, names } = await this.#places.find(queue)
    const args = [names.base(queue), this.#clock.wallAt(), heldMs, BLOCKERS_BOUND]
    const reply = await runScript(redis, BLOCKERS, names.meta(queue), args)
    const found = rowsOf(reply, 5).map(([id = '', type = '', lane = '', held, waiting]) => {
      return { id, type, lane, heldMs: Number(held), waitingCount: Number(waiting) }
    })
    return found.sort((a, b) => b.heldMs - a.heldMs)
  }

  async suspendIdle(queue: string): Promise<void> {
    const { redis, names } = await this.#places.find(queue)
    const key = names.meta(queue)
    await redis.multi().hsetnx(key, 'suspended', 'idle').hsetnx(key, 'since', this.#clock.wallAt()).exec()
  }

  async record(queue: string, eventId: string): Promise<EventRecord | undefined> {
    const { redis, names } = await this.#places.find(queue)
    const found = await redis.hgetall(names.record(queue, eventId))
    if (found.type === undefined) return undefined
    return {
      id: eventId,
      type: found.type,
      enqueuedAt: Number(found.enqueued),
      ...(found.started === undefined ? {} : { startedAt: Number(found.started) }),
      ...(found.finished === undefined ? {} : { finishedAt: Number(found.finished) }),
      ...(found.outcome === 'completed' || found.outcome === 'dead' ? { outcome: found.outcome } : {}),
      ...(found.attempts === undefined ? {} : { attempts: Number(found.attempts) }),
    }
  }

  async stop(): Promise<void> {
    this.#places.close()
  }
}
