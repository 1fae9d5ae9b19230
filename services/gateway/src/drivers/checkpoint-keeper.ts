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
}

/**
 * Writes a unit's checkpoint: within `intervalMs` of a change, at most one write in flight, the latest state wins. What
 * is stored is therefore never ahead of the truth, and never far behind while Redis answers.
 */
export class CheckpointKeeper {
  readonly #options: CheckpointKeeperOptions
  #changed = false
  #failing = false
  #ended = false
  #timer: Timer | undefined
  #writing: Promise<void> | undefined

  constructor(options: CheckpointKeeperOptions) {
    this.#options = options
  }

  /** The checkpoint has changed. Cheap: call it for every event. */
  touch(): void {
    this.#changed = true
    this.#schedule()
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
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined
      if (this.#changed) this.#schedule()
    })
    return this.#writing
  }

  async #write(): Promise<void> {
    const { store, unit, fence, snapshot } = this.#options
    const checkpoint = snapshot()
    if (!checkpoint) return
    try {
      const result = await store.save(unit, fence, checkpoint)
      this.#failing = false
      if (result === 'refused') this.#refused()
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

  #clearTimer(): void {
    this.#timer?.clear()
    this.#timer = undefined
  }
}
