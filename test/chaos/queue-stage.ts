import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalRedis, obtainRedis } from '@holdfast/local-redis'
import { createQueueView, createRedisSink, type QueueView, type Sink } from '@holdfast/queue'
import { sleep, systemClock } from '@holdfast/runtime'
import { BotProcess } from './bot-process.ts'
import { type RedisMoment, RedisTap } from './taps/redis-tap.ts'
import { Trace } from './trace.ts'
import { eventOf, type Work } from './work.ts'

/** Options of the workers, as `createWorker` takes them. */
export interface Crew {
  readonly concurrency: number
  readonly drainMs?: number
}

/** A worker behind a tap. */
export interface TappedQueueWorker {
  readonly worker: BotProcess
  /** Its way to Redis. */
  readonly tap: RedisTap
}

const REDIS_FOLDER = join(import.meta.dirname, '../../.holdfast/redis')
const LOOK_MS = 20

/** A Redis, workers in processes of their own, and events that come on the queue through the sink: no platforms, no gateway. */
export class QueueStage {
  readonly redis: LocalRedis
  readonly prefix: string
  readonly trace: Trace
  readonly folder: string
  readonly #sink: Sink
  readonly #view: QueueView
  readonly #crew: Crew
  readonly #taps: RedisTap[] = []
  readonly #spares = new Set<BotProcess>()
  #hired: readonly BotProcess[] = []

  /** @param ownRedis a server of its own, for those who hurt it; default: the run's, with a prefix of its own. */
  static async open(crew: Crew, ownRedis = false): Promise<QueueStage> {
    const env = ownRedis ? { ...process.env, REDIS_URL: undefined } : process.env
    const stage = new QueueStage(await obtainRedis({ folder: REDIS_FOLDER, env }), crew)
    await stage.#sink.start()
    return stage
  }

  private constructor(redis: LocalRedis, crew: Crew) {
    this.redis = redis
    this.#crew = crew
    this.folder = mkdtempSync(join(tmpdir(), 'holdfast-queue-'))
    this.prefix = `{${this.folder.split('/').at(-1)}}`
    this.trace = new Trace(join(this.folder, 'trace.jsonl'))
    const home = { redis: { url: redis.url }, prefix: this.prefix }
    this.#sink = createRedisSink({ ...home, bounds: () => undefined })
    this.#view = createQueueView(home)
  }

  get running(): readonly BotProcess[] {
    return this.#hired.filter(({ isRunning }) => isRunning)
  }

  /** Starts so many workers, `env` over the others' environment; resolves when they take jobs. */
  async hire(
    count: number,
    env: Readonly<Record<string, string>> = {},
    generation = 1,
  ): Promise<readonly BotProcess[]> {
    const hired = Array.from({ length: count }, () => this.#start(env, generation))
    this.#hired = [...this.#hired, ...hired]
    await Promise.all(hired.map((worker) => worker.ready()))
    return hired
  }

  /** Starts a process that is ready to be a worker, and is none; resolves with how to make it one, which resolves when it takes jobs. */
  async spare(): Promise<() => Promise<void>> {
    const spare = this.#start({ HOLDFAST_CHAOS_SPARE: '1' })
    this.#spares.add(spare)
    await spare.ready()
    return async () => {
      this.#spares.delete(spare)
      this.#hired = [...this.#hired, spare]
      spare.tell('work')
      await spare.ready()
    }
  }

  /** One more worker, behind a tap; resolves when it takes jobs. */
  async hireTapped(): Promise<TappedQueueWorker> {
    const tap = await RedisTap.to(this.redis.url)
    this.#taps.push(tap)
    const [worker] = await this.hire(1, { REDIS_URL: tap.url })
    if (!worker) throw new Error('nobody was hired')
    return { worker, tap }
  }

  /** Kills a worker when it gets there. Resolves when its process has ended. */
  async killAt({ worker, tap }: TappedQueueWorker, point: RedisMoment): Promise<void> {
    await tap.at(point, () => {
      this.kill(worker)
      return 'withhold'
    })
    await worker.ended
  }

  /** SIGKILL, and the trace has it. */
  kill(worker: BotProcess): void {
    worker.send('SIGKILL')
    this.trace.noteKill(worker.pid)
  }

  /** Resolves when Redis has confirmed all, in this order. */
  async put(works: readonly Work[]): Promise<void> {
    await Promise.all(
      works.map((work) => this.#sink.enqueue({ event: eventOf(work), subscriptions: ['chaos'] })),
    )
  }

  /** Resolves with the first answer of `look` that is something, which it is asked after each look at the trace. */
  async until<Found>(look: () => Found | undefined | false, what: string, withinMs = 60_000): Promise<Found> {
    const deadlineMs = systemClock.monotonicMs() + withinMs
    for (;;) {
      this.trace.read()
      const found = look()
      if (found !== undefined && found !== false) return found
      if (systemClock.monotonicMs() > deadlineMs)
        throw new Error(`${what} has not happened in ${withinMs} ms; ${this.trace.endedCount} events ended`)
      await sleep(systemClock, LOOK_MS)
    }
  }

  /** Whether a worker has said this in its log. */
  said(text: string): boolean {
    return readFileSync(this.#logFile, 'utf8').includes(text)
  }

  depth() {
    return this.#view.depth('chaos')
  }

  /** Ends everything. Trace and logs stay only where `keeps` says so; answers their folder. */
  async close(keeps: boolean): Promise<string> {
    await Promise.all([...this.running, ...this.#spares].map((worker) => worker.signal('SIGKILL')))
    for (const tap of this.#taps) tap.close()
    await this.#sink.stop(0)
    await this.#view.stop()
    await this.redis.discard(this.prefix)
    await this.redis.stop()
    this.trace.close()
    if (!keeps) rmSync(this.folder, { recursive: true, force: true })
    return this.folder
  }

  #start(env: Readonly<Record<string, string>>, generation = 1): BotProcess {
    return new BotProcess({
      program: 'queue-worker.mjs',
      generation,
      env: { ...this.#environment(), ...env },
      logFile: this.#logFile,
    })
  }

  get #logFile(): string {
    return join(this.folder, 'workers.log')
  }

  #environment(): Readonly<Record<string, string>> {
    return {
      REDIS_URL: this.redis.url,
      HOLDFAST_PREFIX: this.prefix,
      HOLDFAST_CHAOS_TRACE: this.trace.file,
      HOLDFAST_CHAOS_WORKER: JSON.stringify(this.#crew),
    }
  }
}
