import { QueueError, type Source } from '@holdfast/queue'
import { type Clock, ProblemError } from '@holdfast/runtime'
import { declarationOf, startedLine } from './declaration.ts'
import { createGiveUp, drain, type Stopped } from './drain.ts'
import type { EventPattern } from './event-data.ts'
import { type AnyHandler, type HandlerOptions, Handlers } from './handlers.ts'
import type { WorkerLog } from './log.ts'
import type { Settings } from './options.ts'
import type { OutsideWork } from './outside-work.ts'
import { type Platforms, tokenWarnings } from './platforms.ts'
import { logProblem } from './problem-log.ts'
import type { PostReply } from './reply.ts'
import { type Runnable, runUntilSignal, type WorkerHost } from './run.ts'
import { createRunner } from './runner.ts'
import { Standing } from './standing.ts'
import { startAdvice } from './start-advice.ts'
import type { Handler, Worker } from './worker.ts'
import { createWorkerHttp, type WorkerHttp } from './worker-http.ts'
import type { WorkerQueue } from './worker-queue.ts'

/** What a worker is made of. */
export interface WorkerParts {
  readonly settings: Settings
  /** Of the options; those of the patterns come with them. */
  readonly problems: readonly string[]
  readonly queue: WorkerQueue
  readonly platforms: Platforms
  readonly postReply: PostReply
  readonly clock: Clock
  readonly log: WorkerLog
  readonly host: WorkerHost
  /** In development. */
  readonly outsideWork?: OutsideWork
}

/**
 * Lifecycle: idle → starting → running → draining → stopped. `stop()` leads to the end from anywhere; what has been
 * started is a promise, so that a second call waits for the first.
 */
export class QueueWorker implements Worker, Runnable {
  /** For the test bench, which makes a worker of other parts with the same handlers. */
  readonly parts: WorkerParts
  readonly handlers: Handlers
  readonly stopped: Promise<Stopped>
  readonly #tellStopped: (stopped: Promise<Stopped>) => void
  readonly #giveUp = createGiveUp()
  readonly #hurry = new AbortController()
  readonly #stopWanted = new AbortController()
  readonly #standing = new Standing()
  readonly #http: WorkerHttp
  #source: Source | undefined
  #starting: Promise<void> | undefined
  #isStuck = false

