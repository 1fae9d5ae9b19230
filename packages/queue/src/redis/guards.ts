import { hostname } from 'node:os'
import { pid } from 'node:process'
import type { Clock } from '@holdfast/runtime'
import type { Redis } from 'ioredis'
import { layout } from '../layout.ts'
import type { SourceProblem } from '../ports.ts'
import { deadWorkerNotice, unlockedNotice } from './death-notice.ts'
import { Heartbeat } from './heartbeat.ts'
import type { HeldJob, HeldJobs } from './held-jobs.ts'
import { LockKeeper } from './lock-keeper.ts'
import { Pulse, silentMsFor } from './pulse.ts'
import { Strays, type StraysOptions } from './strays.ts'
import { Sweeper } from './sweeper.ts'
import type { Taker } from './taker.ts'
import { Watchdog } from './watchdog.ts'

export interface GuardsOptions {
  readonly redis: Redis
  readonly prefix: string
  readonly workerId: string
  readonly takers: readonly Taker[]
  readonly held: HeldJobs
  readonly giveBack: StraysOptions['giveBack']
  readonly lockMs: number
  readonly sweepMs: number
  readonly lookMs?: number
  readonly keepFailed: number
  readonly withdraw?: (workerId: string) => Promise<void>
  readonly clock: Clock
  readonly onProblem: (code: SourceProblem['code'], message: string, jobId?: string) => void
}

/** What watches over a worker's jobs, over its neighbours and over itself, from `start()` to `stop()`. */
export class Guards {
  readonly #options: GuardsOptions
  readonly #keeper: LockKeeper
  readonly #sweeper: Sweeper
  readonly #heartbeat: Heartbeat
  readonly #watchdog: Watchdog<Taker>
  readonly #pulse: Pulse
  readonly #strays: Strays
  readonly #startedAt: number

  constructor(options: GuardsOptions) {
    const { redis, prefix, takers, lockMs, clock, onProblem } = options
    this.#options = options
    this.#startedAt = clock.wallAt()
    this.#keeper = new LockKeeper({ ...options, onLost: (job) => this.#lose(job) })
    const queues = takers.map(({ queue }) => queue)
    this.#strays = new Strays({
      ...options,
      queues,
      owners: () => takers.flatMap((taker) => taker.lockOwners),
    })
    this.#sweeper = new Sweeper({
      ...options,
      queues,
      onReturned: (...found) => onProblem('worker-died', unlockedNotice(...found)),
    })
    this.#heartbeat = new Heartbeat({
      ...options,
      self: this.#registration(),
      onDeath: (...found) => onProblem('worker-died', deadWorkerNotice(...found)),
      onBlind: (why) => onProblem('connection', blindNotice(why)),
    })
    this.#watchdog = new Watchdog({
      ...options,
      onIdle: (taker) => this.#replace(taker),
      onHopeless: (taker) => onProblem('stuck', stuckNotice(taker.queue)),
    })
    this.#pulse = new Pulse({ silentMs: silentMsFor(lockMs), key: layout(prefix).version, clock })
    this.#pulse.start(redis)
  }

  /** Resolves when the worker is in the books. */
  async start(): Promise<void> {
    await this.#heartbeat.start()
    this.#keeper.start()
    this.#sweeper.start()
    this.#watchdog.start()
  }

  /** The way of the jobs was cut and is there again. */
  reconnected(): void {
    this.#strays.reconnected()
  }

  /** From now on nothing is taken, and that is meant so. */
  rest(): void {
    this.#watchdog.stop()
  }

  async stop(): Promise<void> {
    this.#pulse.stop()
    await this.#watchdog.stop()
    await this.#strays.stop()
    await this.#sweeper.stop()
    await this.#keeper.stop()
    await this.#heartbeat.stop()
  }

  #registration() {
    const { workerId, takers } = this.#options
    return {
      workerId,
      queues: takers.map(({ queue }) => queue),
      lockOwners: takers.flatMap((taker) => taker.lockOwners),
      host: hostname(),
      pid,
      startedAt: this.#startedAt,
    }
  }

  async #replace(taker: Taker): Promise<void> {
    this.#options.onProblem('takes-nothing', idleNotice(taker.queue))
    await taker.replace()
    this.#heartbeat.register(this.#registration())
    taker.run()
  }

  #lose(job: HeldJob): void {
    job.abort('lost-lock')
    this.#options.onProblem(
      'lost-lock',
      'The lock of a running job was lost; it is stopped here and runs elsewhere.',
      job.jobId,
    )
  }
}

const blindNotice = (why: string): string =>
  `Redis does not list its clients (${why}): jobs of a killed worker return after the lock time only.`

const idleNotice = (queue: string): string =>
  `Jobs of ${queue} wait, slots are free and Redis answers, but nothing was taken: it is tried with new connections.`

const stuckNotice = (queue: string): string =>
  `Jobs of ${queue} wait and nothing is taken, with new connections neither: this process must be replaced.`
