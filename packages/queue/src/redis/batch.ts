import { compileOrder } from '../order.ts'
import type { Confirmation, EnqueueResult, Order, SinkItem, Subscription } from '../ports.ts'
import { DEFAULT_BOUNDS } from '../subscription.ts'
import type { ScriptArgument } from './run-script.ts'

export const BATCH_COUNT = 100
const BATCH_BYTES = 1_000_000

/** An event in the sink's hands. The token tells a resend of this very call from another sighting of the fact. */
export interface Entry {
  readonly item: SinkItem
  readonly token: string
  readonly bytes: number
  /**
   * `new`: no Redis has seen it. `sent`: the present one may have it. `again`: one that is gone may have had it, and a worker
   * may have handled it there.
   */
  state: 'new' | 'sent' | 'again'
  /** Who waits for its confirmation; nobody for one that was confirmed before. */
  readonly caller: Caller | undefined
}

export interface Caller {
  readonly resolve: (confirmation: Confirmation) => void
  readonly reject: (error: Error) => void
}

/** What Redis answered to one event. */
export interface Answer {
  readonly confirmation: Confirmation
  /** In how many subscriptions this very try put it on the queue. */
  readonly addedCount: number
}

/** Orders and bound of a subscription; one that is not known gets the defaults. */
export type Bounds = (
  subscription: string,
) => Pick<Subscription, 'order' | 'orders' | 'maxWaiting'> | undefined

export interface BatchHead {
  readonly prefix: string
  readonly nowAt: number
  readonly number: number
  readonly opensWindow: boolean
  /** The Redis that is to execute it, as `whichRedis` names it: another writes nothing. */
  readonly redisId: string
}

/** The code of what this very try put on the queue. */
const ADDED = 1
const RESULTS: Readonly<Record<number, EnqueueResult>> = {
  [ADDED]: 'enqueued',
  2: 'enqueued',
  0: 'duplicate',
  [-1]: 'suspended',
  [-2]: 'fenced',
}

/** The next entries to send, from `start`: bounded in count and bytes, at least one. */
export function nextBatch(entries: readonly Entry[], start: number): readonly Entry[] {
  let bytes = 0
  let end = start
  while (end < entries.length && end - start < BATCH_COUNT) {
    bytes += entries[end]?.bytes ?? 0
    if (end > start && bytes > BATCH_BYTES) break
    end++
  }
  return entries.slice(start, end)
}

/** The arguments of `ENQUEUE`. */
export function encodeBatch(batch: readonly Entry[], bounds: Bounds, head: BatchHead): ScriptArgument[] {
  const wanted = new WantedSubscriptions(bounds)
  const events = batch.flatMap((entry) => encodeEntry(entry, wanted))
  return [
    head.prefix,
    head.nowAt,
    head.number,
    head.opensWindow ? '1' : '0',
    head.redisId,
    wanted.count,
    ...wanted.args,
    ...events,
  ]
}

/** The subscriptions that a batch names: one by as many orders as its events have in it. */
class WantedSubscriptions {
  readonly #bounds: Bounds
  readonly #known = new Map<
    string,
    { readonly orderOf: (type: string) => Order; readonly maxWaiting: number }
  >()
  readonly #indexes = new Map<string, number>()
  readonly args: ScriptArgument[] = []

  constructor(bounds: Bounds) {
    this.#bounds = bounds
  }

  get count(): number {
    return this.#indexes.size
  }

  /** Its place in the list, from 1 on. */
  indexOf(name: string, type: string): number {
    const { orderOf, maxWaiting } = this.#find(name)
    const order = orderOf(type)
    const key = `${name} ${order}`
    const known = this.#indexes.get(key)
    if (known !== undefined) return known
    this.args.push(name, order, maxWaiting)
    this.#indexes.set(key, this.count + 1)
    return this.count
  }

  #find(name: string) {
    const known = this.#known.get(name)
    if (known) return known
    const bounds = this.#bounds(name) ?? DEFAULT_BOUNDS
    const found = { orderOf: compileOrder(bounds), maxWaiting: bounds.maxWaiting }
    this.#known.set(name, found)
    return found
  }
}

function encodeEntry({ item, token, state }: Entry, subscriptions: WantedSubscriptions): ScriptArgument[] {
  const { id, type, subject = '', actor = '', dedupeWindowMs, interactive, text } = item.event
  const wanted = item.subscriptions.map((name) => subscriptions.indexOf(name, type)).join(',')
  const kind =
    item.liftsMissedCount === undefined ? (interactive ? 'i' : '') : `lift ${item.liftsMissedCount}`
  const { unit, number } = item.fence ?? { unit: '', number: 0 }
  const mayHaveRun = state === 'again' ? '1' : ''
  return [id, type, subject, actor, dedupeWindowMs, token, kind, wanted, unit, number, mayHaveRun, text]
}

/** The answer per event, or nothing if the reply is not the whole answer to the batch. */
export function readReply(batch: readonly Entry[], reply: unknown): Answer[] | undefined {
  if (!Array.isArray(reply)) return undefined
  const codes = reply.map(Number)
  const results = codes.map((code) => RESULTS[code]).filter((result) => result !== undefined)
  const wanted = batch.reduce((sum, { item }) => sum + item.subscriptions.length, 0)
  if (results.length !== wanted || reply.length !== wanted) return undefined
  let at = 0
  return batch.map(({ item }) => {
    const end = at + item.subscriptions.length
    const answer = {
      confirmation: results.slice(at, end),
      addedCount: codes.slice(at, end).filter((code) => code === ADDED).length,
    }
    at = end
    return answer
  })
}
