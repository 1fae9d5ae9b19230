import type { CallBudget, CallRate } from '@holdfast/ownership'
import { callSlack, type SlackAnswer, type SlackApi } from './slack-api.ts'
import { tokenDigest } from './token-digest.ts'

/** What gives an address for one socket. */
export type AddressMethod = 'rtm.connect' | 'apps.connections.open'

/** Whose addresses they are, and how often they may be asked for. */
export interface SlackAddressesOptions {
  readonly api: SlackApi
  readonly method: AddressMethod
  readonly rate: CallRate
  /** One that always answers: a socket that drops while Redis is away must still be replaced. */
  readonly budget: CallBudget
}

/**
 * Addresses of sockets. Slack gives few a minute, and locks out whoever asks for more, so each call is taken from a budget
 * first, which outlives this process. Source: docs.slack.dev/apis/web-api/rate-limits
 */
export class SlackAddresses {
  readonly #options: SlackAddressesOptions
  readonly #key: string

  constructor(options: SlackAddressesOptions) {
    this.#options = options
    this.#key = `slack:${options.method}:${tokenDigest(options.api.token)}`
  }

  /** Asks once, if the budget allows it; else answers `budget_spent`. Never throws. */
  async ask(signal: AbortSignal): Promise<SlackAnswer> {
    const { api, method, rate, budget } = this.#options
    const grant = await budget.take(this.#key, rate)
    if (grant.kind === 'spent') return { ok: false, error: 'budget_spent', retryAfterMs: grant.waitMs }
    const answer = await callSlack(api, method, {}, signal)
    if (!answer.ok && answer.retryAfterMs !== undefined) void budget.block(this.#key, answer.retryAfterMs)
    return answer
  }
}
