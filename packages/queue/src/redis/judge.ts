import type { Clock } from '@holdfast/runtime'
import type { Redis } from 'ioredis'
import { layout } from '../layout.ts'
import { SEE_REDIS, STRIKE } from '../lua/heartbeat.ts'
import { RECLAIM } from '../lua/sweep.ts'
import { type Registration, readRegistration } from '../registration.ts'
import { bears, connectedNames } from './connected-names.ts'
import type { ReturnedCount } from './death-notice.ts'
import { runScript } from './run-script.ts'

/**
 * Returns the jobs of dead workers. A worker is dead only if both hold: it has been silent for `SILENCE_MS` by Redis' own
 * clock, and no connection that bears its id is open. A blocked event loop is silent but connected; a worker that lost its
 * connection comes back within the time of silence, and one that beats while it is judged is left alone. Jobs are
 * returned by comparing with the dead worker's own lock tokens, so judges can't do it twice and a job that went on
 * meanwhile is not touched.
 *
 * After a restart of Redis or a change of master nobody is connected yet, so a judge holds back for `HOLD_BACK_MS` after
 * any reconnection of its own, and whenever Redis is another process than the one last seen; and a little while after Redis has stood
 * still, for everybody was silent then. Who has just started has lost
 * no connection, and judges at once: it may be the first of a pool whose workers all died.
 *
 * Where Redis does not list its clients, nobody is judged; who has been silent for `FORGET_MS` is struck from the books.
 */
const HOLD_BACK_MS = 15_000
/** In which all others have found a way back to a Redis that is there again. */
const RETURN_MS = 5_000
const LOOK_AGAIN_MS = 1_000
const FORGET_MS = 60_000

/** A worker that has fallen silent. */
export interface Suspect {
  readonly workerId: string
  /** Its last sign of life, as Redis stores it. */
  readonly lastBeat: string
  readonly silentMs: number
}

export interface JudgeOptions {
  readonly redis: Redis
  readonly prefix: string
  /** Takes back what a dead worker wished for, where that is not in the same place as its books. */
  readonly withdraw?: (workerId: string) => Promise<void>
  readonly clock: Clock
  readonly keepFailed: number
  /** A worker has died, and what it held is back on its queues; told by the one judge who returned it. */
  readonly onDeath?: (workerId: string, held: ReturnedCount) => void
  /** The judge can't see who is connected: only the backstop holds. Told again only after it could see in between. */
  readonly onBlind?: (why: string) => void
}

export class Judge {
  readonly #options: JudgeOptions
  #holdBackUntilMs = 0
  #blind = false

  constructor(options: JudgeOptions) {
    this.#options = options
  }

  /** False while it holds back: others may judge. */
  get willing(): boolean {
    return this.#options.clock.monotonicMs() >= this.#holdBackUntilMs
  }

  /** To be told of every reconnection. */
  holdBack(): void {
    this.#holdBackFor(HOLD_BACK_MS)
  }

  /**
   * To be told when Redis stood still, and nothing else happened: all are silent then, and who lost a connection meanwhile has not
   * been able to open another.
   */
  waitForOthers(): void {
    this.#holdBackFor(RETURN_MS)
  }

  /** Looks which Redis this is, and holds back if it has lately taken another's place. */
  async arrive(): Promise<void> {
    const { redis, prefix } = this.#options
    const info = await redis.info('server').catch(() => '')
    const runId = /run_id:(\w+)/.exec(info)?.[1] ?? 'unknown'
    const sinceMs = Number(await runScript(redis, SEE_REDIS, layout(prefix).redisRun, [runId]))
    if (sinceMs >= 0) this.#holdBackFor(HOLD_BACK_MS - sinceMs)
  }

  async judge(suspects: readonly Suspect[]): Promise<void> {
    const names = await this.#connectedNames()
    // A cut meanwhile: who was asked for before it may have been found after it, when nobody was back yet.
    if (names && !this.willing) return
    for (const suspect of suspects) {
      if (names && !names.some((name) => bears(name, suspect.workerId))) await this.#bury(suspect)
      else if (!names && suspect.silentMs > FORGET_MS) await this.#strike(suspect)
    }
  }

  #holdBackFor(ms: number): void {
    this.#holdBackUntilMs = Math.max(this.#holdBackUntilMs, this.#options.clock.monotonicMs() + ms)
  }

  async #connectedNames(): Promise<readonly string[] | undefined> {
    try {
      const names = await connectedNames(this.#options.redis)
      this.#blind = false
      return names
    } catch (error) {
      if (!this.#blind) this.#options.onBlind?.(error instanceof Error ? error.message : String(error))
      this.#blind = true
      this.#holdBackFor(LOOK_AGAIN_MS)
      return undefined
    }
  }

  /** Told to whoever struck it or returned something of it: other judges may be at the same. */
  async #bury(suspect: Suspect): Promise<void> {
    const { redis, prefix, onDeath } = this.#options
    const text = await redis.hget(layout(prefix).workers, suspect.workerId)
    // What a registration that can't be read would tell is not known: its jobs come back by the sweeper.
    const dead = readRegistration(text ?? '')
    const held = dead ? await this.#reclaim(suspect, dead) : NOTHING
    const struck = await this.#strike(suspect)
    if (struck || held.returned + held.dead > 0) onDeath?.(suspect.workerId, held)
  }

  async #reclaim({ workerId, lastBeat }: Suspect, dead: Registration): Promise<ReturnedCount> {
    const { redis, prefix, clock, keepFailed } = this.#options
    const names = layout(prefix)
    let held = NOTHING
    for (const queue of dead.queues) {
      const silence = [names.heartbeats, workerId, lastBeat]
      const args = [names.base(queue), clock.wallAt(), keepFailed, ...silence, ...dead.lockOwners]
      const found = readReturned(await runScript(redis, RECLAIM, names.meta(queue), args))
      held = { returned: held.returned + found.returned, dead: held.dead + found.dead }
    }
    return held
  }

  /** Out of the books, and its wishes with it. One that lives after all finds that out at its next beat. */
  async #strike({ workerId, lastBeat }: Suspect): Promise<boolean> {
    const { redis, prefix, withdraw } = this.#options
    // First: who lives after all declares itself again at once, and a wish that stayed would stay for ever.
    await withdraw?.(workerId)
    const { heartbeats, workers, wishers, wishes, wishesChannel } = layout(prefix)
    const args = [workerId, lastBeat, workers, wishers, wishes, wishesChannel]
    return (await runScript(redis, STRIKE, heartbeats, args)) === 1
  }
}

const NOTHING: ReturnedCount = { returned: 0, dead: 0 }

/** Reads {returned ids, ids of dead letters} as the scripts answer it. */
export function readReturned(reply: unknown): ReturnedCount {
  const [returned, dead] = Array.isArray(reply) ? reply : []
  const count = (ids: unknown) => (Array.isArray(ids) ? ids.length : 0)
  return { returned: count(returned), dead: count(dead) }
}
