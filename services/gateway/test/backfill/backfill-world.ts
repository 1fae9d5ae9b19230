import type { Gap } from '@holdfast/events'
import { createMemoryCallBudget, createMemoryGapBook, type GapBook } from '@holdfast/ownership'
import type { FillBounds } from '../../src/backfill/fill.ts'
import { Filler } from '../../src/backfill/filler.ts'
import type { History } from '../../src/backfill/history.ts'
import { Turns } from '../../src/backfill/turns.ts'
import type { Publish, Room } from '../../src/ports.ts'
import { type LogLine, recordingLog } from '../fixtures.ts'
import type { Past } from './past.ts'
import { SwiftClock } from './swift-clock.ts'

/** What becomes of a request: its answer, or a trouble. `death`: it is the last thing that the process does. */
export type Fate = 'answered' | 'death' | 'cut' | 'failed' | 'limited'

/** An event on the queue, as far as the tests look. */
export interface Queued {
  readonly id: string
  readonly type: string
  readonly subject: string
  readonly delivery: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface BackfillWorldOptions {
  readonly past: Past
  readonly history: (fetch: typeof globalThis.fetch) => History
  readonly bounds?: Partial<FillBounds>
  /** One for each request, in order; answered afterwards. */
  readonly fates?: readonly Fate[]
  readonly room?: Room
}

export const UNIT = 'kelp'

/** Everything around the fillers of one unit, which live one after the other. */
export class BackfillWorld {
  readonly clock = new SwiftClock()
  readonly book = createMemoryGapBook(this.clock)
  /** In the order in which the queue took them; what it knew already is left out. */
  readonly queued: Queued[] = []
  readonly lines: LogLine[] = []
  readonly counts = { filled: 0, asked: 0, owed: 0, gaps: 0, fenced: 0 }
  /** Every request that was made, by its path. */
  readonly requests: string[] = []
  isWanted = true
  /** Whether what is published is confirmed. */
  confirms = true
  #fates: Fate[]
  readonly #options: BackfillWorldOptions
  readonly #budget = createMemoryCallBudget(this.clock)
  #living: { isDead: boolean } = { isDead: false }

  constructor(options: BackfillWorldOptions) {
    this.#options = options
    this.#fates = [...(options.fates ?? [])]
  }

  /** A process that serves the unit from now on, under a number of its own. Others are dead. */
  async start(): Promise<Filler> {
    this.#living.isDead = true
    const me = { isDead: false }
    this.#living = me
    const fence = await this.book.fence(UNIT)
    const filler = this.make(me)
    filler.serve(fence)
    return filler
  }

  make(me = { isDead: false }): Filler {
    const { history, bounds, room } = this.#options
    const { clock, counts } = this
    const log = recordingLog()
    return new Filler({
      connection: UNIT,
      unit: UNIT,
      history: history(fetch),
      book: mortal(this.book, me),
      budget: this.#budget,
      turns: new Turns(),
      publish: this.#publish(me),
      wanted: () => true,
      wantsFilled: () => this.isWanted,
      room,
      bounds: { maxRequests: 500, maxTimeMs: 300_000, maxMessages: 10_000, ...bounds },
      metrics: {
        gap: () => counts.gaps++,
        filled(_, count) {
          counts.filled += count
        },
        asked: () => counts.asked++,
        owed(_, change) {
          counts.owed += change
        },
      },
      fetch: this.#fetch(me),
      clock,
      log: { ...log, info: (f, m) => this.#line('info', f, m), warn: (f, m) => this.#line('warn', f, m) },
      onFenced: () => counts.fenced++,
    })
  }

  /** Starts one process after the other until nothing is owed. */
  async fillIn(gap: Gap): Promise<void> {
    const filler = await this.start()
    const fence = await this.book.fence(UNIT)
    await filler.pause()
    filler.serve(fence)
    await filler.owe(gap, { unit: UNIT, fence, onFenced: () => this.counts.fenced++ })
    await this.settle()
  }

  async settle(): Promise<void> {
    while ((await this.book.owed(UNIT)).length > 0) {
      const me = this.#living
      await this.clock.until(async () => me.isDead || (await this.book.owed(UNIT)).length === 0)
      if (me.isDead) await this.start()
    }
  }

  messages(): readonly Queued[] {
    return this.queued.filter(({ type }) => type !== 'holdfast.gap')
  }

  gaps(): readonly Queued[] {
    return this.queued.filter(({ type }) => type === 'holdfast.gap')
  }

  #line(level: string, fields: object, message: string): void {
    this.lines.push({ level, fields, message })
  }

  #publish(me: { isDead: boolean }): Publish {
    return (event, _origin, onConfirmed) => {
      if (me.isDead) return
      if (!this.queued.some(({ id }) => id === event.id)) {
        const { data } = JSON.parse(event.text)
        const { id, type, subject = '', delivery } = event
        this.queued.push({ id, type, subject, delivery, data })
      }
      if (this.confirms) queueMicrotask(() => (me.isDead ? undefined : onConfirmed()))
    }
  }

  #fetch(me: { isDead: boolean }): typeof fetch {
    const ask = async (input: unknown, init?: RequestInit) => {
      if (me.isDead) return new Promise<Response>(() => {})
      const url = new URL(String(input))
      this.requests.push(url.pathname)
      const fate = this.#fates.shift() ?? 'answered'
      if (fate === 'death') {
        me.isDead = true
        return new Promise<Response>(() => {})
      }
      if (fate === 'cut') throw new TypeError('fetch failed')
      if (fate === 'failed') return new Response('bad gateway', { status: 502 })
      if (fate === 'limited')
        return Response.json({ retry_after: 2 }, { status: 429, headers: { 'retry-after': '2' } })
      const form = new URLSearchParams(String(init?.body ?? ''))
      const { status = 200, body } = this.#options.past.answer(url, form)
      return Response.json(body, { status })
    }
    return ask as typeof fetch
  }
}

/** The book as it is for a process: a dead one gets no answer, and what it asks is not done. */
function mortal(book: GapBook, me: { readonly isDead: boolean }): GapBook {
  const guarded = <Answer>(ask: () => Promise<Answer>): Promise<Answer> =>
    me.isDead ? new Promise(() => {}) : ask()
  return {
    owe: (...words) => guarded(() => book.owe(...words)),
    owed: (unit) => guarded(() => book.owed(unit)),
    note: (...words) => guarded(() => book.note(...words)),
    settle: (...words) => guarded(() => book.settle(...words)),
  }
}
