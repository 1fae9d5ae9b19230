import type { Clock, Timer } from '@holdfast/runtime'

/** What a pulse needs of a connection; a client of ioredis is one, BullMQ's too. */
export interface Pulsing {
  readonly status: string
  get(key: string): Promise<unknown>
  disconnect(reconnect: boolean): void
}

export interface PulseOptions {
  /** An open connection that says nothing for this long, though it is asked, is closed and opened again. */
  readonly silentMs: number
  /** What it is asked for; any answer will do. */
  readonly key: string
  readonly clock: Clock
}

/** An answer may be missing this often. Counted, not timed: after a blocked event loop answers are read before it counts on. */
const QUESTIONS = 5

const LEAST_MS = 1_000

/** A silent connection is noticed while there is still time to renew the locks over another. */
export const silentMsFor = (lockMs: number): number => Math.max(LEAST_MS, lockMs / 3)

/**
 * Notices a connection that is open and dead: its other end vanished without a word (a cable, a machine, a firewall that
 * forgot), or Redis is frozen. The kernel alone would take a quarter of an hour, in which commands wait for an answer.
 */
export class Pulse {
  readonly #options: PulseOptions
  #timer: Timer | undefined
  #asking = false
  #unansweredCount = 0

  constructor(options: PulseOptions) {
    this.#options = options
  }

  start(connection: Pulsing): void {
    this.#timer = this.#options.clock.setTimer(this.#options.silentMs / QUESTIONS, () => {
      this.start(connection)
      this.#feel(connection)
    })
  }

  stop(): void {
    this.#timer?.clear()
  }

  #feel(connection: Pulsing): void {
    const { status } = connection
    // While it is opened, `connectTimeout` watches; once open, nobody does until the first answer.
    if (status !== 'ready' && status !== 'connect') {
      this.#unansweredCount = 0
      return
    }
    if (this.#unansweredCount >= QUESTIONS) {
      this.#unansweredCount = 0
      connection.disconnect(true)
      return
    }
    this.#unansweredCount += 1
    if (status === 'ready') this.#ask(connection)
  }

  /** One question at a time: what has no answer yet waits for it, also over a reconnection. */
  #ask(connection: Pulsing): void {
    if (this.#asking) return
    this.#asking = true
    const answered = () => {
      this.#asking = false
      this.#unansweredCount = 0
    }
    connection.get(this.#options.key).then(answered, answered)
  }
}
