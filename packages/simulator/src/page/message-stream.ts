import type { Clock, Timer } from '../clock.ts'
import type { StreamState } from './feed.ts'
import { streamLine } from './stream-lines.ts'

/** Says a line in one channel, as the person whose turn it is. `round` counts how often that channel had its turn. */
export type StreamVoice = (round: number, text: string) => void

// What a stream makes up for at most when the process was held up, such as by a laptop's sleep.
const CATCH_UP_MS = 5_000

type Pace =
  | { readonly kind: 'still' }
  /** Since `startedMs`, `saidCount` lines were said; `timer` runs until the next is due. */
  | {
      readonly kind: 'running'
      readonly perSecond: number
      startedMs: number
      saidCount: number
      timer: Timer
    }

/**
 * Numbered lines of several people, round robin over all channels, evenly paced. What is late is caught up, for the last
 * five seconds at most. Numbers go on over stops.
 */
export class MessageStream {
  readonly #clock: Clock
  readonly #voices: readonly StreamVoice[]
  #pace: Pace = { kind: 'still' }
  #sentCount = 0

  constructor(clock: Clock, voices: readonly StreamVoice[]) {
    this.#clock = clock
    this.#voices = voices
  }

  state(): StreamState {
    const perSecond = this.#pace.kind === 'running' ? this.#pace.perSecond : 0
    return { perSecond, sentCount: this.#sentCount }
  }

  /** Sets the pace; 0 stops. The first line comes one interval from now. */
  setPace(perSecond: number): void {
    if (this.#pace.kind === 'running') this.#pace.timer.clear()
    this.#pace = { kind: 'still' }
    if (perSecond === 0 || this.#voices.length === 0) return
    const startedMs = this.#clock.monotonicMs()
    const timer = this.#clock.setTimer(1_000 / perSecond, () => this.#sayDue())
    this.#pace = { kind: 'running', perSecond, startedMs, saidCount: 0, timer }
  }

  stop(): void {
    this.setPace(0)
  }

  #sayDue(): void {
    const pace = this.#pace
    if (pace.kind !== 'running') return
    this.#forgiveOld(pace)
    const everyMs = 1_000 / pace.perSecond
    const dueCount = Math.floor((this.#clock.monotonicMs() - pace.startedMs) / everyMs + 1e-6)
    for (; pace.saidCount < dueCount; pace.saidCount++) this.#say()
    const nextMs = pace.startedMs + (pace.saidCount + 1) * everyMs
    pace.timer = this.#clock.setTimer(Math.max(1, nextMs - this.#clock.monotonicMs()), () => this.#sayDue())
  }

  #forgiveOld(pace: Extract<Pace, { kind: 'running' }>): void {
    const dueMs = pace.startedMs + ((pace.saidCount + 1) * 1_000) / pace.perSecond
    const lateMs = this.#clock.monotonicMs() - dueMs
    if (lateMs > CATCH_UP_MS) pace.startedMs += lateMs - CATCH_UP_MS
  }

  #say(): void {
    const voice = this.#voices[this.#sentCount % this.#voices.length]
    const round = Math.floor(this.#sentCount / this.#voices.length)
    this.#sentCount += 1
    voice?.(round, streamLine(this.#sentCount))
  }
}
