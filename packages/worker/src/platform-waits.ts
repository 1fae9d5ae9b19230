import { isStepKey } from './step-key.ts'
import { readFields } from './step-result.ts'
import type { Steps } from './steps.ts'

/** What a job waits for: the platform itself, or a person who sets its token right. */
export type WaitedFor = 'platform' | 'token'

/** Waits one after the other for the same thing, with nothing done between them. */
export interface WaitSeries {
  readonly for: WaitedFor
  /** When the first of them began (Unix ms). */
  readonly sinceAt: number
  readonly count: number
}

/**
 * Stored state, one note for all waits: an older SDK does not know it, and counts waits of its own. It is a note about the tries, so
 * the queue forgets it when a dead letter is retried.
 */
const KEY = 'tries/wait'

/** How an older SDK notes its waits: one note each, and each has spent an attempt of the queue. */
const OLDER = /^wait#\d+$/

type Notes = Pick<Steps, 'entries' | 'recorded' | 'note'>

/** How often a job has waited for a platform since it last got on. */
export class PlatformWaits {
  readonly #notes: Notes

  constructor(notes: Notes) {
    this.#notes = notes
  }

  /** Attempts that the queue has counted and that were waits. */
  get countedByQueue(): number {
    return this.#notes.entries.filter(([key]) => OLDER.test(key)).length
  }

  /** Absent where the job has not waited yet, or has finished a step since. */
  get series(): WaitSeries | undefined {
    const series = readSeries(this.#notes.recorded(KEY))
    return series?.steps === this.#stepCount ? series : undefined
  }

  /** Remembers that the try that ends now waits. */
  async add(waited: WaitedFor, nowAt: number): Promise<void> {
    const series = this.series
    const { sinceAt, count } = series?.for === waited ? series : { sinceAt: nowAt, count: 0 }
    await this.#notes.note(
      KEY,
      JSON.stringify({ for: waited, sinceAt, count: count + 1, steps: this.#stepCount }),
    )
  }

  /** Of what was done; notes are no progress. */
  get #stepCount(): number {
    return this.#notes.entries.filter(([key]) => isStepKey(key)).length
  }
}

/** What another version has written otherwise is as if it were not there. */
function readSeries(text: string | undefined): (WaitSeries & { readonly steps: number }) | undefined {
  if (text === undefined) return undefined
  const { for: waited, sinceAt, count, steps } = readFields(text)
  if (waited !== 'platform' && waited !== 'token') return undefined
  if (typeof sinceAt !== 'number' || typeof count !== 'number' || typeof steps !== 'number') return undefined
  return { for: waited, sinceAt, count, steps }
}
