import { HEARING_LENGTH, HEARING_TICK_MS, isDeaf, silentTickCount } from '@holdfast/protocol'
import type { Clock, Timer } from '@holdfast/runtime'

/** Resumes of a shard that is taken for deaf, at the most. */
const REMEDY_EVERY_MS = 300_000
/** After so many resumes without a dispatch since, its session is given up. */
const VAIN_RESUME_COUNT = 2

/** Called when a shard is deaf. `anew`: resuming it has not helped. */
export type OnDeaf = (anew: boolean) => void

/** How one shard tells what it hears. */
export interface HearingShard {
  /** A dispatch came that is neither READY nor RESUMED. */
  heard(): void
  /** It is connected from now on, or not any more. */
  connected(isConnected: boolean): void
  /** For how long it has heard nothing (milliseconds); undefined where it never has. */
  readonly silentMs: number | undefined
  /** It is served here no more. */
  leave(): void
}

/**
 * What the shards of one connection hear in this process, and which of them is deaf by comparison (`isDeaf`). A deaf one is told so at
 * most once in five minutes: twice to resume, then to begin anew; any dispatch in between begins the count again.
 */
export class ShardHearings {
  readonly #clock: Clock
  readonly #shards = new Set<Listener>()
  #timer: Timer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  join(onDeaf: OnDeaf): HearingShard {
    const listener = new Listener(this.#clock, onDeaf, () => this.#leave(listener))
    this.#shards.add(listener)
    this.#timer ??= this.#setTimer()
    return listener
  }

  #leave(listener: Listener): void {
    this.#shards.delete(listener)
    if (this.#shards.size > 0) return
    this.#timer?.clear()
    this.#timer = undefined
  }

  #setTimer(): Timer {
    return this.#clock.setTimer(HEARING_TICK_MS, () => {
      this.#timer = this.#setTimer()
      this.#judge()
    })
  }

  #judge(): void {
    const shards = [...this.#shards]
    for (const shard of shards) shard.tick()
    for (const shard of shards) {
      const peers = () => shards.filter((other) => other !== shard).map(({ hearing }) => hearing)
      if (silentTickCount(shard.hearing) > 0 && isDeaf(shard.hearing, peers())) shard.remedy()
    }
  }
}

/** One shard as its peers see it. */
class Listener implements HearingShard {
  readonly hearing: (number | null)[] = []
  readonly leave: () => void
  readonly #clock: Clock
  readonly #onDeaf: OnDeaf
  #heardCount = 0
  #isConnected = false
  /** Whether it was connected for all of the tick that runs. */
  #isWhole = false
  #lastHeardMs: number | undefined
  #remediedMs = Number.NEGATIVE_INFINITY
  #vainCount = 0

  constructor(clock: Clock, onDeaf: OnDeaf, leave: () => void) {
    this.#clock = clock
    this.#onDeaf = onDeaf
    this.leave = leave
  }

  get silentMs(): number | undefined {
    return this.#lastHeardMs === undefined ? undefined : this.#clock.monotonicMs() - this.#lastHeardMs
  }

  heard(): void {
    this.#heardCount += 1
    this.#vainCount = 0
    this.#lastHeardMs = this.#clock.monotonicMs()
  }

  connected(isConnected: boolean): void {
    this.#isConnected = isConnected
    this.#isWhole = false
  }

  tick(): void {
    this.hearing.push(this.#isWhole ? this.#heardCount : null)
    if (this.hearing.length > HEARING_LENGTH) this.hearing.shift()
    this.#heardCount = 0
    this.#isWhole = this.#isConnected
  }

  remedy(): void {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#remediedMs < REMEDY_EVERY_MS) return
    this.#remediedMs = nowMs
    // What it could not hear says nothing of what it usually does.
    const silentCount = silentTickCount(this.hearing)
    this.hearing.fill(null, this.hearing.length - silentCount)
    const anew = this.#vainCount >= VAIN_RESUME_COUNT
    this.#vainCount = anew ? 0 : this.#vainCount + 1
    this.#onDeaf(anew)
  }
}
