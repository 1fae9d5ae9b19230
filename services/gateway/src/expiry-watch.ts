import type { Subscription, SubscriptionAdmin } from '@holdfast/queue'
import { type Clock, endsWithin, type Log, type Service, type Timer } from '@holdfast/runtime'

const LOOK_EVERY_MS = 15_000

/** Longer than a removal takes while Redis answers. */
const END_WITHIN_MS = 5_000

type Admin = Pick<SubscriptionAdmin, 'removeExpired' | 'stop'>

export interface ExpiryWatchOptions {
  readonly subscriptions: () => readonly Subscription[]
  /** Called once, when there is a subscription for development: most gateways never see one. */
  readonly openAdmin: () => Admin
  readonly clock: Clock
  readonly log: Log
}

/**
 * Removes subscriptions for development that have been without a worker for too long. Any number of gateways may look: each removal
 * is decided in Redis. While Redis is away nothing is.
 */
export class ExpiryWatch implements Service {
  readonly #options: ExpiryWatchOptions
  #admin: Admin | undefined
  #timer: Timer | undefined
  #looking: Promise<void> | undefined
  #stopped = false

  constructor(options: ExpiryWatchOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    if (this.#timer) return
    this.#lookLater()
  }

  /** What is being removed is removed to its end: nobody would look for the queues of a subscription that is no more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.clear()
    if (this.#looking) await endsWithin(this.#options.clock, END_WITHIN_MS, this.#looking)
    await this.#admin?.stop()
  }

  /** Never rejects; one look at a time. */
  look(): Promise<void> {
    this.#looking ??= this.#removeExpired()
      .catch(() => {}) // Redis is away, or was stopped: the next look finds out.
      .finally(() => {
        this.#looking = undefined
      })
    return this.#looking
  }

  #lookLater(): void {
    if (this.#stopped) return
    this.#timer = this.#options.clock.setTimer(LOOK_EVERY_MS, () => {
      this.#lookLater()
      void this.look()
    })
  }

  async #removeExpired(): Promise<void> {
    const { subscriptions, openAdmin, log } = this.#options
    if (!subscriptions().some(({ devExpiryMs }) => devExpiryMs !== undefined)) return
    this.#admin ??= openAdmin()
    for (const subscription of await this.#admin.removeExpired())
      log.info(
        { subscription },
        'removed a subscription for development that has been without a worker for too long',
      )
  }
}
