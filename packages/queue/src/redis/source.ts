import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { pid } from 'node:process'
import { type Clock, endsWithin, reconnectDelayMs, sleep, systemClock } from '@holdfast/runtime'
import { type Job, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { interactiveQueue, layout } from '../layout.ts'
import { LANES_KEPT_MS } from '../lua/lane.ts'
import type { AbortReason, Source, SourceOptions, SourceProblem } from '../ports.ts'
import { QueueError } from '../problem.ts'
import { awayFor } from './away.ts'
import { closeConnection, openConnection, type RedisAddress, redisOptions } from './connection.ts'
import { deadWorkerNotice, unlockedNotice } from './death-notice.ts'
import { Heartbeat } from './heartbeat.ts'
import { HeldJobs } from './held-jobs.ts'
import { JobLife } from './job-life.ts'
import { JobScripts } from './job-scripts.ts'
import { claimLayout } from './layout-claim.ts'
import { LockKeeper } from './lock-keeper.ts'
import { Sweeper } from './sweeper.ts'

export interface RedisSourceOptions extends SourceOptions {
  readonly redis: RedisAddress
  readonly prefix: string
  /** Names this worker in heartbeats, locks and connection names. */
  readonly workerId?: string
  /** How long a lock lasts without renewal. */
  readonly lockMs?: number
  /** How often locks that ran out are looked for. */
  readonly sweepMs?: number
  /** How many dead letters a queue keeps. */
  readonly keepFailed?: number
  /** How long `start()` waits for Redis before it gives up. */
  readonly connectTimeoutMs?: number
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
  readonly #services: { stop(): Promise<void> }[] = []
  #workers: Worker[] = []
  #isCutOff = false
  #started: Promise<void> | undefined
  #stopped: Promise<void> | undefined

  constructor(options: RedisSourceOptions) {
    this.#options = { ...DEFAULTS, ...options }
    this.#clock = options.clock ?? systemClock
    this.#workerId = options.workerId ?? randomUUID()
    this.#queues = [options.subscription, interactiveQueue(options.subscription)]
    this.#redis = openConnection(options.redis, this.#connectionName('scripts'), { lazyConnect: true })
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
    await Promise.all(this.#workers.map((worker) => worker.pause(true)))
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
    await claimLayout(this.#redis, this.#options.prefix)
    // From now on the enqueue parks what has to wait: here is somebody who wakes it, and the sweeper says so again.
    const { prefix, subscription } = this.#options
    await this.#redis.set(layout(prefix).lanesKept(subscription), 1, 'PX', LANES_KEPT_MS)
    this.#workers = this.#queues.map((queue) => this.#openWorker(queue))
    await Promise.all(this.#workers.map((worker) => worker.waitUntilReady()))
    await this.#openServices()
    for (const worker of this.#workers)
      worker.run().catch((error: unknown) => this.#problem('connection', String(error)))
  }

  async #connect(): Promise<void> {
    const ready = new Promise<void>((resolve) => this.#redis.once('ready', () => resolve()))
    const over = new AbortController()
    const { connectTimeoutMs } = this.#options
    const timeout = sleep(this.#clock, connectTimeoutMs, over.signal).then(() => 'timeout' as const)
    void this.#redis.connect().catch(() => {})
    const first = await Promise.race([ready, timeout])
    over.abort()
    if (first !== 'timeout') return
    this.#redis.disconnect()
    const { host, port } = redisOptions(this.#options.redis, '')
    throw new QueueError(
      'unreachable',
      `Redis at ${host}:${port} does not answer. Start it, or set REDIS_URL to where it is.`,
    )
  }

  #openWorker(queue: string): Worker {
    const { redis, prefix, concurrency, lockMs } = this.#options
    const worker = new Worker(
      queue,
      async (job: Job, token?: string) => this.#life.process(queue, job, token ?? ''),
      {
        connection: {
          ...redisOptions(redis, this.#connectionName(queue)),
          maxRetriesPerRequest: null,
          retryStrategy: (attempt) => (this.#isCutOff ? null : reconnectDelayMs(attempt)),
        },
        name: this.#workerId,
        prefix,
        concurrency,
        lockDuration: lockMs,
        autorun: false,
        // Locks are renewed, and stalls found, by our own: see LockKeeper and Sweeper.
        skipLockRenewal: true,
        skipStalledCheck: true,
        runRetryDelay: 1_000,
      },
    )
    worker.on('error', (error) => this.#problem('connection', error.message))
    return worker
  }

  async #openServices(): Promise<void> {
    const { prefix, lockMs, sweepMs, keepFailed } = this.#options
    const common = { redis: this.#redis, prefix, clock: this.#clock, keepFailed }
    const onLost = (job: { jobId: string; abort: (reason: AbortReason) => void }) => {
      job.abort('lost-lock')
      this.#problem(
        'lost-lock',
        'The lock of a running job was lost; it is stopped here and runs elsewhere.',
        job.jobId,
      )
    }
    const keeper = new LockKeeper({ ...common, workerId: this.#workerId, held: this.#held, lockMs, onLost })
    const sweeper = new Sweeper({
      ...common,
      queues: this.#queues,
      sweepMs,
      onReturned: (...found) => this.#problem('worker-died', unlockedNotice(...found)),
    })
    const lockOwners = this.#workers.map((worker) => worker.id)
    const heartbeat = new Heartbeat({
      ...common,
      self: {
        workerId: this.#workerId,
        queues: this.#queues,
        lockOwners,
        host: hostname(),
        pid,
        startedAt: this.#clock.wallAt(),
      },
      onDeath: (...found) => this.#problem('worker-died', deadWorkerNotice(...found)),
      onBlind: (why) =>
        this.#problem(
          'connection',
          `Redis does not list its clients (${why}): jobs of a killed worker return after the lock time only.`,
        ),
    })
    await heartbeat.start()
    keeper.start()
    sweeper.start()
    this.#services.push(sweeper, keeper, heartbeat)
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
    await Promise.all(this.#workers.map((worker) => worker.close()))
    // Out of the books while Redis can be told of it: else the next worker takes the silence for a death.
    await endsWithin(this.#clock, GOODBYE_MS, this.#stopServices())
  }

  /** What Redis has not been told by now it will not be told: jobs that are still ours run again after the lock time. */
  async #cutOff(): Promise<void> {
    this.#isCutOff = true
    closeConnection(this.#redis)
    for (const worker of this.#workers) worker.disconnect().catch(() => {})
    await this.#stopServices()
  }

  async #stopServices(): Promise<void> {
    for (const service of this.#services) await service.stop()
  }

  #connectionName(use: string): string {
    return `holdfast:worker:${this.#workerId}:${use}`
  }

  #problem(code: SourceProblem['code'], message: string, jobId?: string): void {
    this.#options.onProblem?.({ code, message, ...(jobId === undefined ? {} : { jobId }) })
  }
}
