import type { Machine } from '@holdfast/protocol'
import type { Clock } from '@holdfast/runtime'

/**
 * Runs a machine: one input at a time, its effects in order, the next input only after them. An input that arises
 * while effects are performed waits its turn, so that no effect ever sees a state newer than the one it belongs to.
 */
export class MachineLoop<State, Input, Effect> {
  readonly #machine: Machine<State, Input, Effect>
  readonly #perform: (effect: Effect) => void
  readonly #clock: Clock
  readonly #waiting: Input[] = []
  #state: State
  #running = false

  constructor(
    machine: Machine<State, Input, Effect>,
    state: State,
    clock: Clock,
    perform: (effect: Effect) => void,
  ) {
    this.#machine = machine
    this.#state = state
    this.#clock = clock
    this.#perform = perform
  }

  get state(): State {
    return this.#state
  }

  feed(input: Input): void {
    this.#waiting.push(input)
    if (this.#running) return
    this.#running = true
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
        this.#step(next)
    } finally {
      this.#running = false
    }
  }

  #step(input: Input): void {
    const { state, effects } = this.#machine(this.#state, input, this.#clock.random())
    this.#state = state
    for (const effect of effects) this.#perform(effect)
  }
}
