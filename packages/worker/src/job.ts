/**
 * One job, from taken to outcome: decode → give it to who waits for it, else: find the handler → call it → decide. Where this
 * worker has no handler but another live one has, as while two versions run side by side, the job is passed on.
 *
 * The delivery guarantee: a job is completed only after its handler resolved and every step it started is
 * recorded. Whatever else happens the job is kept: it runs again with its finished steps skipped, or it is a dead letter
 * with the reason. Nothing is written for a job whose lock is lost.
 *
 * The event is the worker's from the moment the job was taken until `runJob` resolves; then it is the queue's again.
 */
import { type Decoded, decodeEvent, type HoldfastEvent } from '@holdfast/events'
import type { Outcome, TakenJob } from '@holdfast/queue'
import type { Clock } from '@holdfast/runtime'
import { createContext } from './context.ts'
import { handOver } from './hand-over.ts'
import { abortReason, callHandler, followSignal } from './handler-call.ts'
import { type HandlerRun, inRun, putAway } from './handler-scope.ts'
import type { AnyHandler, Handlers } from './handlers.ts'
import type { WorkerLog } from './log.ts'
import { decideOutcome, type RetryPolicy, waitedFor } from './outcome.ts'
import { logOutcome } from './outcome-log.ts'
import type { OutsideWork } from './outside-work.ts'
import type { PeerAnswer } from './peers.ts'
import { PlatformWaits } from './platform-waits.ts'
import type { Platforms } from './platforms.ts'
import type { PostReply } from './reply.ts'
import { type StepEnd, Steps } from './steps.ts'
import { Suspension } from './suspension.ts'
import type { WishedFor } from './wait-pattern.ts'

/** A passed job comes again after this long, or up to three times as long: another worker is to be quicker than this one. */
const PASS_MS = 100

/** What a worker runs its jobs with. */
export interface JobParts {
  readonly handlers: Pick<Handlers, 'find' | 'policyOf'>
  readonly handledByAnother: (type: string) => Promise<PeerAnswer>
  /** Which events its handlers can wait for. Default: any. */
  readonly wishedFor?: WishedFor
  readonly policy: RetryPolicy
  readonly platforms: Platforms
  readonly postReply: PostReply
  readonly clock: Clock
  readonly log: WorkerLog
  /** In development. */
  readonly outsideWork?: Pick<OutsideWork, 'tell'>
  /** Aborts when a drain waits no longer for handlers that ignore their signal. */
  readonly giveUp: AbortSignal
  /** Counts. */
  readonly observer?: JobObserver
}

/** What is told of a job that its outcome does not tell. */
export interface JobObserver {
  step(result: StepEnd): void
  /** The handler wanted nothing more of the event. */
  discarded(job: TakenJob): void
}

/** Runs one job. Never rejects. */
export async function runJob(job: TakenJob, parts: JobParts): Promise<Outcome> {
  if (job.signal.aborted) return { kind: 'returned' }
  const decoded = decodeEvent(job.data)
  if (!decoded.ok) return undecodable(job, decoded, parts)
  if (job.waiters.length > 0) {
    // It may have been given, should only the answer not have come: then the queue refuses what it is told. Else it is tried again,
    // a little later, for what is refused now may be refused at once again.
    const handed = await handOver(job, decoded.event, parts.clock.wallAt()).catch(() => 'unknown' as const)
    if (handed === 'given') return { kind: 'given' }
    if (handed === 'unknown') return passed(parts)
    if (handed === 'lost-lock' || job.signal.aborted) return { kind: 'returned' }
  }
  const handler = parts.handlers.find(decoded.event.type)
  if (!handler) return unhandled(job, decoded.event, parts)
  return runHandler(job, decoded.event, handler, parts)
}

/** No attempt can mend it: a dead letter at once, kept for a worker that can handle it. */
function refuse(job: TakenJob, parts: JobParts, reason: string): Outcome {
  const outcome: Outcome = { kind: 'dead', reason }
  logOutcome(parts.log.child({ job: job.id, type: job.type, attempt: job.attempt }), outcome)
  return outcome
}

