import type { Checkpoint, CheckpointStore } from '@holdfast/ownership'
import type { Clock, Timer } from '@holdfast/runtime'

/** Whose checkpoint is kept, and where. */
export interface CheckpointKeeperOptions {
  readonly store: Pick<CheckpointStore, 'save'>
  readonly unit: string
  readonly fence: number
  readonly clock: Clock
  /** How long changes are gathered before a write. */
  readonly intervalMs: number
  /** What to write now; nothing where there is nothing to say yet. */
  readonly snapshot: () => Checkpoint | undefined
  /** Someone else holds the unit. Called once; nothing is written after it. */
  readonly onRefused: () => void
  /** A write failed; it is tried again until one succeeds. Called once per outage. */
  readonly onFailed: (error: unknown) => void
  /**
   * What has changed can't be stored at present: a write has failed, or waits for Redis. Called as often as it would be
   * written otherwise.
   */
  readonly onLate?: () => void
  /** It is stored. Called after each write. */
  readonly onStored?: () => void
}

/** A write that takes longer waits for Redis. */
const LATE_MS = 250

/**
 * Writes a unit's checkpoint: within `intervalMs` of a change, at most one write in flight, the latest state wins. What
 * is stored is therefore never ahead of the truth, and never far behind while Redis answers. While it does not, says so.
 */
export class CheckpointKeeper {
  readonly #options: CheckpointKeeperOptions
  #changed = false
  #failing = false
  #ended = false
  #timer: Timer | undefined
  #writing: Promise<void> | undefined
  /** A write takes too long or has failed, and none has ended since. */
  #late = false
  #lateTimer: Timer | undefined

  constructor(options: CheckpointKeeperOptions) {
    this.#options = options
  }

  /** The checkpoint has changed. Cheap: call it for every event. */
  touch(): void {
    this.#changed = true
    this.#schedule()
    if (this.#late) this.#tellLate(this.#options.intervalMs)
  }

  /** Whether what has changed can't be stored at present. */
  get late(): boolean {
    return this.#late
  }

  /** Writes what has changed, now. Resolves when it is written, refused or has failed. */
  async flush(): Promise<void> {
    this.#clearTimer()
    await this.#writing
    this.#clearTimer()
    if (this.#changed && !this.#ended) await this.#begin()
  }

  /** Nothing is begun any more. */
  stop(): void {
    this.#ended = true
    this.#clearTimer()
    this.#clearLate()
  }

  #schedule(): void {
    if (this.#ended || this.#timer || this.#writing) return
    const { clock, intervalMs } = this.#options
    this.#timer = clock.setTimer(intervalMs, () => {
      this.#timer = undefined
      this.#begin()
    })
  }

  #begin(): Promise<void> {
    this.#changed = false
    if (!this.#late) this.#tellLate(LATE_MS)
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined
      if (this.#changed) this.#schedule()
    })
    return this.#writing
  }

  async #write(): Promise<void> {
    const { store, unit, fence, snapshot } = this.#options
    const checkpoint = snapshot()
    if (!checkpoint) return this.#clearLate()
    try {
      const result = await store.save(unit, fence, checkpoint)
      this.#failing = false
      this.#clearLate()
      this.#late = false
      if (result === 'refused') this.#refused()
      else this.#options.onStored?.()
    } catch (error) {
      this.#changed = true
      if (!this.#failing) this.#options.onFailed(error)
      this.#failing = true
    }
  }

  #refused(): void {
    if (this.#ended) return
    this.stop()
    this.#options.onRefused()
  }

  /** Within `ms`, unless it is stored before that. */
  #tellLate(ms: number): void {
    if (this.#ended) return
    this.#lateTimer ??= this.#options.clock.setTimer(ms, () => {
      this.#lateTimer = undefined
      this.#late = true
      this.#options.onLate?.()
    })
  }

  #clearLate(): void {
    this.#lateTimer?.clear()
    this.#lateTimer = undefined
  }

  #clearTimer(): void {
    this.#timer?.clear()
    this.#timer = undefined
  }
}
