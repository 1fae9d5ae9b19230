import type { OutgoingEvent } from '@holdfast/events'
import type { Clock } from '@holdfast/runtime'
import { compileOrder } from '../order.ts'
import type { Blocker, Depth, EnqueueResult, EventRecord, Subscription, Suspension } from '../ports.ts'
import { isNoteOfTries } from '../step-notes.ts'
import { isUntouched, type MemoryJob, newJob } from './job.ts'
import { MemoryLanes } from './lanes.ts'
import type { MemoryWaits, Place } from './waits.ts'

/** One queue in memory, with the rules of the Redis one: dedupe, lanes, bounds, records. */
export class MemoryQueue {
  readonly #clock: Clock
  readonly #jobs = new Map<string, MemoryJob>()
  readonly #lanes = new MemoryLanes()
  readonly #records = new Map<string, { record: EventRecord; untilAt: number }>()
  #waiting: MemoryJob[] = []
  #suspended: Suspension | undefined
  /** Called whenever a job may have become ready. */
  readonly takers = new Set<() => void>()

  /** Shared with the other queue of the subscription. */
  readonly waits: MemoryWaits

  constructor(clock: Clock, waits: MemoryWaits) {
    this.#clock = clock
    this.waits = waits
  }

  enqueue(
    event: OutgoingEvent,
    bounds: Pick<Subscription, 'order' | 'orders' | 'maxWaiting'>,
    lifts?: number,
  ): EnqueueResult {
    const seen = this.#records.get(event.id)
    if ((seen && seen.untilAt > this.#clock.wallAt()) || this.#jobs.has(event.id)) return 'duplicate'
    if (!this.#admits(bounds.maxWaiting, lifts)) return 'suspended'
    const job = newJob(event, compileOrder(bounds)(event.type), this.#clock.wallAt())
    this.#jobs.set(job.id, job)
    this.#remember(event, job.enqueuedAt)
    this.#join(job)
    this.#callTakers()
    return 'enqueued'
  }

  /** The next job that may run, made active; nothing when there is none. `isNew`: no handler has had it in its hands. */
  take(): { job: MemoryJob; isNew: boolean } | undefined {
    const job = this.#next()
    if (!job) return undefined
    const isNew = isUntouched(job)
    this.waits.drop(job)
    job.state = 'active'
    job.isWoken = false
    this.#note(job.id, { startedAt: this.#clock.wallAt() })
    return { job, isNew }
  }

  complete(job: MemoryJob): void {
    this.#jobs.delete(job.id)
    this.#end(job, 'completed')
  }

  bury(job: MemoryJob, reason: string, stack?: string): void {
    job.state = 'failed'
    job.death = { diedAt: this.#clock.wallAt(), reason, ...(stack === undefined ? {} : { stack }) }
    this.#end(job, 'dead')
    job.attemptsSpent++
  }

  get failedJobs(): readonly MemoryJob[] {
    return [...this.#jobs.values()].filter(({ state }) => state === 'failed')
  }

  /** As new, but for its finished steps; outside of its lane. */
  retryDead(job: MemoryJob): void {
    delete job.death
    job.attemptsSpent = 0
    job.leftLane = true
    for (const key of job.steps.keys()) if (isNoteOfTries(key)) job.steps.delete(key)
    const entry = this.#records.get(job.id)
    if (entry) {
      const { id, type, enqueuedAt } = entry.record
      entry.record = { id, type, enqueuedAt }
    }
    job.state = 'waiting'
    this.#waiting.push(job)
    this.#callTakers()
  }

  drop(job: MemoryJob): void {
    this.#jobs.delete(job.id)
  }

  retry(job: MemoryJob, delayMs: number): void {
    job.attemptsSpent++
    this.pass(job, delayMs)
  }

  pass(job: MemoryJob, delayMs: number): void {
    job.state = 'retrying'
    job.timer = this.#clock.setTimer(delayMs, () => {
      job.state = 'waiting'
      this.#waiting.push(job)
      this.#callTakers()
    })
  }

  giveBack(job: MemoryJob): void {
    job.state = 'waiting'
    this.#waiting.unshift(job)
    this.#callTakers()
  }

  /** Asleep until then, out of its lane; not for good. */
  sleep(job: MemoryJob, wakeAt: number): void {
    job.state = 'sleeping'
    this.#exitLane(job)
    const wake = () => {
      this.#wake(job)
      this.#waiting.push(job)
      this.#callTakers()
    }
    job.timer = this.#clock.setTimer(Math.max(1, wakeAt - this.#clock.wallAt()), wake)
  }

  recordStep(job: MemoryJob, key: string, text: string): void {
    job.steps.set(key, text)
    // A note about the tries is no step.
    if (key.startsWith('tries/')) return
    job.stepBeforeAt = job.lastStepAt
    job.lastStepAt = this.#clock.wallAt()
  }

  /** Its event is another's: the job is completed, and the waiter takes its place in the lane, or comes in front of its own. */
  giveTo(job: MemoryJob, waiter: Place, key: string, text: string): void {
    if (waiter.job.lane === job.lane && waiter.queue === this && !waiter.job.leftLane)
      this.#lanes.replace(job, waiter.job)
    this.complete(job)
    waiter.queue.wakeWith(waiter.job, key, text)
  }

  /** Woken by an event, with its result: to the front. */
  wakeWith(job: MemoryJob, key: string, text: string): void {
    job.timer?.clear()
    this.waits.drop(job)
    this.#waiting = this.#waiting.filter((other) => other !== job)
    this.recordStep(job, key, text)
    this.#wake(job)
    if (!this.#lanes.has(job)) this.#lanes.enter(job)
    this.giveBack(job)
  }

  /** What found no handler, or has not come to one yet, needs none any more. */
  endIfUnhandled(job: MemoryJob): void {
    const isDead = job.state === 'failed' && job.death?.reason.startsWith('no-handler') === true
    const waits = (job.state === 'waiting' || job.state === 'retrying') && isUntouched(job)
    if (!isDead && !waits) return
    job.timer?.clear()
    this.#waiting = this.#waiting.filter((other) => other !== job)
    this.complete(job)
  }

  leaveLane(job: MemoryJob): void {
    job.leftLane = true
    this.#exitLane(job)
  }

  depth(): Depth {
    const count = (state: MemoryJob['state']) =>
      [...this.#jobs.values()].filter((job) => job.state === state).length
    const ready = [...this.#jobs.values()].filter((job) => job.state === 'waiting' || job.state === 'parked')
    const oldestAt = Math.min(...ready.map((job) => job.readyAt))
    return {
      waiting: count('waiting'),
      parked: count('parked'),
      active: count('active'),
      sleeping: count('sleeping'),
      retrying: count('retrying'),
      failed: count('failed'),
      lagMs: ready.length === 0 ? 0 : this.#clock.wallAt() - oldestAt,
    }
  }

  blockers(longerThanMs: number): readonly Blocker[] {
    const found = [...this.#jobs.values()].flatMap((job): Blocker[] => {
      const { id, type, lane } = job
      const heldMs = this.#clock.wallAt() - (this.record(id)?.startedAt ?? Number.POSITIVE_INFINITY)
      const waitingCount = this.#lanes.countBehind(job)
      if (job.state !== 'active' || waitingCount === 0 || heldMs < longerThanMs) return []
      return [{ id, type, lane, heldMs, waitingCount }]
    })
    return found.sort((a, b) => b.heldMs - a.heldMs)
  }

  record(id: string): EventRecord | undefined {
    return this.#records.get(id)?.record
  }

  get suspended(): Suspension | undefined {
    return this.#suspended
  }

  suspend(reason: Suspension['reason']): void {
    this.#suspended ??= { reason, sinceAt: this.#clock.wallAt(), missedCount: 0 }
  }

  /** Takes back the timers of jobs that wait for another try. */
  stop(): void {
    for (const job of this.#jobs.values()) job.timer?.clear()
  }

  /** Each time another is the first to be called: who can't handle a job must not be the one who always gets it. */
  #callTakers(): void {
    const [first] = this.takers
    if (!first) return
    for (const taker of this.takers) queueMicrotask(taker)
    this.takers.delete(first)
    this.takers.add(first)
  }

  #admits(maxWaiting: number, lifts: number | undefined): boolean {
    if (lifts !== undefined && this.#suspended?.missedCount === lifts) {
      this.#suspended = undefined
      return true
    }
    const { waiting, parked, retrying } = this.depth()
    if (lifts === undefined && !this.#suspended && waiting + parked + retrying < maxWaiting) return true
    this.suspend('full')
    if (lifts === undefined && this.#suspended)
      this.#suspended = { ...this.#suspended, missedCount: this.#suspended.missedCount + 1 }
    return false
  }

  #remember(event: OutgoingEvent, enqueuedAt: number): void {
    const record = { id: event.id, type: event.type, enqueuedAt }
    this.#records.set(event.id, { record, untilAt: enqueuedAt + event.dedupeWindowMs })
  }

  #note(id: string, facts: Partial<EventRecord>): void {
    const entry = this.#records.get(id)
    if (entry) entry.record = { ...entry.record, ...facts }
  }

  /** Who was woken enters its lane here. */
  #next(): MemoryJob | undefined {
    for (;;) {
      const job = this.#waiting.shift()
      if (!job) return undefined
      if (job.isWoken && !this.#lanes.has(job)) this.#lanes.enter(job)
      if (!this.#lanes.isBehind(job)) return job
      job.state = 'parked'
    }
  }

  /** It enters its lane when it is taken, and waits until then. */
  #wake(job: MemoryJob): void {
    job.isWoken = true
    job.state = 'waiting'
    job.readyAt = this.#clock.wallAt()
  }

  #join(job: MemoryJob): void {
    if (this.#lanes.join(job)) this.#waiting.push(job)
    else job.state = 'parked'
  }

  #exitLane(job: MemoryJob): void {
    const next = this.#lanes.leave(job)
    if (next?.state === 'parked') this.giveBack(next)
  }

  #end(job: MemoryJob, outcome: 'completed' | 'dead'): void {
    this.#note(job.id, { finishedAt: this.#clock.wallAt(), outcome, attempts: job.attemptsSpent + 1 })
    this.#exitLane(job)
  }
}
