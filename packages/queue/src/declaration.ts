import type { Order, OrderOf, WorkerWish } from './ports.ts'
import { areTexts, isText, recordOf } from './registration.ts'
import { DEFAULT_MAX_IDLE_MS, DEFAULT_MAX_WAITING, type Declaration } from './subscription.ts'

/**
 * The declaration that is stored under `name`; undefined for what nobody of ours wrote, or a version that writes it otherwise.
 * What is not known is kept, so that whoever writes it again takes nothing from a newer version; an order that is not known is
 * that of the conversation.
 */
export function readDeclaration(name: string, text: string): Declaration | undefined {
  const { orders, devExpiryMs, ...fields } = recordOf(text)
  const { patterns, order, initial, maxWaiting, maxIdleMs, fixed } = fields
  if (fields.name !== name || !areTexts(patterns)) return undefined
  return {
    ...fields,
    name,
    patterns,
    order: readOrder(order),
    ...readOrders(orders),
    initial: initial === true,
    maxWaiting: typeof maxWaiting === 'number' ? maxWaiting : DEFAULT_MAX_WAITING,
    maxIdleMs: typeof maxIdleMs === 'number' ? maxIdleMs : DEFAULT_MAX_IDLE_MS,
    fixed: fixed === true,
    ...(typeof devExpiryMs === 'number' ? { devExpiryMs } : {}),
  }
}

/** What a worker wishes for, on the terms of `readDeclaration`. */
export function readWish(text: string): WorkerWish | undefined {
  const { orders, ...fields } = recordOf(text)
  const { workerId, subscription, patterns, order, initial, handles } = fields
  if (!isText(workerId) || !isText(subscription) || !areTexts(patterns)) return undefined
  return {
    ...fields,
    workerId,
    subscription,
    patterns,
    order: readOrder(order),
    ...readOrders(orders),
    ...(initial === undefined ? {} : { initial: initial === true }),
    ...(handles === undefined ? {} : { handles: areTexts(handles) ? handles : patterns }),
  }
}

function readOrders(value: unknown): { readonly orders?: readonly OrderOf[] } {
  if (!Array.isArray(value)) return {}
  const orders = value.flatMap((each: unknown): OrderOf[] => {
    const { pattern, order } = { ...(each as object) } as Readonly<Record<string, unknown>>
    if (!isText(pattern)) return []
    return [{ pattern, ...(order === undefined ? {} : { order: readOrder(order) }) }]
  })
  return orders.length > 0 ? { orders } : {}
}

const readOrder = (order: unknown): Order => (order === 'actor' || order === 'none' ? order : 'conversation')
