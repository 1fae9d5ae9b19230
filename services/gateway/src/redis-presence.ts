import type { AwaitedRedis, Clock, Log, Service, Timer } from '@holdfast/runtime'
import { sayGoodbye } from './goodbye.ts'
import type { QueueTrouble } from './queue-troubles.ts'
import type { UnconfirmedBound } from './room.ts'

/** How often it is looked whether Redis answers: also a Redis that hangs on open connections is one that is away. */
const LOOK_MS = 1_000
/** How often it is told that Redis is away still. */
const TELL_MS = 60_000

/** What waits for Redis meanwhile. */
export interface WaitingForRedis extends UnconfirmedBound {
  /** How many events are on disk. */
  readonly keptCount: number
}

export interface RedisPresenceOptions {
  readonly awaited: AwaitedRedis
  /** Whether events are taken, beside this connection. */
  readonly eventsFlow: () => boolean
  /** What keeps them. */
  readonly trouble: () => QueueTrouble | undefined
  readonly waiting: () => WaitingForRedis
  readonly bound: UnconfirmedBound
  /** For the lines of a start that waits. */
  readonly startFields: () => object
  readonly clock: Clock
  readonly log: Log
}

/** A time in which Redis does not answer, or answers and refuses events. */
interface Absence {
  readonly kind: 'away' | 'refuses'
  readonly sinceAt: number
  readonly sinceMs: number
  /** What was unconfirmed already when it began. */
  readonly before: UnconfirmedBound
  readonly toldMs: number
}

const WORDS = {
  away: {
    begins: 'Redis does not answer',
    until: 'until it does',
    lasts: 'has not answered',
    ends: 'Redis answers again',
  },
  refuses: {
    begins: 'Redis refuses events',
    until: 'until it takes them',
    lasts: 'has refused events',
    ends: 'Redis takes events again',
  },
} as const

/** By the code that begins Redis' own words. */
const REMEDIES: Readonly<Record<string, string>> = {
  OOM: ': it is full; give it more memory (`maxmemory`), or more workers to its queues',
  MISCONF: ': it can not write to its disk; look at its log',
  NOPERM: ': its user may not; give it the rights of the reference',
  READONLY: ': it is a replica; let the address be that of the master',
}

/**
 * Whether Redis answers and takes events, since when it does not, and what waits for it. `start()` waits for its first answer. An absence is told
 * when it begins, once a minute while it lasts, and when it ends. `stop()` says goodbye.
 *
 * @throws {ProblemError} from `start`: `redis-refused`.
 */
export class RedisPresence implements Service {
  readonly #options: RedisPresenceOptions
  readonly #halt = new AbortController()
  /** Why it has not answered at all yet. */
  #silence: string | undefined
  #absence: Absence | undefined
  /** The last look found that it does not answer. */
  #doubtful = false
  #timer: Timer | undefined

