import type { OutgoingEvent } from '@holdfast/events'
import { type Checkpoint, createMemoryCallBudget } from '@holdfast/ownership'
import { ManualClock } from '@holdfast/runtime'
import type { DriverTools } from '../../services/gateway/src/ports.ts'
import { FuzzSocket } from './fuzz-socket.ts'
import type { FuzzedPlatform, Judge } from './fuzzed-platform.ts'
import type { Random } from './random.ts'

const LONGEST_LOG_LINE = 1_000
const MARK = /mark-(\d+)-/

/** The text that tells valid frame `n` from all others. */
export const markOf = (n: number): string => `mark-${n}-`

/**
 * Everything around one driver: a clock that stands still, sockets, REST answers and confirms that come when they like, and
 * the counts by which the driver is judged. It keeps nothing but counts, so that what grows is the driver's.
 */
export class FuzzWorld implements Judge {
  readonly clock: ManualClock
  readonly sockets = new Set<FuzzSocket>()
  /** Which event each valid frame became; more than one id is a repetition. */
  readonly arrived = new Map<number, Set<string>>()
  readonly problems: string[] = []
  malformedCount = 0
  readonly #safe = new Set<string>()
  publishedCount = 0
  #unconfirmed: (() => void)[] = []
  #callCount = 0
  readonly #random: Random
  readonly #platform: FuzzedPlatform
  #stored: Checkpoint | undefined

  constructor(platform: FuzzedPlatform, random: Random) {
    this.#platform = platform
    this.#random = random
    this.clock = new ManualClock(Date.UTC(2026, 0, 1), () => random.next())
  }

  get tools(): DriverTools {
    return {
      publish: (event, _connection, onConfirmed) => this.#publish(event, onConfirmed),
      wanted: () => true,
      checkpoints: {
        load: async () => this.#stored,
        save: async (_unit, _fence, checkpoint) => {
          this.#stored = checkpoint
          return 'saved'
        },
      },
      budget: createMemoryCallBudget(this.clock),
      journal: {
        keep: async (event) => {
          this.#makeSafe(event)
          return { settle: () => {} }
        },
      },
      metrics: {
        received: () => {},
        malformed: () => {
          this.malformedCount += 1
        },
        gap: () => {},
        dropped: () => {},
        withheld: () => {},
        identified: () => {},
        deaf: () => {},
        identifyBreaker: () => {},
        state: () => {},
      },
      clock: this.clock,
      log: { info: this.#log, warn: this.#log, error: this.#log },
      fetch: (async (input) => this.#fetch(String(input))) as typeof fetch,
      openSocket: (_url, handlers) => {
        const socket = new FuzzSocket(handlers, (from, text) => this.#platform.heard(from, text))
        this.sockets.add(socket)
        return socket
      },
    }
  }

  /** Part of `Judge`. */
  isSafe(mark: string): boolean {
    return this.#safe.has(mark)
  }

  /** Part of `Judge`. */
  complain(problem: string): void {
    this.problems.push(problem)
  }

  /** How many events wait for their confirm. */
  get unconfirmedCount(): number {
    return this.#unconfirmed.length
  }

  /** Redis answers for the oldest `count` events. */
  confirm(count = this.#unconfirmed.length): void {
    for (const confirm of this.#unconfirmed.splice(0, count)) confirm()
  }

  /** Lets everything that needs no time happen. */
  async settle(): Promise<void> {
    do await new Promise(setImmediate)
    while (this.#callCount > 0)
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms)
    await this.settle()
    this.#platform.look(this.clock.monotonicMs())
  }

  #publish(event: OutgoingEvent, onConfirmed: () => void): void {
    this.publishedCount += 1
    try {
      JSON.parse(event.text)
    } catch {
      this.complain(`an event was published that is not JSON (${event.type})`)
    }
    const n = MARK.exec(event.text)?.[1]
    if (n !== undefined) this.arrived.set(Number(n), (this.arrived.get(Number(n)) ?? new Set()).add(event.id))
    this.#unconfirmed.push(() => {
      this.#makeSafe(event)
      onConfirmed()
    })
    if (this.#random.percent(50)) this.confirm()
  }

  #makeSafe({ text }: OutgoingEvent): void {
    const mark = MARK.exec(text)?.[0]
    if (mark !== undefined) this.#safe.add(mark)
  }

  async #fetch(address: string): Promise<Response> {
    this.#callCount += 1
    try {
      return Response.json(this.#platform.answer(new URL(address).pathname.split('/').at(-1) ?? ''))
    } finally {
      // The caller still has to read the body.
      setImmediate(() => {
        this.#callCount -= 1
      })
    }
  }

  readonly #log = (fields: object, message: string): void => {
    const line = JSON.stringify(fields) + message
    if (line.length > LONGEST_LOG_LINE) this.complain(`a log line of ${line.length} characters`)
    if (MARK.test(line)) this.complain('a log line holds the text of a payload')
  }
}
