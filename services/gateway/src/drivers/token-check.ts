import type { Clock } from '@holdfast/runtime'
import { askShardCount } from '../shard-count.ts'
import type { DiscordApi } from './discord-api.ts'

/** Whoever waits for the answer has a unit to take over; a REST API that is away is nobody's reason not to. */
const ANSWER_WITHIN_MS = 3_000
/** All shards of a bot ask at once, and Discord counts what it refuses. */
const FRESH_MS = 10_000

/** Whether Discord takes the token of a bot, asked once for all of its shards that want to know at about the same time. */
export class TokenCheck {
  readonly #api: DiscordApi
  readonly #clock: Clock
  #answer: Promise<string | undefined> | undefined
  #askedMs = 0

  constructor(api: DiscordApi, clock: Clock) {
    this.#api = api
    this.#clock = clock
  }

  /** Why Discord refuses the token, and what a person must do; nothing where it takes it, or does not answer in time. Never rejects. */
  refusal(): Promise<string | undefined> {
    const nowMs = this.#clock.monotonicMs()
    if (!this.#answer || nowMs - this.#askedMs >= FRESH_MS) {
      this.#askedMs = nowMs
      this.#answer = this.#ask()
    }
    return this.#answer
  }

  async #ask(): Promise<string | undefined> {
    const answer = await askShardCount(this.#api, this.#clock, new AbortController().signal, ANSWER_WITHIN_MS)
    return answer.kind === 'refused' ? answer.why : undefined
  }
}
