import { randomUUID } from 'node:crypto'
import { type Clock, sleep, systemClock } from '@holdfast/runtime'
import { DelayedError, type Job, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { Gate } from '../gate.ts'
import { interactiveQueue, layout } from '../layout.ts'
import type { AbortReason, Outcome, Source, SourceOptions, SourceProblem, TakenJob } from '../ports.ts'
import { QueueError } from '../problem.ts'
import { openConnection, type RedisAddress, redisOptions } from './connection.ts'
import { Heartbeat } from './heartbeat.ts'
import { HeldJobs } from './held-jobs.ts'
import { JobScripts, type LanedJob } from './job-scripts.ts'
import { LockKeeper } from './lock-keeper.ts'
import { claimLayout } from './registry.ts'
import { Sweeper } from './sweeper.ts'
import { laneOf, takenJob } from './taken-job.ts'

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
/** From this many deaths on, a job runs with no other beside it. */
const ALONE_FROM_DEATHS = 2

export function createRedisSource(options: RedisSourceOptions): Source {
  return new RedisSource(options)
}

/**
 * Takes jobs with BullMQ's workers (one for the ordered queue, one for interactive events) and runs each through
 * begin → run → outcome. Every move of a job is one of our scripts, made of BullMQ's own Lua, so that the end of a job,
 * its record and the wake-up of its lane are one step. BullMQ is told that the job has been moved already.
 */
class RedisSource implements Source {
  readonly #options: RedisSourceOptions & typeof DEFAULTS
  readonly #clock: Clock
  readonly #workerId: string
  readonly #held = new HeldJobs()
  readonly #gate = new Gate()
  readonly #redis: Redis
  readonly #scripts: JobScripts
  readonly #queues: readonly string[]
  readonly #services: { stop(): Promise<void> }[] = []
  #workers: Worker[] = []
  #pausing = false
  #started: Promise<void> | undefined
  #stopped: Promise<void> | undefined

  constructor(options: RedisSourceOptions) {
    this.#options = { ...DEFAULTS, ...options }
    this.#clock = options.clock ?? systemClock
    this.#workerId = options.workerId ?? randomUUID()
    this.#queues = [options.subscription, interactiveQueue(options.subscription)]
    this.#redis = openConnection(options.redis, this.#connectionName('scripts'), { lazyConnect: true })
    this.#scripts = new JobScripts({
      redis: this.#redis,
      prefix: options.prefix,
      workerId: this.#workerId,
      lockMs: this.#options.lockMs,
      clock: this.#clock,
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
    this.#pausing = true
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
    // From now on the enqueue parks what has to wait: here is somebody who wakes it.
    await this.#redis.hset(layout(this.#options.prefix).meta(this.#options.subscription), 'lanes', 1)
    this.#workers = this.#queues.map((queue) => this.#openWorker(queue))
    await Promise.all(this.#workers.map((worker) => worker.waitUntilReady()))
    await this.#openServices()
    for (const worker of this.#workers)
      worker.run().catch((error: unknown) => this.#problem('connection', String(error)))
  }

  async #connect(): Promise<void> {
    const ready = new Promise<void>((resolve) => this.#redis.once('ready', () => resolve()))
    const timeout = sleep(this.#clock, this.#options.connectTimeoutMs).then(() => 'timeout' as const)
    void this.#redis.connect().catch(() => {})
    if ((await Promise.race([ready, timeout])) !== 'timeout') return
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
      async (job: Job, token?: string) => this.#process(queue, job, token ?? ''),
      {
        connection: { ...redisOptions(redis, this.#connectionName(queue)), maxRetriesPerRequest: null },
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
    const sweeper = new Sweeper({ ...common, queues: this.#queues, sweepMs })
    const lockOwners = this.#workers.map((worker) => worker.id)
    const heartbeat = new Heartbeat({
      ...common,
      self: { workerId: this.#workerId, queues: this.#queues, lockOwners },
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
    await this.#started?.catch(() => {})
    await this.pause()
    await this.#held.idle()
    await Promise.all(this.#workers.map((worker) => worker.close()))
    for (const service of this.#services) await service.stop()
    this.#redis.disconnect()
  }

  /** BullMQ's view of a job: whatever became of it, it has been moved by the time we return. */
  async #process(queue: string, job: Job, token: string): Promise<never> {
    const abort = new AbortController()
    const held: LanedJob = {
      queue,
      jobId: job.id ?? '',
      token,
      lane: laneOf(job),
      phase: 'beginning',
      abort: (reason) => abort.abort(reason),
    }
    this.#held.add(held)
    try {
      await this.#live(held, job, abort.signal)
    } finally {
      this.#held.remove(held)
    }
    throw new DelayedError()
  }

  async #live(held: LanedJob, job: Job, signal: AbortSignal): Promise<void> {
    if (this.#pausing) return void (await this.#scripts.giveBack(held))
    const beginning = await this.#scripts.begin(held)
    if (beginning.kind !== 'run') return
    held.phase = 'running'
    const alone = beginning.deathCount >= ALONE_FROM_DEATHS
    const leave = await this.#gate.enter(alone)
    try {
      if (alone) await this.#scripts.markAlone(held)
      const outcome = await this.#runHandler(takenJob(held, job, signal, beginning, this.#scripts))
      if (held.phase === 'running') held.phase = 'ending'
      await this.#settle(held, outcome)
    } finally {
      leave()
    }
  }

  async #runHandler(job: TakenJob): Promise<Outcome> {
    try {
      return await this.#options.run(job)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#problem('run-rejected', `A job ended with an error that nobody handled: ${reason}`, job.id)
      return {
        kind: 'dead',
        reason,
        ...(error instanceof Error && error.stack ? { stack: error.stack } : {}),
      }
    }
  }

  /** One clause per outcome. Here responsibility for the event ends, or passes back to the queue. */
  async #settle(job: LanedJob, outcome: Outcome): Promise<void> {
    const moved = await this.#move(job, outcome)
    if (!moved)
      this.#problem(
        'report-refused',
        `The job was ${outcome.kind} here, but its lock is another's by now.`,
        job.jobId,
      )
  }

  #move(job: LanedJob, outcome: Outcome): Promise<boolean> {
    switch (outcome.kind) {
      case 'completed':
        return this.#scripts.complete(job)
      case 'retry':
        return this.#scripts.retry(job, outcome.delayMs)
      case 'dead':
        return this.#scripts.bury(job, outcome.reason, outcome.stack, this.#options.keepFailed)
      case 'returned':
        return this.#scripts.giveBack(job)
      default:
        return outcome satisfies never
    }
  }

  #connectionName(use: string): string {
    return `holdfast:worker:${this.#workerId}:${use}`
  }

  #problem(code: SourceProblem['code'], message: string, jobId?: string): void {
    this.#options.onProblem?.({ code, message, ...(jobId === undefined ? {} : { jobId }) })
  }
}