  constructor(options: RedisPresenceOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const { awaited } = this.#options
    await awaited.untilAnswers((problem) => this.#onSilence(problem.message), this.#halt.signal)
    if (this.#halt.signal.aborted || this.#timer) return
    if (this.#silence !== undefined) this.#options.log.info({}, 'Redis answers: the start goes on')
    this.#silence = undefined
    awaited.redis.on('ready', this.#look)
    awaited.redis.on('close', this.#look)
    this.#timer = this.#wait()
  }

  /** A start that waits need not wait any more. */
  giveUp(): void {
    this.#halt.abort()
  }

  async stop(): Promise<void> {
    const { awaited, clock } = this.#options
    const { redis } = awaited
    this.giveUp()
    this.#timer?.clear()
    redis.off('ready', this.#look)
    redis.off('close', this.#look)
    // A quit would wait for a Redis that is away, and no connection shows that its other side hangs.
    if (redis.status === 'ready' && (await sayGoodbye(clock, redis.quit()))) return
    redis.disconnect()
  }

  get answers(): boolean {
    return this.#isConnected && this.#options.eventsFlow() && this.#options.trouble()?.refused === undefined
  }

  /** What a person wants to know of a Redis that is away. */
  get why(): string {
    if (this.#silence !== undefined) return this.#silence
    const since = this.#absence ? ` since ${new Date(this.#absence.sinceAt).toISOString()}` : ''
    return `${WORDS[this.#absence?.kind ?? this.#kind].begins}${since}; sockets stay open, ${describe(this.#options)}`
  }

  get #isConnected(): boolean {
    return this.#options.awaited.redis.status === 'ready'
  }

  /** A lost connection is told at once; events that do not flow may do so again in the next moment. */
  readonly #look = (): void => {
    const { answers } = this
    const isAway = !this.#isConnected || (!answers && this.#doubtful)
    this.#doubtful = !answers
    if (this.#absence) this.#absence = answers ? this.#end(this.#absence) : this.#goOn(this.#absence)
    else if (isAway) this.#absence = this.#begin()
  }

  get #kind(): Absence['kind'] {
    return this.#isConnected && this.#options.trouble()?.refused !== undefined ? 'refuses' : 'away'
  }

  /** What a person has to do is another where it is there by now and refuses. */
  #goOn(absence: Absence): Absence {
    if (absence.kind === this.#kind) return this.#remind(absence)
    const { sinceAt, sinceMs, before } = absence
    return { ...this.#begin(), sinceAt, sinceMs, before }
  }

  #wait(): Timer {
    return this.#options.clock.setTimer(LOOK_MS, () => {
      this.#timer = this.#wait()
      this.#look()
    })
  }

  #onSilence(why: string): void {
    const { log, startFields } = this.#options
    this.#silence = `${why}; waiting for it`
    log.warn(startFields(), this.#silence)
  }

  #begin(): Absence {
    const { clock, waiting, log, trouble } = this.#options
    const nowMs = clock.monotonicMs()
    const kind = this.#kind
    const { refused: why, partitions } = trouble() ?? {}
    const fields = {
      ...(kind === 'refuses' ? { why } : {}),
      ...(this.#isConnected && partitions ? { partitions } : {}),
    }
    const remedy = kind === 'refuses' ? (REMEDIES[why?.split(' ', 1)[0] ?? ''] ?? '') : ''
    log.warn(
      fields,
      `${WORDS[kind].begins}${remedy}; sockets stay open, events wait, and it is tried again ${WORDS[kind].until}`,
    )
    return { kind, sinceAt: clock.wallAt(), sinceMs: nowMs, before: waiting(), toldMs: nowMs }
  }

  #remind(absence: Absence): Absence {
    const { clock, waiting, log } = this.#options
    const nowMs = clock.monotonicMs()
    if (nowMs - absence.toldMs < TELL_MS) return absence
    const { count, bytes, keptCount } = waiting()
    const seconds = Math.round((nowMs - absence.sinceMs) / 1_000)
    const fullInSeconds = fullIn(this.#options, absence.before, seconds)
    log.warn(
      { seconds, unconfirmedCount: count, unconfirmedBytes: bytes, keptCount, fullInSeconds },
      `Redis ${WORDS[absence.kind].lasts} for ${seconds} s; ${describe(this.#options)}`,
    )
    return { ...absence, toldMs: nowMs }
  }

  #end({ kind, sinceMs }: Absence): undefined {
    const { clock, waiting, log } = this.#options
    const seconds = Math.round((clock.monotonicMs() - sinceMs) / 1_000)
    log.info({ seconds, unconfirmedCount: waiting().count }, WORDS[kind].ends)
  }
}

type Filling = Pick<RedisPresenceOptions, 'waiting' | 'bound'>

function describe({ waiting, bound }: Filling): string {
  const { count, bytes, keptCount } = waiting()
  const share = Math.round(100 * Math.max(count / bound.count, bytes / bound.bytes))
  return `${count} events wait (${share} % of what may), ${keptCount} of them on disk`
}

/** Seconds until the bound at the rate of the last `seconds`; undefined where nothing comes. */
function fullIn({ waiting, bound }: Filling, before: UnconfirmedBound, seconds: number): number | undefined {
  const now = waiting()
  const left = (['count', 'bytes'] as const).map((unit) => {
    const perSecond = (now[unit] - before[unit]) / seconds
    return perSecond > 0 ? Math.max(0, bound[unit] - now[unit]) / perSecond : Number.POSITIVE_INFINITY
  })
  const soonest = Math.min(...left)
  return Number.isFinite(soonest) ? Math.round(soonest) : undefined
}