  constructor(parts: WorkerParts, handlers: Handlers = new Handlers()) {
    this.parts = parts
    this.handlers = handlers
    this.#http = createWorkerHttp(parts.settings.http, () => this.#standing.readiness, {
      ...parts.settings,
      activeCount: () => this.#source?.activeCount ?? 0,
      redisAway: () => this.#standing.redisAway,
    })
    let tell: (stopped: Promise<Stopped>) => void = () => {}
    this.stopped = new Promise((resolve) => {
      tell = resolve
    })
    this.#tellStopped = tell
  }

  on<const Pattern extends EventPattern>(
    pattern: Pattern,
    handler: Handler<Pattern>,
    options?: HandlerOptions,
  ): this {
    if (this.#starting) throw new ProblemError('worker-options', tooLate(pattern))
    // The pattern is what proves the event's type; the table holds handlers of every type.
    this.handlers.add(pattern, handler as unknown as AnyHandler, options)
    return this
  }

  start(): Promise<void> {
    this.#starting ??= this.#start().catch(async (error) => {
      // Nobody asks a worker that has not started; what listens would keep its process alive.
      await this.#http.stop()
      throw error
    })
    return this.#starting
  }

  async stop(): Promise<void> {
    if (!this.#stopWanted.signal.aborted) {
      this.#stopWanted.abort()
      this.#tellStopped(this.#stop())
    }
    await this.stopped
  }

  hurry(): void {
    this.#hurry.abort()
  }

  run(): Promise<void> {
    return runUntilSignal(this, this.parts.host, this.parts.clock)
  }

  async #start(): Promise<void> {
    const { queue, problems, log } = this.parts
    const all = [...problems, ...this.handlers.problems]
    if (all.length > 0) throw new ProblemError('worker-options', all.join('\n'))
    if (this.#stopWanted.signal.aborted) return
    if (this.parts.settings.http) await this.#listen()
    const onAway = (message: string) => {
      this.#standing.waitsForRedis(message)
      log.warn({}, `${message}; waiting for it`)
    }
    const { signal } = this.#stopWanted
    await Promise.race([queue.connect({ signal, onAway }), aborted(signal)])
    if (signal.aborted) return
    this.#standing.redisAnswers()
    const source = await Promise.race([this.#createSource().catch(asProblem), aborted(signal)])
    if (source === 'aborted') return
    this.#source = source
    this.parts.outsideWork?.start()
    await source.start().catch(asProblem)
    await this.#declare()
    if (!signal.aborted) this.#standing.moved('running')
  }

  /** First of all: that Redis is away is what a health check wants to know. */
  async #listen(): Promise<void> {
    await this.#http.start()
    this.parts.log.info({ address: this.#http.address }, 'answers health checks and shows metrics')
  }

  /** From here on the gateways know what to enqueue. A stop does not wait for them. */
  async #declare(): Promise<void> {
    const { settings, queue, platforms, log } = this.parts
    const declaration = declarationOf(settings, this.handlers)
    const { subscription, patterns } = declaration
    const declaring = queue.declare(declaration)
    const noted = await Promise.race([declaring, aborted(this.#stopWanted.signal)])
    declaring.catch(() => {})
    if (noted === 'late') {
      log.warn({ subscription }, 'a live gateway has not taken note yet: its events come a little later')
    }
    if (noted === 'aborted') return
    log.info({ subscription, patterns }, startedLine(declaration))
    const sight = await Promise.race([queue.sight?.(subscription), aborted(this.#stopWanted.signal)])
    if (sight === 'aborted') return
    for (const line of startAdvice(declaration, sight)) log.warn({ subscription }, line)
    for (const warning of tokenWarnings(this.handlers.patterns, platforms)) log.warn({}, warning)
  }

  #createSource(): Promise<Source> {
    const { settings, queue, log } = this.parts
    const { subscription, concurrency } = settings
    const { metrics } = this.#http
    const giveUp = this.#giveUp.signal
    return queue.createSource({
      subscription,
      concurrency,
      run: createRunner({ ...this.parts, handlers: this.handlers, metrics, giveUp }),
      onProblem: (problem) => {
        this.#standing.noted(problem)
        metrics.noted(problem)
        logProblem(log, problem)
        if (problem.code === 'stuck') this.#end()
      },
    })
  }

  /** By itself: it can be of no more use. */
  #end(): void {
    this.#isStuck = true
    void this.stop()
  }

  async #stop(): Promise<Stopped> {
    const { clock, queue, platforms, log, settings, outsideWork } = this.parts
    this.#standing.moved('draining')
    // A failed start is told to whoever called start().
    await this.#starting?.catch(() => {})
    const source = this.#source
    if (source) log.info({ active: source.activeCount }, 'drains: takes no more jobs')
    const close = () => queue.close()
    const stopped = source
      ? await drain({ ...settings, source, clock, giveUp: this.#giveUp, hurry: this.#hurry.signal, close })
      : await close().then(() => ({ clean: true, abandonedCount: 0 }))
    platforms.close()
    outsideWork?.stop()
    this.#standing.moved('stopped')
    await this.#http.stop()
    if (!stopped.clean)
      log.error({}, 'Redis did not take jobs back in time: they run again after the lock time')
    else if (source) log.info({ abandoned: stopped.abandonedCount }, 'stopped')
    return { ...stopped, stuck: this.#isStuck }
  }
}

const tooLate = (pattern: string) =>
  `worker.on("${pattern}") comes after the start, when the wishes are declared: register every handler before run() or start()`

function aborted(signal: AbortSignal): Promise<'aborted'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('aborted')
    signal.addEventListener('abort', () => resolve('aborted'), { once: true })
  })
}

/** What the queue says about its surroundings is for a person to put right. */
function asProblem(error: unknown): never {
  if (!(error instanceof QueueError)) throw error
  throw new ProblemError(`queue-${error.code}`, error.message, { cause: error })
}
