import { type Clock, randomHex } from '../clock.ts'
import type { SlackBot } from './directory.ts'

const LIFE_MS = 3_000

/** Why a trigger id opens nothing. Source: docs.slack.dev, views.open, Errors. */
export type TriggerRefusal = 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id'

/** Trigger ids: each opens one view of its app within three seconds. Source: docs.slack.dev, Handling user interaction. */
export class SlackTriggers {
  readonly #clock: Clock
  readonly #triggers = new Map<
    string,
    { readonly bot: SlackBot; readonly expiresMs: number; used: boolean }
  >()
  #count = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  issue(bot: SlackBot): string {
    this.#count += 1
    const id = `${this.#clock.wallAt()}${this.#count}.${this.#count}.${randomHex(this.#clock, 32)}`
    this.#forgetOld()
    this.#triggers.set(id, { bot, expiresMs: this.#clock.monotonicMs() + LIFE_MS, used: false })
    return id
  }

  /** Uses it up; answers why it can't be, where it can't. */
  exchange(bot: SlackBot, id: string): TriggerRefusal | undefined {
    const trigger = this.#triggers.get(id)
    if (trigger?.bot !== bot) return 'invalid_trigger_id'
    if (trigger.used) return 'exchanged_trigger_id'
    if (this.#clock.monotonicMs() >= trigger.expiresMs) return 'expired_trigger_id'
    trigger.used = true
    return undefined
  }

  /** Kept ten times as long as they are good, so that "expired" can be told from "invalid". */
  #forgetOld(): void {
    for (const [id, { expiresMs }] of this.#triggers) {
      if (this.#clock.monotonicMs() < expiresMs + 9 * LIFE_MS) return
      this.#triggers.delete(id)
    }
  }
}
