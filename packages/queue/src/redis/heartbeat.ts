import type { Clock, Timer } from '@holdfast/runtime'
import type { Redis } from 'ioredis'
import { layout } from '../layout.ts'
import { BEAT, RECLAIM, SEE_REDIS } from '../lua/sweep.ts'
import { runScript } from './run-script.ts'

/**
 * Fast return: each worker gives signs of life and judges those who fell silent.
 *
 * A worker is dead only if both hold: it has been silent for `SILENCE_MS` by Redis' own clock, and no connection that
 * bears its id is open. A blocked event loop is silent but connected; a worker that lost its connection comes back
 * within the time of silence. Its jobs are then returned by comparing with its own lock tokens, so judges can't do it
 * twice and a job that went on meanwhile is not touched.
 *
 * After a restart of Redis or a change of master nobody is connected yet, so a judge holds back for `HOLD_BACK_MS` after
 * any reconnection of its own, and whenever Redis is another process than the one last seen.
 */
const BEAT_MS = 250
const SILENCE_MS = 900
const HOLD_BACK_MS = 15_000

/** What a judge must know to return a dead worker's jobs. */
export interface Registration {
  readonly workerId: string
  readonly queues: readonly string[]
  /** What the lock tokens of its jobs begin with. */
  readonly lockOwners: readonly string[]
}

export interface HeartbeatOptions {
  readonly redis: Redis
  readonly prefix: string
  readonly clock: Clock
  readonly self: Registration
  readonly keepFailed: number
  readonly onReturned?: (workerId: string, jobIds: readonly string[], deadIds: readonly string[]) => void
  /** The judge can't see who is connected: only the backstop holds. */
  readonly onBlind?: (why: string) => void
}

export class Heartbeat {
  readonly #options: HeartbeatOptions
  #timer: Timer | undefined
  #beating: Promise<void> | undefined
  #stopped = false
  #holdBackUntilMs = 0
  #blind = false

  constructor(options: HeartbeatOptions) {
    this.#options = options
  }

  /** Resolves when the worker is registered: from then on its death is noticed. */
  async start(): Promise<void> {
    await this.#arrive(false)
    this.#options.redis.on('ready', this.#return)
    this.#schedule()
  }

  /** Takes itself out of the books, so that its silence is no death. */
  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    this.#timer?.clear()
    this.#options.redis.off('ready', this.#return)
    await this.#beating
    const { redis, prefix, self } = this.#options
    if (redis.status !== 'ready') return
    await redis
      .multi()
      .zrem(layout(prefix).heartbeats, self.workerId)
      .hdel(layout(prefix).workers, self.workerId)
      .exec()
      .catch(() => {})
  }

  readonly #return = (): void => {
    this.#holdBackFor(HOLD_BACK_MS)
    void this.#arrive(true).catch(() => {})
  }

  #holdBackFor(ms: number): void {
    this.#holdBackUntilMs = Math.max(this.#holdBackUntilMs, this.#options.clock.monotonicMs() + ms)
  }

  async #arrive(again: boolean): Promise<void> {
    const { redis, prefix, self } = this.#options
    if (!again) this.#holdBackFor(HOLD_BACK_MS - (await this.#sinceRedisChangedMs()))
    await redis.hset(layout(prefix).workers, self.workerId, JSON.stringify(self))
    await this.#beat()
  }

  /** How long ago Redis was found to be another process than before (restart, fail-over); endless if it never was. */
  async #sinceRedisChangedMs(): Promise<number> {
    const { redis, prefix } = this.#options
    const info = await redis.info('server').catch(() => '')
    const runId = /run_id:(\w+)/.exec(info)?.[1] ?? 'unknown'
    const sinceMs = Number(await runScript(redis, SEE_REDIS, layout(prefix).redisRun, [runId]))
    return sinceMs < 0 ? Number.POSITIVE_INFINITY : sinceMs
  }

  #schedule(): void {
    if (this.#stopped) return
    this.#timer = this.#options.clock.setTimer(BEAT_MS, () => {
      this.#schedule()
      if (this.#options.redis.status !== 'ready') return
      this.#beating ??= this.#beatAndJudge()
        .catch(() => {})
        .finally(() => {
          this.#beating = undefined
        })
    })
  }

  async #beat(): Promise<readonly string[]> {
    const { redis, prefix, self } = this.#options
    const reply = await runScript(redis, BEAT, layout(prefix).heartbeats, [self.workerId, SILENCE_MS])
    return Array.isArray(reply) && Array.isArray(reply[1]) ? reply[1].map(String) : []
  }

  async #beatAndJudge(): Promise<void> {
    const silent = await this.#beat()
    if (silent.length === 0 || this.#blind) return
    if (this.#options.clock.monotonicMs() < this.#holdBackUntilMs) return
    const names = await this.#connectedNames()
    for (const workerId of silent) {
      if (names && !names.some((name) => name.includes(workerId))) await this.#returnJobsOf(workerId)
    }
  }

  async #connectedNames(): Promise<readonly string[] | undefined> {
    try {
      const list = String(await this.#options.redis.client('LIST'))
      return [...list.matchAll(/ name=(\S*)/g)].map((match) => match[1] ?? '')
    } catch (error) {
      this.#blind = true
      this.#options.onBlind?.(error instanceof Error ? error.message : String(error))
      return undefined
    }
  }

  async #returnJobsOf(workerId: string): Promise<void> {
    const { redis, prefix } = this.#options
    const names = layout(prefix)
    const text = await redis.hget(names.workers, workerId)
    if (text !== null) await this.#reclaim(JSON.parse(text) as Registration)
    await redis
      .multi()
      .zrem(names.heartbeats, workerId)
      .hdel(names.workers, workerId)
      .hdel(names.wishers, workerId)
      .incr(names.wishes)
      .publish(names.wishesChannel, 'changed')
      .exec()
  }

  async #reclaim(dead: Registration): Promise<void> {
    const { redis, prefix, clock, keepFailed, onReturned } = this.#options
    const names = layout(prefix)
    for (const queue of dead.queues) {
      const args = [names.base(queue), clock.wallAt(), keepFailed, ...dead.lockOwners]
      const reply = await runScript(redis, RECLAIM, names.meta(queue), args)
      const [returned, condemned] = readReturned(reply)
      if (returned.length + condemned.length > 0) onReturned?.(dead.workerId, returned, condemned)
    }
  }
}

/** Reads {returned ids, ids of dead letters} as the scripts answer it. */
export function readReturned(reply: unknown): [returned: string[], dead: string[]] {
  const [returned, dead] = Array.isArray(reply) ? reply : []
  return [Array.isArray(returned) ? returned.map(String) : [], Array.isArray(dead) ? dead.map(String) : []]
}
