import { type Clock, endsWithin } from '@holdfast/runtime'
import type { CallBudget, CallGrant } from './ports.ts'

/** A connection can hang without a sign of it: this long is Redis waited for. */
const ANSWER_WITHIN_MS = 1_000

/** Two budgets that count the same calls, and which of them can be asked. */
export interface OutageCallBudgetOptions {
  /** Counts over processes, as long as its Redis answers. */
  readonly shared: CallBudget
  /** Of this process alone; always answers. */
  readonly own: CallBudget
  /** Whether Redis answers, as far as is known: one that does not is not asked, since its commands would wait for it. */
  readonly answers: () => boolean
  readonly clock: Clock
}

/**
 * A budget that always answers, within a second: the shared one as long as Redis does, else what this process alone has
 * counted, calls granted by the shared one included. So an outage of Redis neither stops a connection from coming back
 * nor lets it call faster than the platform allows. After one, the shared count lacks what was called meanwhile: at most
 * one burst too many. It lives beside the budgets, since whoever counts in Redis has this question and one answer does.
 */
export function createOutageCallBudget(options: OutageCallBudgetOptions): CallBudget {
  const { shared, own, answers, clock } = options

  /** Nothing where Redis did not answer. */
  async function ask<T>(question: (budget: CallBudget) => Promise<T>): Promise<T | undefined> {
    if (!answers()) return undefined
    let answer: T | undefined
    const asked = question(shared).then(
      (given) => {
        answer = given
      },
      () => {}, // Redis refuses or went away: as good as no answer.
    )
    await endsWithin(clock, ANSWER_WITHIN_MS, asked)
    return answer
  }

  return {
    async take(key, rate): Promise<CallGrant> {
      const grant = await ask((budget) => budget.take(key, rate))
      if (grant?.kind === 'spent') return grant
      const alone = await own.take(key, rate)
      return grant ?? alone
    },
    async block(key, ms) {
      await own.block(key, ms)
      await ask((budget) => budget.block(key, ms))
    },
  }
}
