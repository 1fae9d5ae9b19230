import { randomUUID } from 'node:crypto'
import type { Clock } from '@holdfast/runtime'
import { sleep, systemClock } from '@holdfast/runtime'
import type { Redis } from 'ioredis'
import { layout } from '../layout.ts'
import { ENQUEUE } from '../lua/enqueue.ts'
import type { Confirmation, Sink, SinkItem } from '../ports.ts'
import { QueueError } from '../problem.ts'
import { BATCH_COUNT, type Bounds, type Entry, encodeBatch, nextBatch, readReply } from './batch.ts'
import { openConnection, type RedisAddress } from './connection.ts'

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
 */
const MAX_IN_FLIGHT = 4
const REPLY_TIMEOUT_MS = 10_000
const RESEND_FIRST_MS = 50
const RESEND_MAX_MS = 2_000
const TEACH_AGAIN_MS = 50

export interface RedisSinkOptions {
  readonly redis: RedisAddress
  readonly prefix: string
  readonly bounds: Bounds
  readonly clock?: Clock
  /** Told of each failure that closes the window, and of its end. */
  readonly onWindow?: (state: 'open' | 'closed', why: string) => void
}

export function createRedisSink(options: RedisSinkOptions): Sink {
  return new RedisSink(options)
}

class RedisSink implements Sink {
  readonly #options: RedisSinkOptions
  readonly #clock: Clock
  readonly #id = randomUUID()
  readonly #key: string
  #redis: Redis | undefined
  /** Everything unconfirmed, in order; the first `#sent` of them are on their way. */
  #entries: Entry[] = []
  #sent = 0
  #bytes = 0
  #inFlight = 0
  #batchNumber = 0
  #failure: string | undefined
  #resendMs = RESEND_FIRST_MS
  #tokens = 0
  #stopped: Promise<void> | undefined
  readonly #halt = new AbortController()
  #whenEmpty: (() => void) | undefined

  constructor(options: RedisSinkOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#key = layout(options.prefix).sink(this.#id)
  }

  get unconfirmed() {
    return { count: this.#entries.length, bytes: this.#bytes }
  }

  get connected(): boolean {
    return this.#redis?.status === 'ready' && this.#failure === undefined
  }

  async start(): Promise<void> {
    if (this.#redis) return
    const redis = openConnection(this.#options.redis, `holdfast:sink:${this.#id}`, {
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      reconnectOnError: null,
      commandTimeout: REPLY_TIMEOUT_MS,
    })
    this.#redis = redis
    this.#failure = 'not connected yet'
    redis.once('ready', () => void this.#reopen())
    redis.on('ready', () => this.#pump())
  }

  enqueue(item: SinkItem): Promise<Confirmation> {
    if (this.#stopped)
      return Promise.reject(new QueueError('stopped', 'The sink is stopped; the event was not taken.'))
    if (item.subscriptions.length === 0) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      const bytes = Buffer.byteLength(item.event.text)
      this.#entries.push({ item, token: `${this.#id}:${this.#tokens++}`, bytes, resolve, reject })
      this.#bytes += bytes
      this.#pump()
    })
  }

  stop(graceMs = 5_000): Promise<void> {
    this.#stopped ??= this.#finish(graceMs)
    return this.#stopped
  }

  async #finish(graceMs: number): Promise<void> {
    if (this.#entries.length > 0) {
      const emptied = new Promise<void>((resolve) => {
        this.#whenEmpty = resolve
      })
      await Promise.race([emptied, sleep(this.#clock, graceMs, this.#halt.signal)])
    }
    this.#halt.abort()
    this.#redis?.disconnect()
    const left = this.#entries
    this.#entries = []
    this.#bytes = 0
    for (const entry of left)
      entry.reject(new QueueError('stopped', 'The sink was stopped before Redis confirmed the event.'))
  }

  /** Sends what may be sent: at once when nothing is on its way, else whole batches only. */
  #pump(): void {
    while (this.#maySend()) {
      const batch = this.#takeBatch()
      void this.#send(batch)
    }
  }

  #maySend(): boolean {
    if (this.#failure !== undefined || this.#halt.signal.aborted) return false
    if (this.#redis?.status !== 'ready') return false
    const pending = this.#entries.length - this.#sent
    if (pending === 0 || this.#inFlight >= MAX_IN_FLIGHT) return false
    return this.#inFlight === 0 || pending >= BATCH_COUNT
  }

  #takeBatch(): readonly Entry[] {
    const batch = nextBatch(this.#entries, this.#sent)
    this.#sent += batch.length
    return batch
  }

  async #send(batch: readonly Entry[]): Promise<void> {
    const opensWindow = this.#inFlight === 0
    this.#inFlight++
    const args = encodeBatch(batch, this.#options.bounds, {
      prefix: this.#options.prefix,
      nowAt: this.#clock.wallAt(),
      number: ++this.#batchNumber,
      opensWindow,
    })
    try {
      const reply = await this.#redis?.evalsha(ENQUEUE.sha, 1, this.#key, ...args)
      if (this.#failure === undefined) this.#confirm(batch, reply)
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error))
    }
    this.#inFlight--
    if (this.#failure === undefined) this.#pump()
    else if (this.#inFlight === 0) void this.#backOffAndReopen()
  }

  /** Here responsibility for the events passes to Redis. */
  #confirm(batch: readonly Entry[], reply: unknown): void {
    const confirmations = readReply(batch, reply)
    if (!confirmations) {
      this.#fail(`Redis answered a batch with ${JSON.stringify(reply).slice(0, 100)}`)
      return
    }
    // Replies come in the order of the batches, so what is confirmed is always the oldest.
    this.#entries.splice(0, batch.length)
    this.#sent -= batch.length
    this.#resendMs = RESEND_FIRST_MS
    batch.forEach((entry, index) => {
      this.#bytes -= entry.bytes
      entry.resolve(confirmations[index] ?? [])
    })
    if (this.#entries.length === 0) this.#whenEmpty?.()
  }

  #fail(why: string): void {
    if (this.#failure !== undefined || this.#halt.signal.aborted) return
    this.#failure = why
    this.#options.onWindow?.('closed', why)
    // What the old connection still carries must not be answered into the new window.
    if (this.#redis?.status === 'ready') this.#redis.disconnect(true)
  }

  /** All batches on their way have settled: wait for Redis, teach it the script, begin again from the first unconfirmed. */
  async #backOffAndReopen(): Promise<void> {
    await sleep(this.#clock, this.#resendMs, this.#halt.signal)
    this.#resendMs = Math.min(this.#resendMs * 2, RESEND_MAX_MS)
    await this.#reopen()
  }

  async #reopen(): Promise<void> {
    while (!(await this.#teach())) {
      if (this.#halt.signal.aborted) return
      await sleep(this.#clock, TEACH_AGAIN_MS, this.#halt.signal)
    }
    if (this.#halt.signal.aborted) return
    this.#sent = 0
    this.#failure = undefined
    this.#options.onWindow?.('open', `${this.#entries.length} events wait to be sent`)
    this.#pump()
  }

  async #teach(): Promise<boolean> {
    if (this.#redis?.status !== 'ready') return false
    try {
      await this.#redis.script('LOAD', ENQUEUE.text)
      return true
    } catch {
      return false
    }
  }
}