/** An event of a newer version is for a newer worker, as long as another lives that has a handler for it. */
async function undecodable(
  job: TakenJob,
  { problem, newerVersion }: Extract<Decoded, { ok: false }>,
  parts: JobParts,
): Promise<Outcome> {
  const isForAnother = newerVersion !== undefined && (await parts.handledByAnother(job.type)) !== 'no'
  return isForAnother ? passed(parts) : refuse(job, parts, `undecodable: ${problem}`)
}

function passed({ clock }: JobParts): Outcome {
  return { kind: 'passed', delayMs: Math.round(PASS_MS * (1 + 2 * clock.random())) }
}

/**
 * A dead letter only if no other live worker has a handler, which while Redis is away nobody knows. A gap comes to every
 * queue that it concerns, wished for or not: a bot that has nothing to do about it is told in the log.
 */
async function unhandled(job: TakenJob, event: HoldfastEvent, parts: JobParts): Promise<Outcome> {
  if ((await parts.handledByAnother(event.type)) !== 'no') return passed(parts)
  if (event.type !== 'holdfast.gap') {
    return refuse(job, parts, `no-handler: no live worker has one for ${event.type}`)
  }
  parts.log.warn(
    { job: job.id, gap: event.data },
    'events were missed, and no handler for holdfast.gap takes note',
  )
  return { kind: 'completed' }
}

async function runHandler(
  job: TakenJob,
  event: HoldfastEvent,
  handler: AnyHandler,
  parts: JobParts,
): Promise<Outcome> {
  const { signal, release } = followSignal(job.signal)
  const steps = new Steps(job, signal, (result) => parts.observer?.step(result))
  const suspension = new Suspension({ job, steps, clock: parts.clock })
  const waits = new PlatformWaits(steps)
  const attempt = job.attempt - waits.countedByQueue
  const log = parts.log.child({ job: job.id, type: job.type, attempt })
  const ctx = createContext({ ...parts, job, event, attempt, signal, steps, suspension, log })
  const run: HandlerRun = { log, isPutAway: false, ...(parts.outsideWork && { places: new Set() }) }

  const ending = await callHandler(
    () => inRun(run, () => handler(event, ctx)),
    steps,
    suspension,
    parts.giveUp,
  )
  release()
  steps.end(ending.kind === 'resolved' ? (key) => warnOfLate(log, key) : undefined)
  if (ending.kind === 'suspended') putAway(run)

  const nowAt = parts.clock.wallAt()
  const aborted = abortReason(job.signal)
  const trial = { attempt, waits: waits.series, nowAt, aborted, random: parts.clock.random() }
  const outcome = decideOutcome(ending, trial, parts.handlers.policyOf(event.type, parts.policy))
  const waited = outcome.kind === 'retry' ? waitedFor(ending) : undefined
  // Refused only where the outcome will be refused too; then the next run counts for itself.
  if (waited) await waits.add(waited, nowAt).catch(() => {})
  if (outcome.kind === 'completed' && ending.kind === 'threw') parts.observer?.discarded(job)
  logOutcome(log, outcome, ending, aborted)
  if (outcome.kind === 'retry' || outcome.kind === 'suspended') parts.outsideWork?.tell(run)
  if (ending.kind === 'resolved') warnOfUnasked(log, steps.unasked)
  return outcome
}

/** It rejects, but nobody may look at that: a forgotten `await`, a timer. */
function warnOfLate(log: WorkerLog, key: string): void {
  log.warn({ step: key }, 'asked for after its handler had ended, and not done: is an await missing?')
}

/** Bounded, as a line of a log has to be. */
const NAMED_COUNT = 20

/** Nothing is wrong where a version has done without them on purpose; where one was renamed, its effect is there twice. */
function warnOfUnasked(log: WorkerLog, keys: readonly string[]): void {
  if (keys.length === 0) return
  log.warn(
    { steps: keys.slice(0, NAMED_COUNT), count: keys.length },
    'completed without steps that an earlier run had finished: did this version rename or remove them?',
  )
}
