import type { StepKey } from './step-key.ts'
import { readResult, writeResult } from './step-result.ts'
import type { Steps } from './steps.ts'

/** How far a long work has come. Part of the job: an older value is replaced, and a worker that lost the job can't. */
export interface Checkpoint<T> {
  /** As last set, by this run or an earlier one; what JSON makes of it, and a copy each time. */
  get(): T | undefined
  /**
   * Resolves once it is recorded: JSON of at most 256 KiB. Once the job must stop it records first and rejects with
   * `JobAbortedError` then, so that a loop ends at a point from which the next run goes on.
   */
  set(value: T): Promise<void>
}

/** The checkpoint `key` of the job whose steps these are. */
export function createCheckpoint<T>(
  key: Extract<StepKey, `checkpoint:${string}`>,
  steps: Steps,
  signal: AbortSignal,
): Checkpoint<T> {
  return {
    get: () => {
      const text = steps.recorded(key)
      return text === undefined ? undefined : readResult<T>(text)
    },
    set: (value) =>
      steps.track(
        (async () => {
          steps.checkOpen(key)
          await steps.record(key, writeResult(key, value, steps.parentOf(key)))
          signal.throwIfAborted()
        })(),
      ),
  }
}
