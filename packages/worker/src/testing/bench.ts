import { createMemoryQueues, interactiveQueue, type MemoryQueues } from '@holdfast/queue'
import { endsWithin, ManualClock, sleep, systemClock } from '@holdfast/runtime'
import { runJob } from '../job.ts'
import { silentLog, type WorkerLog } from '../log.ts'
import { createPlatforms, type PlatformsOptions } from '../platforms.ts'
import { QueueWorker, type WorkerParts } from '../queue-worker.ts'
import type { Worker } from '../worker.ts'
import { type CrashMoment, CrashPlan, type PlannedCrash } from './crash-plan.ts'
import { Crew } from './crew.ts'
import { createLooseJob, type Delivered, type EarlierRuns } from './delivery.ts'
import { type Duration, durationMs } from './duration.ts'
import { RecordingPlatform, type ReplyFailure } from './replies.ts'
import { RunBook } from './run-book.ts'
import type { Sent, TestBench } from './test-bench.ts'
import { type FilledEvent, fillIn, type TestEvent } from './test-event.ts'

/** What a bench can't make up by itself. */
export interface TestBenchOptions {
  /** For handlers that use `ctx.slack` or `ctx.discord`: where a fake of the platform listens. Default: no token. */
  readonly platforms?: PlatformsOptions
  /** What time it is when the test begins. Default: the first of January 2026. */
  readonly startsAt?: Date
  /** Default: nothing is kept. */
  readonly log?: WorkerLog
  /** How long a handler may run, in real time, before the bench says which one does not end. Default 4 s. */
  readonly patienceMs?: number
}

/** A bench for a worker made by `createWorker`; the worker needs not be started. */
export function createTestBench(worker: Worker, options: TestBenchOptions = {}): TestBench {
  return new Bench(asQueueWorker(worker), options)
}

/** Its methods may be taken apart: `const { send, replies } = createTestBench(worker)`. */
class Bench implements TestBench {
  readonly #worker: QueueWorker
  readonly #clock: ManualClock
  readonly #queues: MemoryQueues
  readonly #crew: Crew
  readonly #book = new RunBook()
  readonly #plan = new CrashPlan()
  readonly #platform = new RecordingPlatform()
  readonly #surroundings: Pick<WorkerParts, 'clock' | 'platforms' | 'log'>
  readonly #patienceMs: number
  #eventCount = 0
  #hiring: Promise<void> | undefined

