import type { HoldfastEvent } from '@holdfast/events'
import type { AbortReason, PastEvent, TakenJob, Wait, Waiter } from '@holdfast/queue'
import { slackMessage } from './sample-events.ts'

export interface JobOptions {
  readonly data?: unknown
  readonly event?: HoldfastEvent
  readonly attempt?: number
  readonly steps?: ReadonlyMap<string, string>
  readonly readdedAt?: number
  readonly lastStepAt?: number
  readonly stepBeforeAt?: number
  readonly waiters?: readonly Waiter[]
}

/** A job as the queue hands it over, without a queue. */
export class HeldJob implements TakenJob {
  readonly id = 'job.1'
  readonly queue = 'commands'
  readonly data: unknown
  readonly type: string
  readonly attempt: number
  readonly deathCount = 0
  /** By the queue’s clock; a test moves it. */
  lastStepAt: number
  readonly stepBeforeAt: number
  readonly waiters: readonly Waiter[]
  readonly readdedAt?: number
  readonly steps: ReadonlyMap<string, string>
  /** Everything recorded, in order, with what earlier runs left. */
  readonly recorded: Map<string, string>
  left = false
  /** Whom its event was given to, and with what. */
  readonly given: { readonly jobId: string; readonly text: string }[] = []
  /** Waiters that wait no more. */
  readonly gone = new Set<string>()
  /** Events that came before somebody waited. */
  past: PastEvent[] = []
  /** Since when they were asked for, by the key of the wait. */
  readonly looked: { readonly key: string; readonly sinceAt: number }[] = []
  lockLost = false
  readonly #abort = new AbortController()

  constructor(options: JobOptions = {}) {
    const event = options.event ?? slackMessage()
    this.data = 'data' in options ? options.data : event
    this.type = event.type
    this.attempt = options.attempt ?? 1
    if (options.readdedAt !== undefined) this.readdedAt = options.readdedAt
    this.lastStepAt = options.lastStepAt ?? 0
    this.stepBeforeAt = options.stepBeforeAt ?? 0
    this.waiters = options.waiters ?? []
    this.steps = new Map(options.steps)
    this.recorded = new Map(options.steps)
  }

  async giveTo({ jobId }: Waiter, text: string): Promise<'given' | 'gone' | 'lost-lock'> {
    if (this.lockLost) return 'lost-lock'
    if (this.gone.has(jobId)) return 'gone'
    this.given.push({ jobId, text })
    return 'given'
  }

  async pastEvents(wait: Wait, sinceAt: number): Promise<readonly PastEvent[]> {
    this.looked.push({ key: wait.key, sinceAt })
    return this.past
  }

  async takePast(event: PastEvent, key: string, text: string): Promise<'taken' | 'gone' | 'lost-lock'> {
    if (this.lockLost) return 'lost-lock'
    if (!this.past.includes(event)) return 'gone'
    this.past = this.past.filter((other) => other !== event)
    this.recorded.set(key, text)
    return 'taken'
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  abort(reason: AbortReason): void {
    if (reason === 'lost-lock') this.lockLost = true
    this.#abort.abort(reason)
  }

  async recordStep(key: string, text: string): Promise<'recorded' | 'lost-lock'> {
    if (this.lockLost) return 'lost-lock'
    this.recorded.set(key, text)
    return 'recorded'
  }

  async leaveLane(): Promise<'left' | 'lost-lock'> {
    if (this.lockLost) return 'lost-lock'
    this.left = true
    return 'left'
  }

  /** The next run of the same job. */
  again(attempt = this.attempt): HeldJob {
    const { readdedAt } = this
    const steps = this.recorded
    return new HeldJob({ data: this.data, attempt, steps, ...(readdedAt === undefined ? {} : { readdedAt }) })
  }

  /** The same job as another Redis has it, which was given it again and knows nothing of its runs. */
  readded(at: number): HeldJob {
    return new HeldJob({ data: this.data, readdedAt: at })
  }
}
