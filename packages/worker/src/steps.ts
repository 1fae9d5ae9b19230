import type { TakenJob } from '@holdfast/queue'
import { JobAbortedError, NonRetryableError, WorkerError } from './errors.ts'
import { currentStep, inStep } from './handler-scope.ts'
import { isStepKey, type StepKey } from './step-key.ts'
import { readParent, readResult, writeResult } from './step-result.ts'

/** What of a job the steps need. */
type Remembered = Pick<TakenJob, 'steps' | 'recordStep' | 'readdedAt' | 'lastStepAt' | 'stepBeforeAt'>

/** How a step ended: it ran and is recorded, an earlier run had recorded it, or what it ran threw. */
export type StepEnd = 'run' | 'skipped' | 'failed'

/** Steps of one job, so that no loop fills Redis. What is long or many belongs in a store of its own. */
const MAX_STEP_COUNT = 1_000
const MAX_STEPS_BYTES = 4 * 1024 * 1024

/**
 * Runs a handler's steps and remembers their results with the job. A step whose result is recorded is never run again;
 * one that failed, or whose worker died before the record, is.
 *
 * The result is what JSON makes of it, in the first run as in every later one.
 */
export class Steps {
  readonly #job: Remembered
  readonly #signal: AbortSignal
  readonly #observe: (result: StepEnd) => void
  /** Keys that run or finished in this run, with the step inside of which they do. */
  readonly #claimed = new Map<string, StepKey | undefined>()
  readonly #running = new Set<Promise<unknown>>()
  readonly #recorded: Map<string, string>
  /** How much of what is recorded are steps. */
  #stepCount = 0
  #stepBytes = 0
  #activity = 0
  #sinceAt: number
  #ended = false
  #tellLate: (key: string) => void = () => {}

  /** `observe` is told of each step that is asked for, once it has ended. */
  constructor(job: Remembered, signal: AbortSignal, observe: (result: StepEnd) => void = () => {}) {
    this.#job = job
    this.#observe = observe
    this.#signal = signal
    this.#recorded = new Map()
    for (const [key, text] of job.steps) this.learn(key, text)
    this.#sinceAt = job.stepBeforeAt
  }

