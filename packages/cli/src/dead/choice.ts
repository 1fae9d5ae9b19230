import type { DeadLetterFilter } from '@holdfast/queue'
import { ProblemError, readDurationMs } from '@holdfast/runtime'

/** What the options of `holdfast dead` say about which letters are meant. */
export interface ChoiceFlags {
  readonly type?: string
  readonly reason?: string
  readonly 'older-than'?: string
  readonly limit?: string
}

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
  const ms = /^\d+[smhd]$/.test(text) ? readDurationMs(text) : undefined
  if (ms === undefined)
    throw new ProblemError('usage', `dead: --older-than is "${text}"; give a time as 30s, 15m, 2h or 7d`)
  return ms
}

function countOf(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw new ProblemError('usage', `dead: --limit is "${text}"; give a number from 1 on`)
}
