import type { Gap } from '@holdfast/events'
import { asObject, parseObject } from '@holdfast/protocol'

/** What was spent on filling in one gap. */
export interface Account {
  readonly requestCount: number
  readonly messageCount: number
  /** How long the platform was asked, waiting for its limits included. */
  readonly askedMs: number
}

/** A gap that is owed, and how far it is filled in: all that the next process needs to go on. */
export interface Debt {
  readonly gap: Gap
  readonly account: Account
  /** Ids of the conversations that are done. */
  readonly done: readonly string[]
  /** The conversation that is being filled in, and the last message that is confirmed of it. `isCut`: others before that one could not be had. */
  readonly current?: { readonly id: string; readonly position: string; readonly isCut?: boolean }
  /** In how many conversations something had to be left out. */
  readonly leftOutCount: number
  /** Up to when the gap is too old for its history to be read (Unix milliseconds). */
  readonly cutAt?: number
}

const NOTHING_SPENT: Account = { requestCount: 0, messageCount: 0, askedMs: 0 }

/** A gap that has just been announced. */
export function newDebt(gap: Gap): Debt {
  return { gap, account: NOTHING_SPENT, done: [], leftOutCount: 0 }
}

/** The debt as it is written down. */
export function encodeDebt(debt: Debt): string {
  return JSON.stringify(debt)
}

/** The debt in `text`, with what it does not know kept, or undefined for what this version can't use. */
export function decodeDebt(text: string): Debt | undefined {
  const debt = parseObject(text)
  const [gap, account] = [asObject(debt?.gap), asObject(debt?.account)]
  const numbers = [gap?.from, gap?.to, account?.requestCount, account?.messageCount, account?.askedMs]
  const texts = [gap?.platform, gap?.connection, gap?.bot, gap?.why]
  const isDebt =
    [...numbers, debt?.leftOutCount].every(Number.isFinite) &&
    texts.every((text) => typeof text === 'string') &&
    Array.isArray(debt?.done)
  return isDebt ? (debt as unknown as Debt) : undefined
}
