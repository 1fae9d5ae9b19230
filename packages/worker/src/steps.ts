import type { TakenJob } from '@holdfast/queue'
import { JobAbortedError, NonRetryableError, WorkerError } from './errors.ts'
import { readResult, writeResult } from './step-result.ts'

/** The remembered parts of one job. The keys are stored state: an older and a newer SDK read each other's. */
type StepKey = `step:${string}` | ReplyKey

/** Of a reply: its name, or its place in the order of the calls. */
export type ReplyKey = `reply:${string}` | `reply#${number}`

/** What of a job the steps need. */
type Remembered = Pick<TakenJob, 'steps' | 'recordStep' | 'readdedAt'>

/** Whether an effect outside began before. `again`: it may be there although its result is not. */
type Begun = { readonly kind: 'first' } | { readonly kind: 'again'; readonly beganAt: number }

const KEY = /^(?:(?:step|reply):.{1,200}|reply#\d+)$/s
const REPLY_KEY = /^reply[:#]/

/** The effect that only one reply of a job may have. */
const ANSWER = 'answer'

/** Stored state, as the keys are. */
interface BegunNote {
  readonly at: number
  /** Whose the answer is. */
  readonly by?: ReplyKey
  readonly withdrawn?: boolean
}

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

  /** Notes that `key` is about to have an effect outside. `first`: it never began before, in any run. */
  async begin(key: StepKey, at: number): Promise<Begun> {
    const note = this.#begun(key)
    if (note) return { kind: 'again', beganAt: note.at }
    await this.#record(begunKey(key), JSON.stringify({ at }))
    return this.#unnoted()
  }

  /** As `begin`, for the one answer that an interaction takes. `taken`: another reply of the job is or may be it. */
  async beginAnswer(key: ReplyKey, at: number): Promise<Begun | { readonly kind: 'taken' }> {
    const note = this.#begun(ANSWER)
    if (note) return note.by === key ? { kind: 'again', beganAt: note.at } : { kind: 'taken' }
    await this.#record(begunKey(ANSWER), JSON.stringify({ at, by: key }))
    return this.#unnoted()
  }

  /** Takes back what was noted as begun: the effect certainly did not happen. */
  async withdraw(effect: StepKey | typeof ANSWER): Promise<void> {
    const note = this.#begun(effect)
    if (note) await this.#record(begunKey(effect), JSON.stringify({ ...note, withdrawn: true }))
  }

  /** What the job's replies were recorded with. */
  get replies(): readonly unknown[] {
    return [...this.#recorded].flatMap(([key, text]) => (REPLY_KEY.test(key) ? [readResult(text)] : []))
  }

  /** How often this job waited for a platform. */
  get waitCount(): number {
    let count = 0
    while (this.#recorded.has(waitKey(count + 1))) count += 1
    return count
  }

  /** Remembers that the try that ends now was cut short by a platform, so that it spends no attempt. */
  async recordWait(): Promise<void> {
    await this.#record(waitKey(this.waitCount + 1), '{}')
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

  /** Without a note it never began, unless the notes of an earlier run were lost with their Redis. */
  #unnoted(): Begun {
    const { readdedAt } = this.#job
    return readdedAt === undefined ? { kind: 'first' } : { kind: 'again', beganAt: readdedAt }
  }

  #begun(effect: StepKey | typeof ANSWER): BegunNote | undefined {
    const text = this.#recorded.get(begunKey(effect))
    const note = text === undefined ? undefined : (JSON.parse(text) as BegunNote)
    return note?.withdrawn ? undefined : note
  }

  async #run<T>(key: StepKey, run: () => T | Promise<T>): Promise<T> {
    this.#claim(key)
    const known = this.#recorded.get(key)
    if (known !== undefined) return readResult<T>(known)
    this.#signal.throwIfAborted()
    const result = await this.#tryRun(key, run)
    const text = writeResult(key, result)
    await this.#record(key, text)
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
    if (!KEY.test(key)) {
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

  async #record(key: string, text: string): Promise<void> {
    if ((await this.#job.recordStep(key, text)) === 'lost-lock') throw new JobAbortedError('lost-lock')
    this.#recorded.set(key, text)
  }
}

const waitKey = (number: number) => `wait#${number}`

const begunKey = (effect: StepKey | typeof ANSWER) => `begun/${effect}`
