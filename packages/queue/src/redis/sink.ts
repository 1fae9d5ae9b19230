import { randomUUID } from 'node:crypto'
import { type Clock, type RedisHome, sleep, systemClock, type Timer } from '@holdfast/runtime'
import { layout } from '../layout.ts'
import { UNTOLD } from '../lua/which-redis.ts'
import type { Confirmation, Sink, SinkItem } from '../ports.ts'
import { QueueError } from '../problem.ts'
import { type Answer, type Bounds, type Entry, encodeBatch, readReply } from './batch.ts'
import { type Readded, Readding } from './readding.ts'
import { RECENT_BOUND, type RecentBound, RecentEntries } from './recent.ts'
import { isUnknownScript } from './run-script.ts'
import { SinkConnection } from './sink-connection.ts'
import { SinkStream } from './sink-stream.ts'

/**
 * The sink: an ordered stream of events into Redis.
 *
 * The window. Up to `MAX_IN_FLIGHT` batches are on their way at once. Any failure (a cut, a time-out, an error reply)
 * closes the window: nothing more is sent until every batch on its way has settled, then everything unconfirmed is sent
 * again, in order, from the first. ioredis must therefore keep nothing and resend nothing by itself.
 *
 * Order does not rest on that alone: each batch carries a number, and Redis executes it only after the one before it
 * (`ENQUEUE`). A batch that arrives out of turn writes nothing. One that is sent while no other is on its way opens a
 * window: everything before it is confirmed.
 *
 * A batch that was executed but whose reply was lost is recognised by the tokens of its events: the resend reports them
 * as enqueued, not as duplicates.
 *
 * Another Redis. A replica that was promoted, or a process that was started from its files, may lack what was confirmed
 * last. So whenever the window opens the sink asks which Redis it has before it, and each batch is executed by that one
 * alone. Is it not the one before, or doesn't it tell, then the confirmed events of the last ten seconds are sent again,
 * in order, before all that is unconfirmed; those that survived are recognised by their tokens too. While such events are
 * kept and nothing is on its way, the sink asks each second, so that no change goes unnoticed.
 */
const MAX_IN_FLIGHT = 4
const RESEND_FIRST_MS = 50
const RESEND_MAX_MS = 2_000
const LEARN_AGAIN_MS = 50
const LOOK_EVERY_MS = 1_000

export interface RedisSinkOptions extends RedisHome {
  readonly bounds: Bounds
  readonly clock?: Clock
  /** Told of each failure that closes the window, and of its end. */
  readonly onWindow?: (state: 'open' | 'closed', why: string) => void
  /** Redis answers and refuses events: why, in its own words. Told once, and with `undefined` once it takes them again. */
  readonly onRefused?: (why: string | undefined) => void
  /** Told after each change of Redis, when all confirmed events that were sent again are answered. */
  readonly onReadded?: (readded: Readded) => void
  /** So many confirmed events are kept no longer, before their time: too many came since. */
  readonly onForgotten?: (count: number) => void
  /** What is kept of confirmed events. Default: `RECENT_BOUND`. */
  readonly recent?: RecentBound
}

export function createRedisSink(options: RedisSinkOptions): Sink {
  return new RedisSink(options)
}

class RedisSink implements Sink {
  readonly #options: RedisSinkOptions
  readonly #clock: Clock
  readonly #id = randomUUID()
  readonly #stream = new SinkStream(this.#id)
  readonly #recent: RecentEntries
  readonly #readding = new Readding()
  #connection: SinkConnection | undefined
  #redisId: string | undefined
  #inFlight = 0
  #batchNumber = 0
  #failure: string | undefined
  #isRefused = false
  #resendMs = RESEND_FIRST_MS
  #lookTimer: Timer | undefined
  #stopped: Promise<void> | undefined
  readonly #halt = new AbortController()
  #whenEmpty: (() => void) | undefined

  constructor(options: RedisSinkOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#recent = new RecentEntries(options.recent ?? RECENT_BOUND)
  }

  get unconfirmed() {
    return this.#stream.unconfirmed
  }

  get connected(): boolean {
    return this.#connection?.isReady === true && this.#failure === undefined
  }