  constructor(worker: QueueWorker, options: TestBenchOptions) {
    this.#worker = worker
    this.#patienceMs = options.patienceMs ?? 4_000
    this.#clock = new ManualClock(options.startsAt?.getTime())
    this.#queues = createMemoryQueues(this.#clock)
    this.#surroundings = {
      clock: this.#clock,
      platforms: createPlatforms(options.platforms ?? {}, {}),
      log: options.log ?? silentLog,
    }
    this.#crew = new Crew({
      ...this.#surroundings,
      queues: this.#queues,
      book: this.#book,
      plan: this.#plan,
      postReply: this.#platform.poster(this.#subscription),
    })
  }

  get replies() {
    return this.#platform.recorded
  }

  get deadLetters() {
    return this.#book.deadLetters
  }

  get suspended() {
    return this.#book.suspended
  }

  get now() {
    return new Date(this.#clock.wallAt())
  }

  deliver = async (given: TestEvent<string>, earlier: EarlierRuns = {}): Promise<Delivered> => {
    const { event } = this.#fillIn(given)
    const steps = new Map(earlier.steps)
    const { parts, handlers } = this.#worker
    const outcome = await runJob(createLooseJob(event, this.#subscription, earlier, steps), {
      ...this.#surroundings,
      handlers,
      policy: parts.settings.policy,
      handledByAnother: async () => 'no',
      postReply: this.#platform.poster(`delivery ${this.#eventCount}`),
      giveUp: new AbortController().signal,
    })
    return { outcome, steps }
  }

  send = async (event: TestEvent<string>): Promise<Sent> => {
    const [sent] = await this.sendAll([event])
    return sent ?? { id: '', outcome: undefined }
  }

  sendAll = async (events: readonly TestEvent<string>[]): Promise<readonly Sent[]> => {
    await this.#ready()
    const sent = await Promise.all(events.map((event) => this.#put(event)))
    await this.#settle()
    return sent
  }

  advance = async (by: Duration): Promise<void> => {
    await this.settled()
    const untilMs = this.#clock.monotonicMs() + durationMs(by)
    for (;;) {
      const inMs = this.#clock.nextTimerInMs
      if (inMs === undefined || this.#clock.monotonicMs() + inMs > untilMs) break
      this.#clock.advance(inMs)
      await this.#settle()
    }
    this.#clock.advance(untilMs - this.#clock.monotonicMs())
  }

  settled = async (): Promise<void> => {
    await this.#ready()
    await this.#settle()
  }

  crashAt = (step: string, moment: CrashMoment = 'before-record'): PlannedCrash =>
    this.#plan.add(step, moment)

  crash = async (): Promise<void> => {
    await this.#ready()
    this.#crew.crash()
    await this.#settle()
  }

  failReplies = (failure: ReplyFailure): void => this.#platform.fail(failure)

  restart = async (): Promise<void> => {
    await this.#ready()
    const before = this.#crew.members
    await this.#crew.dismiss(before)
    for (const each of before) await this.#crew.hire(each)
    await this.#settle()
  }

  add = async (worker: Worker): Promise<void> => {
    await this.#ready()
    await this.#crew.hire(this.#colleague(worker))
    await this.#settle()
  }

  replaceWith = async (worker: Worker): Promise<void> => {
    await this.#ready()
    const before = this.#crew.members
    await this.#crew.hire(this.#colleague(worker))
    await this.#crew.dismiss(before)
    await this.#settle()
  }

  get #subscription(): string {
    return this.#worker.parts.settings.subscription
  }

  #ready(): Promise<void> {
    this.#hiring ??= this.#crew.hire(this.#worker)
    return this.#hiring
  }

  async #put(given: TestEvent<string>): Promise<Sent> {
    const { event, outgoing } = this.#fillIn(given)
    const book = this.#book
    book.sent(event)
    await this.#queues.sink.enqueue({ event: outgoing, subscriptions: [this.#subscription] })
    return {
      id: event.id,
      get outcome() {
        return book.outcomeOf(event.id)
      },
    }
  }

  #fillIn(event: TestEvent<string>): FilledEvent {
    this.#eventCount += 1
    return fillIn(event, this.#eventCount, this.#clock.wallAt())
  }

  /** Until nothing can happen without time, an event or a worker. */
  async #settle(): Promise<void> {
    for (;;) {
      await sleep(systemClock, 0)
      if (this.#book.active.length > 0) await this.#nextEnd()
      else if (this.#crew.members.length === 0 || (await this.#waitingCount()) === 0) return
    }
  }

  /** Time does not pass while a handler runs, so that one which waits for it would never end. */
  async #nextEnd(): Promise<void> {
    if (await endsWithin(systemClock, this.#patienceMs, this.#book.nextEnd())) return
    const names = this.#book.active.map(({ id, type }) => `${type} (${id})`).join(', ')
    throw new Error(
      `no handler has ended for ${this.#patienceMs} ms; running: ${names}. A bench's clock stands still: wait by ctx.sleep or ctx.waitFor, or end what the handler waits for before this call is awaited`,
    )
  }

  async #waitingCount(): Promise<number> {
    const names = [this.#subscription, interactiveQueue(this.#subscription)]
    const depths = await Promise.all(names.map((name) => this.#queues.view.depth(name)))
    return depths.reduce((sum, { waiting }) => sum + waiting, 0)
  }

  #colleague(worker: Worker): QueueWorker {
    const other = asQueueWorker(worker)
    const { subscription } = other.parts.settings
    if (subscription === this.#subscription) return other
    throw new TypeError(
      `a bench holds the workers of one subscription, ${this.#subscription}, and this one is of ${subscription}`,
    )
  }
}

function asQueueWorker(worker: Worker): QueueWorker {
  if (worker instanceof QueueWorker) return worker
  throw new TypeError('createTestBench needs a worker made by createWorker')
}
