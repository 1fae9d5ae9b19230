import { type Pattern, parsePattern } from '@holdfast/events'
import type { OrderOf, Subscription, WorkerWish } from '@holdfast/queue'
import { meantType } from './known-types.ts'
import { overlaps } from './wait-pattern.ts'
import type { SubscriptionSight, WorkerDeclaration } from './worker-queue.ts'

/**
 * What a person may want to know of a worker that has started, one line each: handlers that get nothing, names that are nearly those
 * of an event type, and orders that another live worker has otherwise. None is a reason not to run.
 */
export function startAdvice(declaration: WorkerDeclaration, sight: SubscriptionSight | undefined): string[] {
  const handled = declaration.handles ?? declaration.patterns
  return [
    ...handled.flatMap(nearlyKnown),
    ...(sight ? [...unwished(handled, sight.subscription), ...otherOrders(declaration, sight.others)] : []),
  ]
}

function nearlyKnown(text: string): string[] {
  const meant = meantType(text)
  return meant === undefined
    ? []
    : [`"${text}" is no event type that is known here: did you mean "${meant}"?`]
}

/** A gap comes to every queue, wished for or not. */
function unwished(handled: readonly string[], { name, patterns, fixed }: Subscription): string[] {
  const wishes = patterns.flatMap(read)
  const idle = handled.filter(
    (text) =>
      text !== 'holdfast.gap' && !read(text).some((each) => wishes.some((wish) => overlaps(wish, each))),
  )
  const why = fixed ? `the configuration file fixes "${name}" to` : `"${name}" wishes for`
  const what = fixed ? 'add it there, under subscriptions' : 'add it to the option events'
  return idle.map((text) => `the handler of "${text}" gets nothing: ${why} ${patterns.join(', ')}; ${what}`)
}

function otherOrders(declaration: WorkerDeclaration, others: readonly WorkerWish[]): string[] {
  return (declaration.handles ?? declaration.patterns).flatMap((text) => {
    const own = orderOf(declaration, text)
    const other = others.find((wish) => handles(wish, text) && orderOf(wish, text) !== own)
    if (!other) return []
    const theirs = orderOf(other, text)
    return [
      `"${text}" is ordered by ${theirs} by another live worker, and by ${own} here: what was declared last is used`,
    ]
  })
}

const handles = ({ handles, patterns }: WorkerWish, text: string): boolean =>
  (handles ?? patterns).includes(text)

function orderOf(
  { order, orders = [] }: Pick<WorkerWish, 'order' | 'orders'>,
  text: string,
): OrderOf['order'] {
  return orders.find(({ pattern }) => pattern === text)?.order ?? order
}

function read(text: string): Pattern[] {
  const parsed = parsePattern(text)
  return parsed.ok ? [parsed.pattern] : []
}
