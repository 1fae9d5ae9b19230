import {
  type HoldfastEvent,
  matchesPattern,
  moreSpecificFirst,
  type Pattern,
  parsePattern,
} from '@holdfast/events'
import type { Order, OrderOf } from '@holdfast/queue'
import { didYouMean } from '@holdfast/runtime'
import type { Context } from './context.ts'
import { unknownKeysIn } from './option-keys.ts'
import { ORDERS } from './order.ts'
import { BACKOFF_KEYS, type Backoff, type RetryPolicy } from './outcome.ts'

/** A handler as the job pipeline calls it: what it may read was settled where it was registered. */
export type AnyHandler = (event: HoldfastEvent, ctx: Context) => unknown

/** What `worker.on` takes beside the handler. */
export interface HandlerOptions {
  /**
   * What orders the events of this handler, where it is not what orders the subscription's: with `'none'` they run at once,
   * beside whatever else their conversation has running. It is put into effect when an event is put on the queue.
   */
  readonly order?: Order
  /** Tries of its events in all before one becomes a dead letter, where they are not the worker's. */
  readonly attempts?: number
  /** The wait between them, where it is not the worker's. */
  readonly backoff?: Partial<Backoff>
}

const OPTION_KEYS = ['order', 'attempts', 'backoff'] as const satisfies readonly (keyof HandlerOptions)[]

interface Entry {
  readonly pattern: Pattern
  readonly handler: AnyHandler
  readonly order: Order | undefined
  readonly retries: Retries
}

/** What of the retry policy a handler has of its own. */
type Retries = Pick<HandlerOptions, 'attempts' | 'backoff'>

/**
 * Which handler gets which event: exactly one, that of the most specific pattern. One without `*` comes first, then the
 * one with more literal parts, then the one with more parts, then the one registered first.
 */
export class Handlers {
  #entries: Entry[] = []
  readonly #problems: string[] = []
  readonly #known = new Map<string, Entry | undefined>()

  add(text: string, handler: AnyHandler, options: HandlerOptions = {}): void {
    if (typeof text !== 'string') {
      this.#problems.push(
        `worker.on takes a pattern first, like "slack.message", and was given ${String(text)}`,
      )
      return
    }
    const parsed = parsePattern(text)
    if (!parsed.ok) this.#problems.push(parsed.problem)
    else if (typeof handler !== 'function') {
      this.#problems.push(`"${text}" has no handler: give worker.on("${text}", handler) a function`)
    } else if (this.patterns.includes(text)) {
      this.#problems.push(`"${text}" has two handlers, and an event is given to one: join them`)
    } else {
      this.#problems.push(...problemsOf(text, options))
      const entry = { pattern: parsed.pattern, handler, order: options?.order, retries: retriesOf(options) }
      this.#entries = [...this.#entries, entry].sort((a, b) => moreSpecificFirst(a.pattern, b.pattern))
    }
    this.#known.clear()
  }

  get patterns(): readonly string[] {
    return this.#entries.map(({ pattern }) => pattern.text)
  }

  /**
   * What orders the events of each handler, where one of them has an order of its own: all are named, since the most specific
   * pattern decides of the order too.
   */
  get orders(): readonly OrderOf[] | undefined {
    if (this.#entries.every(({ order }) => order === undefined)) return undefined
    return this.#entries.map(({ pattern, order }) => ({ pattern: pattern.text, ...(order && { order }) }))
  }

  /** What is wrong with the registrations, one line each. */
  get problems(): readonly string[] {
    if (this.#entries.length > 0 || this.#problems.length > 0) return this.#problems
    return ['the worker has no handler: register one with worker.on(pattern, handler)']
  }

  find(type: string): AnyHandler | undefined {
    return this.#find(type)?.handler
  }

  /** How often events of this type are tried: as their handler says, else as the worker does. */
  policyOf(type: string, { attempts, backoff }: RetryPolicy): RetryPolicy {
    const own = this.#find(type)?.retries
    const { baseMs = backoff.baseMs, maxMs = backoff.maxMs } = own?.backoff ?? {}
    return { attempts: own?.attempts ?? attempts, backoff: { baseMs, maxMs } }
  }

  #find(type: string): Entry | undefined {
    if (!this.#known.has(type)) {
      this.#known.set(
        type,
        this.#entries.find(({ pattern }) => matchesPattern(pattern, type)),
      )
    }
    return this.#known.get(type)
  }
}

function retriesOf(options: HandlerOptions | undefined): Retries {
  const { attempts, backoff } = options ?? {}
  return { ...(attempts === undefined ? {} : { attempts }), ...(backoff === undefined ? {} : { backoff }) }
}

function problemsOf(text: string, options: unknown): string[] {
  if (typeof options !== 'object' || options === null)
    return [`"${text}" has ${String(options)} for options: worker.on takes an object, like { order: "none" }`]
  const unknown = Object.keys(options).filter((key) => !OPTION_KEYS.some((known) => known === key))
  const order: unknown = 'order' in options ? options.order : undefined
  return [
    ...unknown.map(
      (key) =>
        `"${text}": option ${key} is unknown${didYouMean(key, OPTION_KEYS) || `; there is ${OPTION_KEYS.join(', ')}`}`,
    ),
    ...(order === undefined || ORDERS.some((known) => known === order) ? [] : [orderProblem(text, order)]),
    ...unknownKeysIn(Reflect.get(options, 'backoff'), BACKOFF_KEYS, 'backoff').map(
      (problem) => `"${text}": ${problem}`,
    ),
    ...retryProblems(text, options),
  ]
}

/** One line for each number that is none. */
function retryProblems(text: string, { attempts, backoff }: Retries): string[] {
  const numbers = { attempts, 'backoff.baseMs': backoff?.baseMs, 'backoff.maxMs': backoff?.maxMs }
  return Object.entries(numbers)
    .filter(([, value]) => value !== undefined && !(Number.isInteger(value) && value >= 1))
    .map(([name, value]) => `"${text}": ${name} is ${value}: use a whole number from 1 on`)
}

function orderProblem(text: string, order: unknown): string {
  const late =
    typeof order === 'function' ? ' (a function would run too late: order is made at the enqueue)' : ''
  return `"${text}": order is ${late ? 'a function' : `"${String(order)}"`}: use ${ORDERS.join(', ')}${late}`
}
