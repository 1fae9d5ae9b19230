import type { Clock, Service, Timer } from '@holdfast/runtime'

/** How often a replica says that it lives. */
const EVERY_MS = 1_000
/** While a hand-over waits for somebody's next word, should the news of it be lost. */
const EVERY_IN_HANDOVER_MS = 100
/** Several pieces of news are looked at together. */
const APART_MS = 20

/** What beats. */
export interface BeatOptions {
  /** One look at the whole. */
  readonly look: () => Promise<void>
  /** Whether a hand-over that concerns this replica is under way. */
  readonly inHandover: () => boolean
  readonly clock: Clock
}

/** Looks once a second, and soon after each nudge; never twice at once, and no two looks begin within 20 ms. */
export class Beat implements Service {
  readonly #options: BeatOptions
  #timer: Timer | undefined
  #looking: Promise<void> | undefined
  #beganMs = Number.NEGATIVE_INFINITY
  #nudged = false
  #phase: 'waiting' | 'beating' | 'stopped' = 'waiting'

  constructor(options: BeatOptions) {
    this.#options = options
  }

  /** Resolves after the first look. */
  async start(): Promise<void> {
    if (this.#phase !== 'waiting') return
    this.#phase = 'beating'
    await this.#look()
  }

  /** Looks soon. */
  nudge(): void {
    if (this.#phase !== 'beating') return
    if (this.#looking) this.#nudged = true
    else this.#lookIn(APART_MS)
  }

  /** Resolves after a look that began after this call, or at once where none will. */
  async lookNow(): Promise<void> {
    await this.#looking
    this.#timer?.clear()
    if (this.#phase === 'beating') await (this.#looking ?? this.#look())
  }

  /** Resolves when no look is under way. */
  async stop(): Promise<void> {
    this.#phase = 'stopped'
    this.#timer?.clear()
    await this.#looking
  }

  #lookIn(afterBeginMs: number): void {
    this.#timer?.clear()
    const dueMs = this.#beganMs + afterBeginMs - this.#options.clock.monotonicMs()
    this.#timer = this.#options.clock.setTimer(Math.max(0, dueMs), () => void this.#look())
  }

  #look(): Promise<void> {
    this.#nudged = false
    this.#beganMs = this.#options.clock.monotonicMs()
    this.#looking = this.#options.look().then(() => this.#onLooked())
    return this.#looking
  }

  #onLooked(): void {
    this.#looking = undefined
    if (this.#phase !== 'beating') return
    if (this.#nudged) return this.#lookIn(APART_MS)
    this.#lookIn(this.#options.inHandover() ? EVERY_IN_HANDOVER_MS : EVERY_MS)
  }
}
