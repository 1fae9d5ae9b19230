import { randomUUID } from 'node:crypto'
import {
  type Clock,
  closeRedis,
  describePlace,
  endsWithin,
  openRedis,
  type RedisHome,
  reconnectDelayMs,
  redisOptions,
  sleep,
  systemClock,
} from '@holdfast/runtime'
import type { Redis } from 'ioredis'
import type { Gate } from '../gate.ts'
import { interactiveQueue, layout } from '../layout.ts'
import { KEEP_LANES } from '../lua/sweep.ts'
import type { Source, SourceOptions, SourceProblem } from '../ports.ts'
import { QueueError } from '../problem.ts'
import { awayFor } from './away.ts'
import { Guards } from './guards.ts'
import { HeldJobs } from './held-jobs.ts'
import { JobLife } from './job-life.ts'
import { JobScripts } from './job-scripts.ts'
import { claimLayout } from './layout-claim.ts'
import { Outage } from './outage.ts'
import { runScript } from './run-script.ts'
import { Taker } from './taker.ts'

export interface RedisSourceOptions extends SourceOptions, RedisHome {
  /** Names this worker in heartbeats, locks and connection names. */
  readonly workerId?: string
  /** How long a lock lasts without renewal. */
  readonly lockMs?: number
  /** How often locks that ran out are looked for. */
  readonly sweepMs?: number
  /** How many dead letters a queue keeps. */
  readonly keepFailed?: number
  /** Shared by all sources of one process, for what kills it kills the jobs of all of them. Default: its own. */
  readonly gate?: Gate
  /** How long `start()` waits for Redis before it gives up. */
  readonly connectTimeoutMs?: number
  /** How often it looks whether it still takes what it could. */
  readonly lookMs?: number
  /** Takes back what a worker wished for that is found dead; for a `prefix` that is not where wishes are. */
  readonly withdraw?: (workerId: string) => Promise<void>
  readonly clock?: Clock
}

const DEFAULTS = { lockMs: 30_000, sweepMs: 5_000, keepFailed: 10_000, connectTimeoutMs: 5_000 }
/** A stop waits for Redis this long while it is away. */
const GIVE_UP_MS = 5_000
/** Saying goodbye is a courtesy: no more of the stop than this. */
const GOODBYE_MS = 1_000

export function createRedisSource(options: RedisSourceOptions): Source {
  return new RedisSource(options)
}

/**
 * Takes jobs with BullMQ's workers: one for the ordered queue, one for interactive events. What becomes of each is
 * decided and written by `JobLife`, with scripts of ours; BullMQ is told that the job has been moved already.
 */
class RedisSource implements Source {
  readonly #options: RedisSourceOptions & typeof DEFAULTS
  readonly #clock: Clock
  readonly #workerId: string
  readonly #held = new HeldJobs()
  readonly #redis: Redis
  readonly #life: JobLife
  readonly #queues: readonly string[]
  readonly #takers: readonly Taker[]
  #guards: Guards | undefined
  readonly #outage: Outage
  #isCutOff = false
  #started: Promise<void> | undefined
  #stopped: Promise<void> | undefined

