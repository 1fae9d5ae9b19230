import type { Outcome } from '@holdfast/queue'
import type { EventType } from '../event-data.ts'
import type { Worker } from '../worker.ts'
import type { CrashMoment, PlannedCrash } from './crash-plan.ts'
import type { Delivered, EarlierRuns } from './delivery.ts'
import type { Duration } from './duration.ts'
import type { RecordedReply, ReplyFailure } from './replies.ts'
import type { DeadLetter, SuspendedJob } from './run-book.ts'
import type { TestEvent } from './test-event.ts'

/** An event that was put on the bench's queue. */
export interface Sent {
  readonly id: string
  /** What became of its last run so far; undefined before the first has ended, as behind an earlier event of its conversation. */
  readonly outcome: Outcome | undefined
}

/**
 * A subscription in memory, with its workers: lanes, retries, sleeps, waits and dead letters follow the rules of production,
 * on a clock that stands still until the test moves it. Nothing is posted, and nothing real is waited for but what the
 * handlers themselves wait for. Nothing is left behind: there is nothing to close.
 */
export interface TestBench {
  /** What handlers replied, in order, each once, whatever crashed. */
  readonly replies: readonly RecordedReply[]
  /** Jobs that no further try can mend, the last one last. */
  readonly deadLetters: readonly DeadLetter[]
  /** Handlers that sleep or wait. */
  readonly suspended: readonly SuspendedJob[]
  /** What time it is on the bench. */
  readonly now: Date
  /**
   * Runs the handler once, without a queue, and tells what the worker would report to the queue: for the simplest tests.
   * Never rejects.
   */
  deliver<Type extends EventType | (string & {})>(
    event: TestEvent<Type>,
    earlier?: EarlierRuns,
  ): Promise<Delivered>
  /**
   * Puts an event on the queue. Resolves when nothing happens any more without time: handlers have ended, sleep, wait, or come again
   * later.
   * Rejects with what is wrong, one line each, when the worker's options or patterns are; and when a handler does not end.
   */
  send<Type extends EventType | (string & {})>(event: TestEvent<Type>): Promise<Sent>
  /** Several at once, in this order, before the first is looked at. */
  sendAll<Type extends EventType | (string & {})>(
    events: readonly TestEvent<Type>[],
  ): Promise<readonly Sent[]>
  /** Moves time on, to each instant at which something comes due: sleeps and waits end, retries run. */
  advance(by: Duration): Promise<void>
  /** Resolves when nothing happens any more without time. */
  settled(): Promise<void>
  /**
   * The worker dies, once, when a job comes to the end of this step: the step has run and is not recorded, or, with
   * `after-record`, it is and the handler has not heard of it. Whatever else the worker ran dies with it, and runs again at once.
   * A sleep's step is the note of its end. A reply is named by its name, or `reply#1` by the order of the calls.
   * A job that dies again and again comes back each time: nothing here is taken for poison.
   */
  crashAt(step: string, moment?: CrashMoment): PlannedCrash
  /** All workers die now, with whatever they run; others take over. */
  crash(): Promise<void>
  /** The next replies fail as the platform would fail them. */
  failReplies(failure: ReplyFailure): void
  /** Every worker is stopped, what it runs is given back, and the same starts again. */
  restart(): Promise<void>
  /** A further worker of the same subscription, as another version beside the first. */
  add(worker: Worker): Promise<void>
  /** The roll: the new worker starts, then those before it are stopped and what they run is given back. */
  replaceWith(worker: Worker): Promise<void>
}
