/** For tests of bots: runs events through a worker's handlers without Redis, sockets or a platform, on a clock of the test. */
export { createTestBench, type TestBenchOptions } from './testing/bench.ts'
export type { CrashMoment, PlannedCrash } from './testing/crash-plan.ts'
export type { Delivered, EarlierRuns } from './testing/delivery.ts'
export type { Duration } from './testing/duration.ts'
export type { RecordedReply, ReplyFailure } from './testing/replies.ts'
export type { DeadLetter, SuspendedJob } from './testing/run-book.ts'
export type { Sent, TestBench } from './testing/test-bench.ts'
export type { TestEvent } from './testing/test-event.ts'
