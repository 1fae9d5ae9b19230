import type { AbortReason } from '@holdfast/queue'

/** What a `WorkerError` is about. */
export type WorkerErrorCode =
  | 'not-retryable'
  | 'retry-at'
  | 'discarded'
  | 'job-aborted'
  | 'job-ended'
  | 'step-name'
  | 'step-result'
  | 'step-bound'
  | 'step-function'
  | 'step-nested'
  | 'duration'
  | 'wait-pattern'
  | 'wait-where'
  | 'wait-option'
  | 'missing-token'
  | 'token-refused'
  | 'reply-unsupported'
  | 'reply-refused'
  | 'reply-uncertain'
  | 'reply-late'
  | 'platform-wait'

/** Every error that a handler meets from this package. Decide on `code`, never on the message. */
export class WorkerError extends Error {
  readonly code: WorkerErrorCode
  override readonly name: string = 'WorkerError'

  constructor(code: WorkerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/**
 * Thrown by a handler whose failure another attempt can't mend: the job becomes a dead letter at once.
 * `code` is for this package's own reasons; leave it out.
 */
export class NonRetryableError extends WorkerError {
  override readonly name: string = 'NonRetryableError'

  constructor(message: string, options?: ErrorOptions, code: WorkerErrorCode = 'not-retryable') {
    super(code, message, options)
  }
}

/** Thrown by a handler that wants nothing more of this event: the job is completed, and the reason logged. */
export class DiscardError extends WorkerError {
  override readonly name = 'DiscardError'

  constructor(reason: string) {
    super('discarded', reason)
  }
}

/** When a `RetryAtError` wants the next try: at an instant (a `Date` or Unix ms), or after so many milliseconds. */
export type RetryTime = { readonly at: Date | number } | { readonly afterMs: number }

/**
 * Thrown by a handler that knows when another try is worth it: the job runs again then, however long that is, and not sooner. It
 * spends an attempt; the conversation waits for it.
 */
export class RetryAtError extends WorkerError {
  override readonly name = 'RetryAtError'
  readonly #time: RetryTime

  /** @throws {NonRetryableError} `retry-at` for a time that is none. */
  constructor(message: string, time: RetryTime, options?: ErrorOptions) {
    super('retry-at', message, options)
    this.#time = time
    if (!Number.isFinite(this.delayMs(0)))
      throw new NonRetryableError(
        `RetryAtError takes { at: a Date or Unix milliseconds } or { afterMs: milliseconds } (for: ${message})`,
        { cause: this },
        'retry-at',
      )
  }

  /** From now on; 0 for an instant that has passed. */
  delayMs(nowAt: number): number {
    const ms = 'at' in this.#time ? Number(this.#time.at) - nowAt : this.#time.afterMs
    return Math.max(0, Math.ceil(ms))
  }
}

/** The job must stop: the worker drains, or another worker holds the job now. What `ctx.signal` aborts with. */
export class JobAbortedError extends WorkerError {
  override readonly name = 'JobAbortedError'
  readonly reason: AbortReason

  constructor(reason: AbortReason) {
    super('job-aborted', reason === 'drain' ? 'the worker drains' : 'another worker holds this job now')
    this.reason = reason
  }
}

/**
 * The platform could not take a call now: it limits the rate, is away, or its answer never came (then the call may have
 * had its effect, and the next run looks first). The job waits and runs again; no attempt is spent.
 */
export class PlatformWaitError extends WorkerError {
  override readonly name: string = 'PlatformWaitError'
  /** As the platform asks; absent where it does not say. */
  readonly waitMs: number | undefined

  constructor(
    message: string,
    waitMs: number | undefined,
    options?: ErrorOptions,
    code: WorkerErrorCode = 'platform-wait',
  ) {
    super(code, message, options)
    this.waitMs = waitMs
  }
}

/**
 * There is no token, or the platform takes it no longer: a person has to set it. That says nothing about the event, so
 * the job waits for them; no attempt is spent.
 */
export class TokenError extends PlatformWaitError {
  override readonly name = 'TokenError'

  constructor(code: 'missing-token' | 'token-refused', message: string, options?: ErrorOptions) {
    super(message, undefined, options, code)
  }
}
