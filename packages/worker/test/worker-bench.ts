import { EventEmitter } from 'node:events'
import { ManualClock } from '@holdfast/runtime'
import { fillIn, optionProblems, type WorkerOptions } from '../src/options.ts'
import { createPlatforms } from '../src/platforms.ts'
import { QueueWorker } from '../src/queue-worker.ts'
import type { WorkerHost } from '../src/run.ts'
import { FakeQueue } from './fake-queue.ts'
import { createLogBook } from './log-book.ts'

/** A process that is told signals and remembers what it was told to do. */
export class FakeHost extends EventEmitter implements WorkerHost {
  exitCode: number | undefined
  exited: number | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly printed: string[] = []
  readonly stderr = { write: (text: string) => this.printed.push(text) }

  constructor(env: Readonly<Record<string, string>> = {}) {
    super()
    this.env = env
  }

  exit(code: number): void {
    this.exited = code
  }
}

/** A worker with everything around it faked. */
export function workerBench(options: Partial<WorkerOptions> = {}, environment: Record<string, string> = {}) {
  const given = { subscription: 'commands', ...options }
  const settings = fillIn(given, environment)
  const queue = new FakeQueue()
  const clock = new ManualClock()
  const host = new FakeHost(environment)
  const { log, lines } = createLogBook()
  const worker = new QueueWorker({
    settings,
    problems: optionProblems(given, settings),
    queue,
    platforms: createPlatforms({}, {}),
    postReply: async () => ({ channel: 'C1', ts: '1.0' }),
    clock,
    log,
    host,
  })
  return { worker, queue, clock, host, lines }
}

/** Resolves once so many timers are set on the clock: whoever waits is waiting now. Each running job has one, of its lane. */
export async function timerSet(clock: ManualClock, count = 1): Promise<void> {
  while (clock.timerCount < count) await new Promise((resolve) => setImmediate(resolve))
}
