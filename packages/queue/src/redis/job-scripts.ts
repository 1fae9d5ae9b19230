import { type Clock, sleep } from '@holdfast/runtime'
import type { Redis } from 'ioredis'
import { Packr } from 'msgpackr'
import { layout, subscriptionOf } from '../layout.ts'
import type { Script } from '../lua/compose.ts'
import { GIVE_TO } from '../lua/give.ts'
import { BEGIN, FINISH, GIVE_BACK, LEAVE_LANE, MARK, RECORD_STEP, RETRY } from '../lua/job.ts'
import { PAST_EVENTS, TAKE_PAST } from '../lua/past.ts'
import { SUSPEND } from '../lua/suspend.ts'
import type { PastEvent, Wait, Waiter } from '../ports.ts'
import type { HeldJob } from './held-jobs.ts'
import { hashOf, textsOf } from './reply.ts'
import { stepKeyOf } from './run-field.ts'
import { isRefusedForNow, runScript, type ScriptArgument } from './run-script.ts'
import { readPastEvents, readWaiters } from './waited-for.ts'

/** How a job begins: not ours any more, parked behind an earlier one, or to be run with what is remembered of it. */
export type Beginning =
  | { readonly kind: 'lost' }
  | { readonly kind: 'parked' }
  | {
      readonly kind: 'run'
      readonly attempt: number
      readonly deathCount: number
      /** Whatever steps were finished between them. */
      readonly deathCountInAll: number
      readonly readdedAt?: number
      readonly steps: ReadonlyMap<string, string>
      readonly lastStepAt: number
      readonly stepBeforeAt: number
      readonly waiters: readonly Waiter[]
    }

const packer = new Packr({ useRecords: false })
const AGAIN_MS = 250

/** A held job with its lane ('' for none), and what others may wait for it by. */
export interface LanedJob extends HeldJob {
  readonly lane: string
  readonly type?: string
  /** The conversation of its event. */
  readonly subject?: string
}

/** A wait, and the number of the last past event that was looked at for it. */
export type SeenWait = Wait & { readonly pastSeen: number }

export interface JobScriptsOptions {
  readonly redis: Redis
  readonly prefix: string
  readonly workerId: string
  readonly lockMs: number
  readonly clock: Clock
}

/**
 * The scripts of a job's life, each fenced by the job's lock. `false` everywhere means: the lock is not ours. While Redis
 * is away or refuses writes they wait, until the connection is closed: what a handler has done must not be lost for it.
 */
export class JobScripts {
  readonly #options: JobScriptsOptions

  constructor(options: JobScriptsOptions) {
    this.#options = options
  }

  async begin(job: LanedJob): Promise<Beginning> {
    const { queue, type = '', subject = '' } = job
    const reply = await this.#run(BEGIN, job, this.#shared(job), queue, type, subject)
    const [kind, spent, fields, enqueuedAt, waiters] = Array.isArray(reply) ? reply : []
    if (kind !== 'run') return { kind: kind === 'parked' ? 'parked' : 'lost' }
    const run = hashOf(fields)
    const steps = [...run].flatMap(([field, text]) => {
      const key = stepKeyOf(field)
      return key === undefined ? [] : [[key, text] as const]
    })
    const readdedAt = run.get('again')
    return {
      kind,
      attempt: Number(spent) + 1,
      deathCount: Number(run.get('deaths') ?? 0),
      deathCountInAll: Number(run.get('died') ?? 0),
      ...(readdedAt === undefined ? {} : { readdedAt: Number(readdedAt) }),
      steps: new Map(steps),
      lastStepAt: Number(run.get('at') ?? enqueuedAt),
      stepBeforeAt: Number(run.get('was') ?? enqueuedAt),
      waiters: readWaiters(waiters),
    }
  }

