import { createHash } from 'node:crypto'
import { type CallBudget, type CallGrant, type CallRate, createMemoryCallBudget } from '@holdfast/ownership'
import { type Clock, sleep } from '@holdfast/runtime'
import { callSlack, type SlackAnswer, type SlackApi } from './slack-api.ts'

/** What gives an address for one socket. */
export type AddressMethod = 'rtm.connect' | 'apps.connections.open'

/** Whose addresses they are, and how often they may be asked for. */
export interface SlackAddressesOptions {
  readonly api: SlackApi
  readonly method: AddressMethod
  readonly rate: CallRate
  /** Counted over all replicas and restarts. */
  readonly budget: CallBudget
  readonly clock: Clock
}

/** A Redis that hangs must not keep a bot offline. */
const BUDGET_TIMEOUT_MS = 1_000

/**
 * Addresses of sockets. Slack gives few a minute, and locks out whoever asks for more, so each call is taken from a budget
 * first. While Redis is away, what this process itself has called since it started stands in for it: a socket that drops
 * then must still be replaced.
 * Source: docs.slack.dev/apis/web-api/rate-limits
 */
export class SlackAddresses {
  readonly #options: SlackAddressesOptions
  readonly #own: CallBudget
  readonly #key: string

  constructor(options: SlackAddressesOptions) {
    this.#options = options
    this.#own = createMemoryCallBudget(options.clock)
    this.#key = `slack:${options.method}:${hashOf(options.api.token)}`
  }

  /** Asks once, if the budget allows it; else answers `budget_spent`. Never throws. */
  async ask(signal: AbortSignal): Promise<SlackAnswer> {
    const { api, method } = this.#options
    const grant = await this.#take(signal)
    if (grant.kind === 'spent') return { ok: false, error: 'budget_spent', retryAfterMs: grant.waitMs }
    const answer = await callSlack(api, method, {}, signal)
    if (!answer.ok && answer.retryAfterMs !== undefined) this.#block(answer.retryAfterMs)
    return answer
  }

  /** Both are asked, so that the own one knows of every call when it is needed. */
  async #take(signal: AbortSignal): Promise<CallGrant> {
    const { budget, rate } = this.#options
    const [common, own] = await Promise.all([
      this.#inTime(budget.take(this.#key, rate), signal),
      this.#own.take(this.#key, rate),
    ])
    return common ?? own
  }

  #block(ms: number): void {
    // Where Redis does not take it, the own one keeps this process away, and Slack tells the others.
    this.#options.budget.block(this.#key, ms).catch(() => {})
    void this.#own.block(this.#key, ms)
  }

  /** Nothing where Redis does not answer. */
  async #inTime<Answer>(asked: Promise<Answer>, signal: AbortSignal): Promise<Answer | undefined> {
    const ended = new AbortController()
    const either = AbortSignal.any([signal, ended.signal])
    const late = sleep(this.#options.clock, BUDGET_TIMEOUT_MS, either).then(() => undefined)
    return Promise.race([asked.catch(() => undefined), late]).finally(() => ended.abort())
  }
}

/** What tells one token from another, and not the token. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url').slice(0, 22)
}