  constructor(options: RedisSourceOptions) {
    this.#options = { ...DEFAULTS, ...options }
    this.#clock = options.clock ?? systemClock
    this.#workerId = options.workerId ?? randomUUID()
    this.#queues = [options.subscription, interactiveQueue(options.subscription)]
    this.#redis = openRedis(options, this.#connectionName('scripts'), { lazyConnect: true })
    this.#life = new JobLife({
      ...this.#options,
      held: this.#held,
      scripts: new JobScripts({
        redis: this.#redis,
        prefix: options.prefix,
        workerId: this.#workerId,
        lockMs: this.#options.lockMs,
        clock: this.#clock,
      }),
      onProblem: (...problem) => this.#problem(...problem),
    })
    this.#outage = new Outage({
      place: describePlace(this.#options.redis),
      clock: this.#clock,
      tell: (...problem) => this.#problem(...problem),
    })
    this.#takers = this.#queues.map((queue) => this.#createTaker(queue))
  }

  get activeCount(): number {
    return this.#held.count
  }

  idle(): Promise<void> {
    return this.#held.idle()
  }

  start(): Promise<void> {
    this.#started ??= this.#open()
    return this.#started
  }

  async pause(): Promise<void> {
    this.#life.pause()
    this.#guards?.rest()
    await Promise.all(this.#takers.map((taker) => taker.pause()))
  }

  abort(): void {
    for (const job of this.#held.all()) job.abort('drain')
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#close()
    return this.#stopped
  }

  async #open(): Promise<void> {
    await this.#connect()
    const { prefix, subscription } = this.#options
    await claimLayout(this.#redis, prefix)
    // From now on the enqueue parks what has to wait: here is somebody who wakes it, and the sweeper says so again.
    const names = layout(prefix)
    await runScript(this.#redis, KEEP_LANES, names.meta(subscription), [names.base(subscription)])
    await Promise.all(this.#takers.map((taker) => taker.open()))
    this.#guards = this.#createGuards()
    await this.#guards.start()
    for (const taker of this.#takers) taker.run()
  }

  async #connect(): Promise<void> {
    const ready = new Promise<void>((resolve) => this.#redis.once('ready', () => resolve()))
    const over = new AbortController()
    const { connectTimeoutMs } = this.#options
    const timeout = sleep(this.#clock, connectTimeoutMs, over.signal).then(() => 'timeout' as const)
    void this.#redis.connect().catch(() => {})
    const first = await Promise.race([ready, timeout])
    over.abort()
    if (first !== 'timeout') {
      this.#redis.on('close', () => this.#outage.begins())
      this.#redis.on('ready', () => this.#outage.ends())
      return
    }
    this.#redis.disconnect()
    throw new QueueError(
      'unreachable',
      `Redis at ${describePlace(this.#options.redis)} does not answer. Start it, or set REDIS_URL to where it is.`,
    )
  }

  #createGuards(): Guards {
    return new Guards({
      ...this.#options,
      redis: this.#redis,
      workerId: this.#workerId,
      takers: this.#takers,
      held: this.#held,
      giveBack: (...stray) => this.#life.giveBack(...stray),
      clock: this.#clock,
      onProblem: (...problem) => this.#problem(...problem),
    })
  }

  #createTaker(queue: string): Taker {
    const connection = {
      ...redisOptions(this.#options, this.#connectionName(queue)),
      retryStrategy: (attempt: number) => (this.#isCutOff ? null : reconnectDelayMs(attempt)),
    }
    return new Taker({
      ...this.#options,
      queue,
      connection,
      workerId: this.#workerId,
      clock: this.#clock,
      process: (...taken) => this.#life.process(...taken),
      onError: (error) => this.#outage.error(error),
      onReconnected: () => this.#guards?.reconnected(),
    })
  }

  async #close(): Promise<void> {
    const over = new AbortController()
    const inTurn = this.#closeInTurn().finally(() => over.abort())
    const away = awayFor(this.#redis, this.#clock, GIVE_UP_MS, over.signal)
    await Promise.race([inTurn, away]).finally(() => over.abort())
    await this.#cutOff()
  }

  async #closeInTurn(): Promise<void> {
    await this.#started?.catch(() => {})
    await this.pause()
    await this.#held.idle()
    await Promise.all(this.#takers.map((taker) => taker.close()))
    // Out of the books while Redis can be told of it: else the next worker takes the silence for a death.
    await endsWithin(this.#clock, GOODBYE_MS, this.#stopGuards())
  }

  /** What Redis has not been told by now it will not be told: jobs that are still ours run again after the lock time. */
  async #cutOff(): Promise<void> {
    this.#isCutOff = true
    this.#outage.stop()
    closeRedis(this.#redis)
    for (const taker of this.#takers) taker.disconnect()
    await this.#stopGuards()
  }

  async #stopGuards(): Promise<void> {
    await this.#guards?.stop()
  }

  #connectionName(use: string): string {
    return `holdfast:worker:${this.#workerId}:${use}`
  }

  #problem(code: SourceProblem['code'], message: string, jobId?: string): void {
    this.#options.onProblem?.({ code, message, ...(jobId === undefined ? {} : { jobId }) })
  }
}
