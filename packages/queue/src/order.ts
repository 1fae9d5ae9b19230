import { matchesPattern, moreSpecificFirst, parsePattern } from '@holdfast/events'
import type { Order, OrderOf, Subscription } from './ports.ts'

/** What orders the events of a subscription, by their type. What can't be read (a newer version wrote it) orders nothing. */
export function compileOrder({
  order,
  orders = [],
}: Pick<Subscription, 'order' | 'orders'>): (type: string) => Order {
  const read = orders.flatMap((each) => {
    const parsed = parsePattern(each.pattern)
    return parsed.ok ? [{ pattern: parsed.pattern, order: each.order ?? order }] : []
  })
  read.sort((a, b) => moreSpecificFirst(a.pattern, b.pattern))
  return (type) => read.find(({ pattern }) => matchesPattern(pattern, type))?.order ?? order
}

/**
 * Orders of all live workers together with those last declared, which win where two differ; none where all are the usual one.
 * Who declared no order of its own for any handler has the usual one for all that it wishes for.
 */
export function joinOrders(
  last: Pick<Subscription, 'patterns' | 'order' | 'orders'>,
  others: readonly (readonly OrderOf[])[],
): readonly OrderOf[] | undefined {
  const lastOrders = last.orders ?? last.patterns.map((pattern): OrderOf => ({ pattern }))
  const joined = new Map([...others.flat(), ...lastOrders].map((each) => [each.pattern, each]))
  const all = [...joined.values()].sort((a, b) => (a.pattern < b.pattern ? -1 : 1))
  return all.every(({ order = last.order }) => order === last.order) ? undefined : all
}
