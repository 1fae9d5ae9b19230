import type { Wait } from '@holdfast/queue'
import type { Clock } from '@holdfast/runtime'
import type { PauseKey } from './step-key.ts'
import type { Steps } from './steps.ts'

/** What a handler waits for, out of its slot: the end of a sleep, or an event until a deadline. */
export interface Pause<Result> {
  readonly key: PauseKey
  /** Unix ms. */
  readonly endsAt: number
  /** An earlier run began it: the job was suspended for it, as far as the clock of that worker goes. */
  readonly isOld: boolean
  /** For an event: which, and since when it may have come. */
  readonly awaited?: { readonly wait: Wait; readonly sinceAt: number }
  /** What it gives at `endsAt`, once that is recorded. */
  readonly end: () => Promise<Result>
  /** What it gives when an event was recorded for it. */
  readonly read: (text: string) => Result
}

/** A pause as the handler finds it: over, and since when, or to be waited for. */
export type Opening<Result> =
  | { readonly kind: 'over'; readonly at: number; readonly result: Result }
  | { readonly kind: 'open'; readonly pause: Pause<Result> }

/** What pauses are made with. */
export interface PauseParts {
  readonly steps: Pick<Steps, 'recorded' | 'note' | 'sinceAt'>
  readonly clock: Pick<Clock, 'wallAt'>
}