  async complete(job: LanedJob): Promise<boolean> {
    return (await this.#run(FINISH, job, 'completed', 'null', 0, '')) === 0
  }

  async bury(job: LanedJob, reason: string, stack: string | undefined, keepFailed: number): Promise<boolean> {
    const fields = packer.pack(['stacktrace', JSON.stringify(stack === undefined ? [] : [stack])])
    return (await this.#run(FINISH, job, 'failed', reason, keepFailed, fields)) === 0
  }

  async retry(job: LanedJob, delayMs: number, uncounted = false): Promise<boolean> {
    return Number(await this.#run(RETRY, job, Math.ceil(delayMs), uncounted ? 0 : 1, 1)) >= 0
  }

  async pass(job: LanedJob, delayMs: number): Promise<boolean> {
    return Number(await this.#run(RETRY, job, Math.ceil(delayMs), 0, 0)) >= 0
  }

  async suspend(job: LanedJob, wakeAt: number, waits: readonly SeenWait[]): Promise<boolean> {
    const each = waits.flatMap(({ key, pattern, subject = '', spec, pastSeen }) => [
      key,
      pattern,
      subject,
      spec,
      pastSeen,
    ])
    const code = await this.#run(SUSPEND, job, Math.ceil(wakeAt), this.#shared(job), job.queue, ...each)
    return Number(code) >= 0
  }

  async giveTo(job: LanedJob, { queue, jobId, wait }: Waiter, text: string) {
    const base = layout(this.#options.prefix).base(queue)
    const { type = '', subject = '' } = job
    const args = [this.#shared(job), base, queue, jobId, wait.key, text, type, subject]
    const reply = await this.#run(GIVE_TO, job, ...args)
    return reply === 'given' || reply === 'gone' ? reply : 'lost-lock'
  }

  /** Also tells the number of the last that was kept at all. */
  async pastEvents(job: LanedJob, { pattern, subject = '' }: Wait, sinceAt: number) {
    const { redis, prefix } = this.#options
    const args = [this.#shared(job), job.jobId, pattern, subject, Math.floor(sinceAt)]
    const reply = await this.#insist(() =>
      runScript(redis, PAST_EVENTS, layout(prefix).meta(job.queue), args),
    )
    const [last = '0', ...flat] = textsOf(reply)
    return { lastNumber: Number(last), events: readPastEvents(flat) }
  }

  async takePast(job: LanedJob, { id, number }: PastEvent, key: string, text: string) {
    const reply = await this.#run(TAKE_PAST, job, this.#shared(job), id, number, key, text)
    if (reply === 0) return 'lost-lock'
    return reply === 1 ? 'taken' : 'gone'
  }

  async giveBack(job: LanedJob): Promise<boolean> {
    return Number(await this.#run(GIVE_BACK, job, 0)) >= 0
  }

  /** As one that may have run: Redis has lost what it was told of it. */
  async giveBackAsRun(job: LanedJob): Promise<boolean> {
    return Number(await this.#run(GIVE_BACK, job, 1)) >= 0
  }

  /** When it was recorded (ms); nothing where the lock is not ours. */
  async recordStep(job: LanedJob, key: string, resultText: string): Promise<number | undefined> {
    return Number(await this.#run(RECORD_STEP, job, key, resultText)) || undefined
  }

  async leaveLane(job: LanedJob): Promise<boolean> {
    return (await this.#run(LEAVE_LANE, job)) === 1
  }

  /** Before it waits for its turn, runs, or runs with no other beside it, for good or until its next step. */
  async mark(job: LanedJob, doing: 'idle' | 'running' | 'alone' | 'last'): Promise<boolean> {
    return (await this.#run(MARK, job, doing === 'running' ? '' : doing)) === 1
  }

  /** Where both queues of the subscription keep what they share. */
  #shared({ queue }: LanedJob): string {
    return layout(this.#options.prefix).base(subscriptionOf(queue))
  }

  #run(script: Script, job: LanedJob, ...more: ScriptArgument[]): Promise<unknown> {
    const { redis, prefix, workerId, lockMs, clock } = this.#options
    const names = layout(prefix)
    const args = [
      names.base(job.queue),
      job.jobId,
      job.token,
      workerId,
      lockMs,
      clock.wallAt(),
      job.lane,
      ...more,
    ]
    return this.#insist(() => runScript(redis, script, names.meta(job.queue), args))
  }

  async #insist(run: () => Promise<unknown>): Promise<unknown> {
    for (;;) {
      try {
        return await run()
      } catch (error) {
        if (!isRefusedForNow(error)) throw error
        await sleep(this.#options.clock, AGAIN_MS)
      }
    }
  }
}
