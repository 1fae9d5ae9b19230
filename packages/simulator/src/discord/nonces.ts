import type { Clock } from '../clock.ts'
import type { DiscordBot } from './directory.ts'
import type { DiscordMessage } from './messages.ts'

/**
 * What each bot has posted with which nonce in "the past few minutes": with `enforce_nonce`, a repetition is answered
 * with the message that is there. Source: docs.discord.com, Create Message.
 */
export class Nonces {
  readonly #clock: Clock
  readonly #windowMs: number
  // In the order of posting, so the oldest come first.
  readonly #posted = new Map<string, { readonly message: DiscordMessage; readonly atMs: number }>()

  constructor(clock: Clock, windowMs: number) {
    this.#clock = clock
    this.#windowMs = windowMs
  }

  remember(bot: DiscordBot, nonce: string | number, message: DiscordMessage): void {
    this.#forgetOld()
    this.#posted.set(keyOf(bot, nonce), { message, atMs: this.#clock.monotonicMs() })
  }

  find(bot: DiscordBot, nonce: string | number): DiscordMessage | undefined {
    this.#forgetOld()
    return this.#posted.get(keyOf(bot, nonce))?.message
  }

  #forgetOld(): void {
    const before = this.#clock.monotonicMs() - this.#windowMs
    for (const [key, { atMs }] of this.#posted) {
      if (atMs > before) return
      this.#posted.delete(key)
    }
  }
}

function keyOf(bot: DiscordBot, nonce: string | number): string {
  return `${bot.id} ${nonce}`
}