  async start(): Promise<void> {
    if (this.#connection) return
    const key = layout(this.#options.prefix).sink(this.#id)
    this.#connection = new SinkConnection(this.#options, this.#id, key)
    this.#failure = 'not connected yet'
    this.#connection.watch(
      () => void this.#reopen(),
      // Also with nothing on its way: who answers next may be another.
      () => this.#fail('the connection to Redis was cut'),
    )
  }

  enqueue(item: SinkItem): Promise<Confirmation> {
    if (this.#stopped)
      return Promise.reject(new QueueError('stopped', 'The sink is stopped; the event was not taken.'))
    if (item.subscriptions.length === 0) return Promise.resolve([])
    const confirmed = this.#stream.add(item)
    this.#pump()
    return confirmed
  }

  stop(graceMs = 5_000): Promise<void> {
    this.#stopped ??= this.#finish(graceMs)
    return this.#stopped
  }

  async #finish(graceMs: number): Promise<void> {
    if (this.#stream.count > 0) {
      const emptied = new Promise<void>((resolve) => {
        this.#whenEmpty = resolve
      })
      await Promise.race([emptied, sleep(this.#clock, graceMs, this.#halt.signal)])
    }
    this.#halt.abort()
    this.#lookTimer?.clear()
    this.#connection?.close()
    for (const { caller } of this.#stream.takeAll())
      caller?.reject(new QueueError('stopped', 'The sink was stopped before Redis confirmed the event.'))
  }

  /** Sends what may be sent: at once when nothing is on its way, else whole batches only. */
  #pump(): void {
    while (this.#connection && this.#maySend()) void this.#send(this.#connection, this.#stream.takeBatch())
  }

  #maySend(): boolean {
    if (!this.connected || this.#halt.signal.aborted || this.#inFlight >= MAX_IN_FLIGHT) return false
    return this.#stream.has(this.#inFlight === 0 ? 'anything' : 'batch')
  }

  async #send(connection: SinkConnection, batch: readonly Entry[]): Promise<void> {
    const opensWindow = this.#inFlight === 0
    this.#inFlight++
    const args = encodeBatch(batch, this.#options.bounds, {
      prefix: this.#options.prefix,
      nowAt: this.#clock.wallAt(),
      number: ++this.#batchNumber,
      opensWindow,
      redisId: this.#redisId ?? UNTOLD,
    })
    try {
      const reply = await connection.enqueue(args)
      if (this.#failure === undefined) this.#confirm(batch, reply)
    } catch (error) {
      this.#noteRefusal(error)
      this.#fail(error instanceof Error ? error.message : String(error))
    }
    this.#inFlight--
    if (this.#failure === undefined) this.#pump()
    else if (this.#inFlight === 0) void this.#backOffAndReopen()
  }

  /** Here responsibility for the events passes to Redis. */
  #confirm(batch: readonly Entry[], reply: unknown): void {
    const answers = readReply(batch, reply)
    if (!answers) {
      this.#fail(`Redis answered a batch with ${JSON.stringify(reply).slice(0, 100)}`)
      return
    }
    this.#stream.drop(batch)
    this.#noteTaken()
    this.#resendMs = RESEND_FIRST_MS
    batch.forEach((entry, index) => {
      const answer = answers[index]
      if (answer) this.#settle(entry, answer)
    })
    this.#keep(batch)
    if (this.#stream.count === 0) this.#whenEmpty?.()
  }

  #noteRefusal(error: unknown): void {
    if (this.#isRefused || !isReply(error) || isUnknownScript(error)) return
    this.#isRefused = true
    this.#options.onRefused?.(error.message)
  }

  #noteTaken(): void {
    if (!this.#isRefused) return
    this.#isRefused = false
    this.#options.onRefused?.(undefined)
  }

  #settle({ caller }: Entry, answer: Answer): void {
    if (caller) return caller.resolve(answer.confirmation)
    const readded = this.#readding.answered(answer)
    if (readded) this.#options.onReadded?.(readded)
  }

  #keep(batch: readonly Entry[]): void {
    const kept = batch.map((entry): Entry => ({ ...entry, state: 'again', caller: undefined }))
    const forgottenCount = this.#recent.add(kept, this.#clock.monotonicMs())
    if (forgottenCount > 0) this.#options.onForgotten?.(forgottenCount)
    this.#lookLater()
  }

  #fail(why: string): void {
    if (this.#failure !== undefined || this.#halt.signal.aborted) return
    this.#failure = why
    this.#options.onWindow?.('closed', why)
    // What the old connection still carries must not be answered into the new window.
    this.#connection?.renew()
    if (this.#inFlight === 0) void this.#backOffAndReopen()
  }

  /** All batches on their way have settled: wait for Redis, learn which it is, begin again from the first unconfirmed. */
  async #backOffAndReopen(): Promise<void> {
    await sleep(this.#clock, this.#resendMs, this.#halt.signal)
    this.#resendMs = Math.min(this.#resendMs * 2, RESEND_MAX_MS)
    await this.#reopen()
  }

  async #reopen(): Promise<void> {
    let redisId = await this.#connection?.learn()
    while (redisId === undefined) {
      if (this.#halt.signal.aborted) return
      await sleep(this.#clock, LEARN_AGAIN_MS, this.#halt.signal)
      redisId = await this.#connection?.learn()
    }
    if (this.#halt.signal.aborted) return
    this.#meet(redisId)
    this.#stream.rewind()
    this.#connection?.teachAgain()
    this.#failure = undefined
    this.#options.onWindow?.('open', `${this.#stream.count} events wait to be sent`)
    this.#lookLater()
    this.#pump()
  }

  /** Where it is another Redis than before, or may be, what the former confirmed last is to be confirmed again. */
  #meet(redisId: string): void {
    const isAnother = this.#redisId !== undefined && (redisId !== this.#redisId || redisId === UNTOLD)
    this.#redisId = redisId
    if (!isAnother) return this.#recent.answered(this.#clock.monotonicMs())
    const again = this.#recent.takeAll()
    this.#stream.loseSight()
    this.#stream.putBefore(again)
    this.#readding.begin(again.length)
  }

  #lookLater(): void {
    if (this.#lookTimer || this.#recent.count === 0 || this.#halt.signal.aborted) return
    this.#lookTimer = this.#clock.setTimer(LOOK_EVERY_MS, () => {
      this.#lookTimer = undefined
      void this.#look()
    })
  }

  /** With something on its way, or the window closed, the same is found out without it. */
  async #look(): Promise<void> {
    if (this.#failure !== undefined) return
    if (this.#inFlight === 0) {
      const redisId = await this.#connection?.learn()
      if (this.#failure !== undefined) return
      if (redisId === undefined) return this.#fail('Redis does not say which it is')
      if (redisId !== this.#redisId) return this.#fail('another Redis answers')
      this.#recent.answered(this.#clock.monotonicMs())
    }
    this.#lookLater()
  }
}

/** What Redis itself answered, by the name that the client gives it. */
const isReply = (error: unknown): error is Error => error instanceof Error && error.name === 'ReplyError'
