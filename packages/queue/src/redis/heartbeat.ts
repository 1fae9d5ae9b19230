import type { Timer } from '@holdfast/runtime'
import { layout } from '../layout.ts'
import { BEAT } from '../lua/heartbeat.ts'
import type { Registration } from '../registration.ts'
import { Judge, type JudgeOptions, type Suspect } from './judge.ts'
import { runScript } from './run-script.ts'

/**
 * Fast return: each worker gives signs of life, and those who fell silent are judged (`Judge`), by one worker at a time.
 */
const BEAT_MS = 250
const SILENCE_MS = 900
/** For how long the silent are one judge's business. */
const TURN_MS = 200
/** A beat that took longer than this has met a Redis that stood still, or come over a way that did. */
const LATE_MS = 500

export interface HeartbeatOptions extends JudgeOptions {
  readonly self: Registration
}

export class Heartbeat {
  readonly #options: HeartbeatOptions
  readonly #judge: Judge
  #self: Registration
  #isNew = false
  #timer: Timer | undefined
  #beating: Promise<void> | undefined
  #stopped = false

  constructor(options: HeartbeatOptions) {
    this.#options = options
    this.#judge = new Judge(options)
    this.#self = options.self
  }

  /** Resolves when the worker is registered: from then on its death is noticed. */
  async start(): Promise<void> {
    await this.#judge.arrive()
    await this.#beat(false)
    this.#options.redis.on('ready', this.#return)
    this.#schedule()
  }

  /** What the books say of this worker is another from the next beat on. */
  register(self: Registration): void {
    this.#self = self
    this.#isNew = true
  }

  /** Takes itself out of the books, so that its silence is no death. */
  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    this.#timer?.clear()
    this.#options.redis.off('ready', this.#return)
    await this.#beating
    const { redis, prefix } = this.#options
    const self = this.#self
    if (redis.status !== 'ready') return
    // No transaction: a full Redis refuses any, though these two free memory.
    await redis
      .pipeline()
      .zrem(layout(prefix).heartbeats, self.workerId)
      .hdel(layout(prefix).workers, self.workerId)
      .exec()
      .catch(() => {})
  }

  readonly #return = (): void => {
    this.#judge.holdBack()
    this.#beatOnce()
  }

  #schedule(): void {
    if (this.#stopped) return
    this.#timer = this.#options.clock.setTimer(BEAT_MS, () => {
      this.#schedule()
      if (this.#options.redis.status === 'ready') this.#beatOnce()
    })
  }

  #beatOnce(): void {
    this.#beating ??= this.#beatAndJudge()
      // Redis went away, and the next beat is soon.
      .catch(() => {})
      .finally(() => {
        this.#beating = undefined
      })
  }

  async #beatAndJudge(): Promise<void> {
    const { clock } = this.#options
    const sinceMs = clock.monotonicMs()
    const suspects = await this.#beat(this.#judge.willing)
    if (clock.monotonicMs() - sinceMs > LATE_MS) this.#judge.waitForOthers()
    else if (suspects.length > 0) await this.#judge.judge(suspects)
  }

  /** A sign of life, and the way into the books for who is not in them: at first, when struck, when Redis lost its data. */
  async #beat(willing: boolean): Promise<readonly Suspect[]> {
    const { redis, prefix } = this.#options
    const self = this.#self
    const { heartbeats, workers, judging } = layout(prefix)
    const own = [self.workerId, workers, JSON.stringify(self)]
    const args = [...own, SILENCE_MS, willing ? 1 : 0, judging, TURN_MS, this.#isNew ? 1 : 0]
    const suspects = readSuspects(await runScript(redis, BEAT, heartbeats, args))
    if (self === this.#self) this.#isNew = false
    return suspects
  }
}

function readSuspects(reply: unknown): Suspect[] {
  const [now, silent] = Array.isArray(reply) ? reply : []
  const flat = Array.isArray(silent) ? silent.map(String) : []
  const ids = flat.filter((_, index) => index % 2 === 0)
  return ids.map((workerId, index) => {
    const lastBeat = flat[index * 2 + 1] ?? ''
    return { workerId, lastBeat, silentMs: Number(now) - Number(lastBeat) }
  })
}
