import type { DeadLetterFilter } from '@holdfast/queue'
import { ProblemError } from '@holdfast/runtime'

/** What the options of `holdfast dead` say about which letters are meant. */
export interface ChoiceFlags {
  readonly type?: string
  readonly reason?: string
  readonly 'older-than'?: string
  readonly limit?: string
}

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** @throws {ProblemError} for a time or a number that is none. */
export function choiceOf(flags: ChoiceFlags, nowAt: number): DeadLetterFilter & { readonly limit?: number } {
  const { type, reason, 'older-than': age, limit } = flags
  return {
    ...(type === undefined ? {} : { type }),
    ...(reason === undefined ? {} : { reason }),
    ...(age === undefined ? {} : { diedBefore: nowAt - ageMs(age) }),
    ...(limit === undefined ? {} : { limit: countOf(limit) }),
  }
}

function ageMs(text: string): number {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? []
  if (unit !== 's' && unit !== 'm' && unit !== 'h' && unit !== 'd')
    throw new ProblemError('usage', `dead: --older-than is "${text}"; give a time as 30s, 15m, 2h or 7d`)
  return Number(count) * UNIT_MS[unit]
}

function countOf(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw new ProblemError('usage', `dead: --limit is "${text}"; give a number from 1 on`)
}
