import type { Log } from '@holdfast/runtime'
import type { Room } from './ports.ts'

/** How much may be unconfirmed. */
export interface UnconfirmedBound {
  readonly count: number
  readonly bytes: number
}

export interface UnconfirmedRoomOptions {
  readonly unconfirmed: () => UnconfirmedBound
  readonly bound: UnconfirmedBound
  readonly log: Log
}

/**
 * The room for what Redis has not confirmed: full from the moment the bound is reached until half of it is free, so that it
 * does not flicker. Told once each way.
 */
export class UnconfirmedRoom implements Room {
  readonly #options: UnconfirmedRoomOptions
  readonly #watchers = new Set<(full: boolean) => void>()
  #full = false

  constructor(options: UnconfirmedRoomOptions) {
    this.#options = options
  }

  get full(): boolean {
    return this.#full
  }

  watch(onChange: (full: boolean) => void): () => void {
    // Of its own, so that one function may watch twice.
    const watcher = (full: boolean) => onChange(full)
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  /** To be called whenever what is unconfirmed has changed. */
  look(): void {
    const { unconfirmed, bound, log } = this.#options
    const { count, bytes } = unconfirmed()
    const fields = { unconfirmedCount: count, unconfirmedBytes: bytes }
    if (!this.#full && (count >= bound.count || bytes >= bound.bytes)) {
      log.error(
        fields,
        'as much is unconfirmed as the bound allows: no more is taken until half of it is free; bring Redis back',
      )
      this.#turn(true)
    } else if (this.#full && count <= bound.count / 2 && bytes <= bound.bytes / 2) {
      log.info(fields, 'unconfirmed events are back within the bound')
      this.#turn(false)
    }
  }

  #turn(full: boolean): void {
    this.#full = full
    for (const onChange of [...this.#watchers]) onChange(full)
  }
}