  /**
   * The recorded result of `key`, or that of `run`, recorded before it is returned. Rejects with what `run` threw;
   * `step-name` when the key was used before in this run; `step-result` when the result is no JSON or too long;
   * `step-bound` when the job remembers too much; `job-aborted` when the job must stop and the step had not begun, or its
   * record was refused.
   */
  run<T>(key: StepKey, run: () => T | Promise<T>): Promise<T> {
    return this.track(this.#run(key, run))
  }

  /** Counts `work` among the steps that run, until it ends. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work)
    const forget = () => this.#running.delete(work)
    work.then(forget, forget)
    return work
  }

  /** Whether nothing runs that is to be recorded. */
  get isIdle(): boolean {
    return this.#running.size === 0
  }

  /** Rises with all that the handler asks for. */
  get activity(): number {
    return this.#activity
  }

  /**
   * Since when an event may answer the last step: what was recorded before it began, in whatever run, was recorded by then (Unix
   * ms, of the queue).
   */
  get sinceAt(): number {
    return this.#sinceAt
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

  /** The step inside of which this run took `key`. */
  parentOf(key: StepKey): StepKey | undefined {
    return this.#claimed.get(key)
  }

  /** Records a note of this package. `job-aborted` where it is refused, since the lock is lost. */
  async note(key: string, text: string): Promise<void> {
    if ((await this.#job.recordStep(key, text)) === 'lost-lock') throw new JobAbortedError('lost-lock')
    this.learn(key, text)
  }

  /** Takes note of what the queue has recorded under `key`. */
  learn(key: string, text: string): void {
    if (isStepKey(key)) {
      this.#stepCount += this.#recorded.has(key) ? 0 : 1
      this.#stepBytes += this.#growth(key, text)
    }
    this.#recorded.set(key, text)
  }

  /** What earlier runs recorded and this one did not ask for; without what is inside of a step that it did not have to run. */
  get unasked(): readonly string[] {
    return [...this.#job.steps].flatMap(([key, text]) => {
      if (!isStepKey(key) || this.#claimed.has(key)) return []
      const parent = readParent(text)
      return parent !== undefined && this.#claimed.has(parent) ? [] : [key]
    })
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

  /** Refuses every further step: the job is no longer this handler's. `tellLate` is told of each that is asked for all the same. */
  end(tellLate: (key: string) => void = () => {}): void {
    this.#ended = true
    this.#tellLate = tellLate
  }

  async #run<T>(key: StepKey, run: () => T | Promise<T>): Promise<T> {
    this.claim(key)
    if (typeof run !== 'function') throw noFunction(key, run)
    const known = this.#recorded.get(key)
    if (known !== undefined) {
      this.#observe('skipped')
      return readResult<T>(known)
    }
    this.#signal.throwIfAborted()
    // Of steps that run beside each other, the first.
    if (this.isIdle) this.#sinceAt = this.#job.lastStepAt
    const result = await this.#tryRun(key, run)
    const text = writeResult(key, result, this.#claimed.get(key))
    await this.record(key, text)
    this.#observe('run')
    return readResult<T>(text)
  }

  /** Records the result of a step. Throws `step-bound` where the job would remember too much. */
  async record(key: StepKey, text: string): Promise<void> {
    this.#checkBytes(key, text)
    await this.note(key, text)
  }

  /** A step that failed may be tried again under its name, and so may those inside of it. */
  async #tryRun<T>(key: StepKey, run: () => T | Promise<T>): Promise<T> {
    try {
      return await inStep(key, run)
    } catch (error) {
      this.#observe('failed')
      this.#claimed.delete(key)
      for (const [inner, outer] of this.#claimed) if (outer === key) this.#claimed.delete(inner)
      throw error
    }
  }

  /** Throws `job-ended` where nothing of the handler is recorded any more. */
  checkOpen(key: string): void {
    if (!this.#ended) return
    this.#tellLate(key)
    throw new WorkerError(
      'job-ended',
      `${key}: the handler of this job has ended, or was put away, or the job was given back`,
    )
  }

  /** Takes a key for this run. Throws `job-ended`, `step-name` or `step-bound`. */
  claim(key: StepKey): void {
    this.checkOpen(key)
    this.#activity += 1
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
    if (!this.#recorded.has(key) && this.#stepCount >= MAX_STEP_COUNT)
      throw tooMuch(key, `${MAX_STEP_COUNT} steps`)
    this.#claimed.set(key, currentStep())
  }

  #checkBytes(key: StepKey, text: string): void {
    if (this.#stepBytes + this.#growth(key, text) > MAX_STEPS_BYTES) {
      throw tooMuch(key, `${MAX_STEPS_BYTES} bytes of results`)
    }
  }

  #growth(key: string, text: string): number {
    return Buffer.byteLength(text) - Buffer.byteLength(this.#recorded.get(key) ?? '')
  }
}

/** As untyped code may give it. What `ctx.step('name', work())` has begun would begin in every run: nobody is to rely on it. */
function noFunction(key: StepKey, found: unknown): NonRetryableError {
  const isBegun = found instanceof Promise
  if (isBegun) found.catch(() => {})
  return new NonRetryableError(
    `${key} was given ${isBegun ? 'work that has begun' : `a value of type ${typeof found}`}, not a function: ctx.step(name, () => …)`,
    undefined,
    'step-function',
  )
}

function tooMuch(key: StepKey, bound: string): NonRetryableError {
  return new NonRetryableError(
    `${key} can't be remembered: this job remembers ${bound} already; keep them in a store of your own, or use a ctx.checkpoint`,
    undefined,
    'step-bound',
  )
}
