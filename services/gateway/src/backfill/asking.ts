import type { CallBudget } from '@holdfast/ownership'
import { type Clock, sleep } from '@holdfast/runtime'
import { callWithin } from '../drivers/rest-call.ts'
import { unlessAborted } from '../waiting.ts'
import type { Account } from './debt.ts'
import type { Answer, PlatformAnswer, Question, Verdict } from './history.ts'
import type { Turns } from './turns.ts'

/** A platform that does not answer is asked again after a second, then twice as late each time, up to this. */
const LONGEST_BACKOFF_MS = 30_000
const FIRST_BACKOFF_MS = 1_000
/** An answer that takes longer will not come. */
const ANSWER_WITHIN_MS = 30_000

const OVER = { kind: 'over' } as const
const AWAY: Verdict = { kind: 'later' }

/** How much one gap may cost. */
export interface AskingBounds {
  readonly maxRequests: number
  readonly maxTimeMs: number
}

/** What asking takes. */
export interface AskingOptions {
  readonly bounds: AskingBounds
  /** What was spent before. */
  readonly account: Account
  /** Counted over all processes: what it grants, the platform takes. */
  readonly budget: CallBudget
  /** Who asks for the same budget waits in line. */
  readonly turns: Turns
  /** When each route takes something again (monotonic), where it does not now. Shared by all that is asked of one bot. */
  readonly rests: Map<string, number>
  readonly fetch: typeof fetch
  readonly clock: Clock
  /** Ends it: no request begins afterwards, and one that is under way is given up. */
  readonly signal: AbortSignal
  /** One more request is about to be made. False where it may not be: the debt is another's by now. Never rejects. */
  readonly charge: () => Promise<boolean>
}

/**
 * Puts questions to a platform for one gap, one at a time, within the budget of that gap, and as rarely as the platform wants.
 * Each request is charged before it is made, so that no death makes the gap cost more than it may.
 */
export class Asking {
  readonly #options: AskingOptions
  #requestCount: number
  /** Asked before the question that is being put. */
  #askedMs: number
  #sinceMs: number | undefined

  constructor(options: AskingOptions) {
    this.#options = options
    this.#requestCount = options.account.requestCount
    this.#askedMs = options.account.askedMs
  }

  /** What is spent by now. */
  get spent(): Pick<Account, 'requestCount' | 'askedMs'> {
    const { clock } = this.#options
    const sinceMs = this.#sinceMs === undefined ? 0 : clock.monotonicMs() - this.#sinceMs
    return { requestCount: this.#requestCount, askedMs: Math.round(this.#askedMs + sinceMs) }
  }

  /** See `Ask`. */
  readonly ask = async (question: Question): Promise<Answer> => {
    this.#sinceMs = this.#options.clock.monotonicMs()
    try {
      return await this.#askUntilAnswered(question)
    } finally {
      this.#askedMs = this.spent.askedMs
      this.#sinceMs = undefined
    }
  }

  async #askUntilAnswered(question: Question): Promise<Answer> {
    for (let backoffMs = FIRST_BACKOFF_MS; ; backoffMs = Math.min(2 * backoffMs, LONGEST_BACKOFF_MS)) {
      if (!(await this.#mayAsk(question))) return OVER
      const verdict = await this.#put(question)
      if (verdict.kind === 'answer') this.#rest(question.route, verdict.restMs)
      if (verdict.kind !== 'later') return verdict
      if (!(await this.#wait(await this.#hold(question, verdict, backoffMs)))) return OVER
    }
  }

  /** Waits until the platform takes it, and charges it. */
  async #mayAsk({ limit, route }: Question): Promise<boolean> {
    const { turns, rests, clock, signal, bounds, charge } = this.#options
    if (this.#requestCount >= bounds.maxRequests) return false
    if (!(await this.#wait((rests.get(route) ?? 0) - clock.monotonicMs()))) return false
    const turn = turns.take(limit.key, () => this.#granted(limit))
    if (!(await unlessAborted(signal, turn))) return false
    this.#requestCount += 1
    return charge()
  }

  async #granted({ key, rate }: Question['limit']): Promise<boolean> {
    const { budget } = this.#options
    while (await this.#wait(0)) {
      const grant = await budget.take(key, rate)
      if (grant.kind === 'granted') return true
      if (!(await this.#wait(grant.waitMs))) return false
    }
    return false
  }

  async #put(question: Question): Promise<Verdict> {
    const { clock, signal } = this.#options
    try {
      return question.judge(
        await callWithin(clock, ANSWER_WITHIN_MS, signal, (until) => this.#fetch(question, until)),
      )
    } catch {
      return AWAY
    }
  }

  async #fetch({ url, init }: Question, signal: AbortSignal): Promise<PlatformAnswer> {
    const response = await this.#options.fetch(url, { ...init, signal })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }

  /** How long to wait; lets others that ask know. */
  async #hold(
    { limit, route }: Question,
    { waitMs, holds }: Extract<Verdict, { kind: 'later' }>,
    backoffMs: number,
  ): Promise<number> {
    if (waitMs === undefined) return backoffMs
    if (holds === 'all') await this.#options.budget.block(limit.key, waitMs)
    else this.#rest(route, waitMs)
    return waitMs
  }

  #rest(route: string, ms = 0): void {
    const { rests, clock } = this.#options
    const nowMs = clock.monotonicMs()
    for (const [each, untilMs] of rests) if (untilMs <= nowMs) rests.delete(each)
    if (ms > 0) rests.set(route, nowMs + ms)
  }

  /** False where there is no time for it, or it was told to stop. */
  async #wait(ms: number): Promise<boolean> {
    const { clock, signal, bounds } = this.#options
    if (ms > bounds.maxTimeMs - this.spent.askedMs) return false
    if (ms > 0) await sleep(clock, ms, signal)
    return !signal.aborted
  }
}
