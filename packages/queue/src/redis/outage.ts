import { type Clock, messageOf } from '@holdfast/runtime'

export interface OutageOptions {
  /** For people: where Redis is, without a password. */
  readonly place: string
  readonly clock: Clock
  readonly tell: (code: 'redis-away' | 'redis-back' | 'connection', message: string) => void
}

/** What is repeated within this time is one trouble. */
const SAME_MS = 60_000

/**
 * Tells of an outage of Redis once when it begins and once when it is over, however many connections are tried in vain
 * meanwhile; and of what a Redis that is there refuses, once until it has let a minute pass without it.
 */
export class Outage {
  readonly #options: OutageOptions
  readonly #refusals = new Map<string, number>()
  #sinceMs: number | undefined
  #over = false

  constructor(options: OutageOptions) {
    this.#options = options
  }

  begins(): void {
    if (this.#over || this.#sinceMs !== undefined) return
    this.#sinceMs = this.#options.clock.monotonicMs()
    const { place, tell } = this.#options
    tell('redis-away', `Redis at ${place} is away. Running jobs go on; what becomes of them waits for it.`)
  }

  ends(): void {
    if (this.#sinceMs === undefined) return
    const { place, clock, tell } = this.#options
    const seconds = Math.ceil((clock.monotonicMs() - this.#sinceMs) / 1_000)
    this.#sinceMs = undefined
    this.#refusals.clear()
    tell(
      'redis-back',
      `Redis at ${place} is back after ${seconds} s. Locks are taken again, and jobs are taken.`,
    )
  }

  /** An error of any of the connections. What the loss of one makes the system say is the outage itself. */
  error(error: unknown): void {
    if (this.#over || this.#sinceMs !== undefined || isLoss(error)) return
    const { clock, tell } = this.#options
    const message = messageOf(error)
    const lastMs = this.#refusals.get(message)
    this.#refusals.set(message, clock.monotonicMs())
    if (lastMs === undefined || clock.monotonicMs() - lastMs > SAME_MS) tell('connection', message)
  }

  /** From now on a connection that goes was closed. */
  stop(): void {
    this.#over = true
  }
}

/** Errors of the operating system name the call that failed. */
const isLoss = (error: unknown): boolean => error instanceof Error && 'syscall' in error
