import type { HoldfastEvent } from '@holdfast/events'
import type { AbortReason, PastEvent, TakenJob } from '@holdfast/queue'
import { slackMessage } from './sample-events.ts'

export interface JobOptions {
  readonly data?: unknown
  readonly event?: HoldfastEvent
  readonly attempt?: number
  readonly steps?: ReadonlyMap<string, string>
  readonly readdedAt?: number
}

/** A job as the queue hands it over, without a queue. */
export class HeldJob implements TakenJob {
  readonly id = 'job.1'
  readonly queue = 'commands'
  readonly data: unknown
  readonly type: string
  readonly attempt: number
  readonly deathCount = 0
  readonly lastStepAt = 0
  readonly waiters = []
  readonly readdedAt?: number
  readonly steps: ReadonlyMap<string, string>
  /** Everything recorded, in order, with what earlier runs left. */
  readonly recorded: Map<string, string>
  left = false
  lockLost = false
  readonly #abort = new AbortController()

  constructor(options: JobOptions = {}) {
    const event = options.event ?? slackMessage()
    this.data = 'data' in options ? options.data : event
    this.type = event.type
    this.attempt = options.attempt ?? 1
    if (options.readdedAt !== undefined) this.readdedAt = options.readdedAt
    this.steps = new Map(options.steps)
    this.recorded = new Map(options.steps)
  }

  async giveTo(): Promise<'gone'> {
    return 'gone'
  }

  async pastEvents(): Promise<readonly PastEvent[]> {
    return []
  }

  async takePast(): Promise<'gone'> {
    return 'gone'
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
