import type { Outcome, SourceProblem, TakenJob } from '@holdfast/queue'
import { type Clock, type createMetricsRegistry, Register } from '@holdfast/runtime'
import { NonRetryableError, PlatformWaitError, TokenError } from './errors.ts'
import type { JobObserver } from './job.ts'
import type { PostReply } from './reply.ts'
import type { StepEnd } from './steps.ts'

/** What became of a job, as it is counted: `discarded` is a completed one whose handler wanted nothing of it. */
export type CountedOutcome = Outcome['kind'] | 'discarded'

/** What a worker counts of its work. */
export interface WorkerMetrics {
  /** One run of one job has ended. */
  ran(job: Pick<TakenJob, 'queue' | 'type'>, outcome: CountedOutcome, seconds: number): void
  step(result: StepEnd): void
  reply(platform: string, result: ReplyResultLabel): void
  noted(problem: SourceProblem): void
}

type ReplyResultLabel = 'posted' | 'waiting' | 'token' | 'refused' | 'failed'

/** What a worker that shows no metrics counts. */
export const NO_METRICS: WorkerMetrics = {
  ran: () => {},
  step: () => {},
  reply: () => {},
  noted: () => {},
}

/** What is looked up whenever metrics are read. */
export interface WorkerFacts {
  readonly subscription: string
  readonly concurrency: number
  readonly activeCount: () => number
  readonly redisAway: () => boolean
}

/** From a handler that only looks to a report that takes half an hour. */
const HANDLER_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800]

/** The platforms have some 170 types; what a broken or a much newer gateway sends must not fill the memory of Prometheus. */
const MAX_TYPES = 300

/** The metrics of one worker on `registry`, by the names of the reference. */
export function createWorkerMetrics(
  registry: ReturnType<typeof createMetricsRegistry>,
  facts: WorkerFacts,
): WorkerMetrics {
  const register = new Register(registry)
  showFacts(register, facts)
  const handlers = register.labelledHistogram(
    'holdfast_handler_seconds',
    'How long one run of a job took, by what became of it.',
    ['subscription', 'type', 'outcome'],
    HANDLER_BUCKETS,
  )
  const steps = register.counter('holdfast_steps_total', 'Steps that handlers asked for.', ['result'])
  const replies = register.counter('holdfast_replies_total', 'Replies, by what became of the post.', [
    'platform',
    'result',
  ])
  const problems = register.counter('holdfast_worker_problems_total', 'What the log tells with this code.', [
    'code',
  ])
  const typeLabel = bounded(MAX_TYPES)
  return {
    ran: ({ queue, type }, outcome, seconds) =>
      handlers.observe({ subscription: queue, type: typeLabel(type), outcome }, seconds),
    step: (result) => steps.inc({ result }),
    reply: (platform, result) => replies.inc({ platform, result }),
    noted: ({ code }) => problems.inc({ code }),
  }
}

function showFacts(register: Register, facts: WorkerFacts): void {
  const { subscription } = facts
  const gauge = (name: string, help: string, value: () => number) =>
    register.gauge(name, help, ['subscription'], (shown) => shown.set({ subscription }, value()))
  gauge('holdfast_worker_active', 'Jobs that run now, interactive ones among them.', facts.activeCount)
  gauge('holdfast_worker_concurrency', 'Jobs that may run at once.', () => facts.concurrency)
  gauge('holdfast_worker_redis_up', '1 while Redis answers the worker, else 0.', () =>
    facts.redisAway() ? 0 : 1,
  )
}

/** The first `max` different texts as they are, and `other` for the rest. */
function bounded(max: number): (text: string) => string {
  const known = new Set<string>()
  return (text) => {
    if (known.has(text)) return text
    if (known.size >= max) return 'other'
    known.add(text)
    return text
  }
}

/** Runs jobs and counts what becomes of them. */
export class JobCounter implements JobObserver {
  readonly #metrics: WorkerMetrics
  readonly #clock: Clock
  readonly #discarded = new WeakSet<TakenJob>()

  constructor(metrics: WorkerMetrics, clock: Clock) {
    this.#metrics = metrics
    this.#clock = clock
  }

  step(result: StepEnd): void {
    this.#metrics.step(result)
  }

  discarded(job: TakenJob): void {
    this.#discarded.add(job)
  }

  /** The same run, counted. Rejects as `run` does. */
  counted(run: (job: TakenJob) => Promise<Outcome>): (job: TakenJob) => Promise<Outcome> {
    return async (job) => {
      const beganMs = this.#clock.monotonicMs()
      const outcome = await run(job)
      const kind = this.#discarded.has(job) ? 'discarded' : outcome.kind
      this.#metrics.ran(job, kind, (this.#clock.monotonicMs() - beganMs) / 1_000)
      return outcome
    }
  }
}

/** The same replies, counted. */
export function countReplies(postReply: PostReply, metrics: WorkerMetrics): PostReply {
  return async (call, message) => {
    const { platform } = call.event
    try {
      const result = await postReply(call, message)
      metrics.reply(platform, 'posted')
      return result
    } catch (error) {
      metrics.reply(platform, failureOf(error))
      throw error
    }
  }
}

function failureOf(error: unknown): ReplyResultLabel {
  if (error instanceof TokenError) return 'token'
  if (error instanceof PlatformWaitError) return 'waiting'
  return error instanceof NonRetryableError ? 'refused' : 'failed'
}
