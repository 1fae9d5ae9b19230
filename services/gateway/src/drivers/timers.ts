import type { Clock, Timer } from '@holdfast/runtime'

/** A machine's timers by name; setting one replaces the one of the same name. */
export class Timers<Name extends string> {
  readonly #clock: Clock
  readonly #set = new Map<Name, Timer>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  set(name: Name, ms: number, onDue: () => void): void {
    this.#set.get(name)?.clear()
    const timer = this.#clock.setTimer(ms, () => {
      this.#set.delete(name)
      onDue()
    })
    this.#set.set(name, timer)
  }

  clear(name: Name): void {
    this.#set.get(name)?.clear()
    this.#set.delete(name)
  }

  clearAll(): void {
    for (const timer of this.#set.values()) timer.clear()
    this.#set.clear()
  }
}
