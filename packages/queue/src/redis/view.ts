import { type Clock, systemClock } from '@holdfast/runtime'
import type { Redis } from 'ioredis'
import { layout } from '../layout.ts'
import { DEPTH } from '../lua/depth.ts'
import type { Depth, EventRecord, QueueView, Suspension } from '../ports.ts'
import { closeConnection, openConnection, type RedisHome } from './connection.ts'
import { runScript } from './run-script.ts'

export interface RedisViewOptions extends RedisHome {
  readonly clock?: Clock
}

export function createQueueView(options: RedisViewOptions): QueueView {
  return new RedisQueueView(options)
}

class RedisQueueView implements QueueView {
  readonly #redis: Redis
  readonly #prefix: string
  readonly #clock: Clock

  constructor({ clock = systemClock, ...home }: RedisViewOptions) {
    this.#redis = openConnection(home, 'holdfast:view')
    this.#prefix = home.prefix
    this.#clock = clock
  }

  async depth(queue: string): Promise<Depth> {
    const names = layout(this.#prefix)
    const reply = await runScript(this.#redis, DEPTH, names.meta(queue), [
      names.base(queue),
      this.#clock.wallAt(),
    ])
    const numbers = Array.isArray(reply) ? reply.map(Number) : []
    const [waiting = 0, parked = 0, active = 0, sleeping = 0, retrying = 0, failed = 0, lagMs = 0] = numbers
    return { waiting, parked, active, sleeping, retrying, failed, lagMs }
  }

  async suspension(queue: string): Promise<Suspension | undefined> {
    const key = layout(this.#prefix).meta(queue)
    const [reason, since, missed] = await this.#redis.hmget(key, 'suspended', 'since', 'missed')
    if (reason !== 'full' && reason !== 'idle') return undefined
    return { reason, sinceAt: Number(since), missedCount: Number(missed ?? 0) }
  }

  async suspendIdle(queue: string): Promise<void> {
    const key = layout(this.#prefix).meta(queue)
    await this.#redis
      .multi()
      .hsetnx(key, 'suspended', 'idle')
      .hsetnx(key, 'since', this.#clock.wallAt())
      .exec()
  }

  async record(queue: string, eventId: string): Promise<EventRecord | undefined> {
    const found = await this.#redis.hgetall(layout(this.#prefix).record(queue, eventId))
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
    closeConnection(this.#redis)
  }
}
