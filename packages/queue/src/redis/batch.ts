import type { Confirmation, EnqueueResult, SinkItem, Subscription } from '../ports.ts'
import type { ScriptArgument } from './run-script.ts'

export const BATCH_COUNT = 100
const BATCH_BYTES = 1_000_000

/** An event in the sink's hands. The token tells a resend of this very call from another sighting of the fact. */
export interface Entry {
  readonly item: SinkItem
  readonly token: string
  readonly bytes: number
  readonly resolve: (confirmation: Confirmation) => void
  readonly reject: (error: Error) => void
}

/** Order and bound of a subscription; one that is not known gets the defaults. */
export type Bounds = (subscription: string) => Pick<Subscription, 'order' | 'maxWaiting'> | undefined

export interface BatchHead {
  readonly prefix: string
  readonly nowAt: number
  readonly number: number
  readonly opensWindow: boolean
}

const DEFAULT_BOUNDS = { order: 'conversation', maxWaiting: 100_000 } as const
const RESULTS: Readonly<Record<number, EnqueueResult>> = {
  1: 'enqueued',
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
  const names = [...new Set(batch.flatMap((entry) => entry.item.subscriptions))]
  const args: ScriptArgument[] = [
    head.prefix,
    head.nowAt,
    head.number,
    head.opensWindow ? '1' : '0',
    names.length,
  ]
  for (const name of names) {
    const { order, maxWaiting } = bounds(name) ?? DEFAULT_BOUNDS
    args.push(name, order, maxWaiting)
  }
  for (const entry of batch) args.push(...encodeEntry(entry, names))
  return args
}

function encodeEntry({ item, token }: Entry, names: readonly string[]): ScriptArgument[] {
  const { id, type, subject = '', actor = '', dedupeWindowMs, interactive, text } = item.event
  const wanted = item.subscriptions.map((name) => names.indexOf(name) + 1).join(',')
  const kind =
    item.liftsMissedCount === undefined ? (interactive ? 'i' : '') : `lift ${item.liftsMissedCount}`
  const { unit, number } = item.fence ?? { unit: '', number: 0 }
  return [id, type, subject, actor, dedupeWindowMs, token, kind, wanted, unit, number, text]
}

/** Results per event, or nothing if the reply is not the whole answer to the batch. */
export function readReply(batch: readonly Entry[], reply: unknown): Confirmation[] | undefined {
  if (!Array.isArray(reply)) return undefined
  const results = reply.map((code) => RESULTS[Number(code)]).filter((result) => result !== undefined)
  const wanted = batch.reduce((sum, { item }) => sum + item.subscriptions.length, 0)
  if (results.length !== wanted || reply.length !== wanted) return undefined
  let at = 0
  return batch.map(({ item }) => {
    const end = at + item.subscriptions.length
    const own = results.slice(at, end)
    at = end
    return own
  })
}
