import type { TakenJob } from '@holdfast/queue'
import { JobAbortedError, NonRetryableError, WorkerError } from './errors.ts'
import { isStepKey, type StepKey } from './step-key.ts'
import { readResult, writeResult } from './step-result.ts'

/** What of a job the steps need. */
type Remembered = Pick<TakenJob, 'steps' | 'recordStep' | 'readdedAt'>

/**
 * Runs a handler's steps and remembers their results with the job. A step whose result is recorded is never run again;
 * one that failed, or whose worker died before the record, is.
 *
 * The result is what JSON makes of it, in the first run as in every later one.
 */
export class Steps {
  readonly #job: Remembered
  readonly #signal: AbortSignal
  /** Keys that run or finished in this run. */
  readonly #claimed = new Set<string>()
  readonly #running = new Set<Promise<unknown>>()
  readonly #recorded: Map<string, string>
  #ended = false

  constructor(job: Remembered, signal: AbortSignal) {
    this.#job = job
    this.#signal = signal
    this.#recorded = new Map(job.steps)
  }

  /**
   * The recorded result of `key`, or that of `run`, recorded before it is returned. Rejects with what `run` threw;
   * `step-name` when the key was used before in this run; `step-result` when the result is no JSON or too long;
   * `job-aborted` when the job must stop and the step had not begun, or its record was refused.
   */
  run<T>(key: StepKey, run: () => T | Promise<T>): Promise<T> {
    const running = this.#run(key, run)
    this.#running.add(running)
    const forget = () => this.#running.delete(running)
    running.then(forget, forget)
    return running
  }

  /** Where a change of Redis lost what earlier runs recorded: when the job was put on the queue again. */
  get readdedAt(): number | undefined {
    return this.#job.readdedAt
  }

  /** All that is recorded. */
  get entries(): readonly (readonly [string, string])[] {
    return [...this.#recorded]
  }

  /** What is recorded under `key`, by this run or an earlier one. */
  recorded(key: string): string | undefined {
    return this.#recorded.get(key)
  }

  /** Records a note of this package. `job-aborted` where it is refused, since the lock is lost. */
  async note(key: string, text: string): Promise<void> {
    if ((await this.#job.recordStep(key, text)) === 'lost-lock') throw new JobAbortedError('lost-lock')
    this.#recorded.set(key, text)
  }

  /** Waits for steps that the handler started and did not await. Yields the first failure among them. Never rejects. */
  async settled(): Promise<{ readonly error: unknown } | undefined> {
    let failure: { readonly error: unknown } | undefined
    while (this.#running.size > 0) {
      for (const ended of await Promise.allSettled(this.#running)) {
        if (ended.status === 'rejected') failure ??= { error: ended.reason }
      }
    }
    return failure
  }

  /** Refuses every further step: the job is no longer this handler's. */
  end(): void {
    this.#ended = true
  }

  async #run<T>(key: StepKey, run: () => T | Promise<T>): Promise<T> {
    this.#claim(key)
    const known = this.#recorded.get(key)
    if (known !== undefined) return readResult<T>(known)
    this.#signal.throwIfAborted()
    const result = await this.#tryRun(key, run)
    const text = writeResult(key, result)
    await this.note(key, text)
    return readResult<T>(text)
  }

  /** A step that failed may be tried again under its name. */
  async #tryRun<T>(key: StepKey, run: () => T | Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (error) {
      this.#claimed.delete(key)
      throw error
    }
  }

  #claim(key: StepKey): void {
    if (this.#ended) {
      throw new WorkerError(
        'job-ended',
        `${key}: the handler of this job has ended, or the job was given back`,
      )
    }
    if (!isStepKey(key)) {
      throw new NonRetryableError("a step's name is a text of 1 to 200 characters", undefined, 'step-name')
    }
    if (this.#claimed.has(key)) {
      throw new NonRetryableError(
        `${key} was used before in this handler: give each step a name of its own`,
        undefined,
        'step-name',
      )
    }
    this.#claimed.add(key)
  }
}
