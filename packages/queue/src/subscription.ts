import { joinOrders } from './order.ts'
import type { FixedSubscription, Order, Subscription, WorkerWish } from './ports.ts'

export const DEFAULT_MAX_WAITING = 100_000
export const DEFAULT_MAX_IDLE_MS = 7 * 24 * 3_600_000

/** Of a subscription that nobody has declared. */
export const DEFAULT_BOUNDS = { order: 'conversation', maxWaiting: DEFAULT_MAX_WAITING } as const

/** A subscription as it is stored: what was last declared. */
export type Declaration = Omit<Subscription, 'workerCount' | 'partition'>

/** One that was ever declared for more than development stays so. */
function developmentOf(previous: Declaration | undefined, devExpiryMs: number | undefined) {
  const isPermanent = previous !== undefined && previous.devExpiryMs === undefined
  return isPermanent || devExpiryMs === undefined ? {} : { devExpiryMs }
}

/** The declaration that follows when a worker declares its wish; a fixed one keeps all but the orders of handlers. */
export function declareByWorker(previous: Declaration | undefined, wish: WorkerWish): Declaration {
  const { orders, devExpiryMs } = wish
  if (previous?.fixed) return { ...withoutOrders(previous), ...(orders && { orders }) }
  return {
    // What a newer version keeps there is not this one's to forget.
    ...(previous && withoutWorkersOwn(previous)),
    ...developmentOf(previous, devExpiryMs),
    name: wish.subscription,
    patterns: wish.patterns,
    order: wish.order,
    ...(orders && { orders }),
    initial: wish.initial ?? previous?.initial ?? false,
    maxWaiting: wish.maxWaiting ?? previous?.maxWaiting ?? DEFAULT_MAX_WAITING,
    maxIdleMs: wish.maxIdleMs ?? previous?.maxIdleMs ?? DEFAULT_MAX_IDLE_MS,
    fixed: false,
  }
}

/** What the file fixes. Orders of single handlers are the workers' to declare: of those it says nothing. */
export function declareFixed(fixed: FixedSubscription, previous?: Declaration): Declaration {
  const order: Order = fixed.order ?? 'conversation'
  return {
    // Also what a newer version keeps there.
    ...previous,
    name: fixed.name,
    patterns: fixed.patterns,
    order,
    initial: fixed.initial ?? false,
    maxWaiting: fixed.maxWaiting ?? DEFAULT_MAX_WAITING,
    maxIdleMs: fixed.maxIdleMs ?? DEFAULT_MAX_IDLE_MS,
    fixed: true,
  }
}

/** The declarations that an earlier configuration file fixed and this one does not name: workers may change them again. */
export function freedBy(
  file: readonly FixedSubscription[],
  known: readonly Declaration[],
): readonly Declaration[] {
  const names = new Set(file.map(({ name }) => name))
  return known
    .filter(({ fixed, name }) => fixed && !names.has(name))
    .map((each) => ({ ...each, fixed: false }))
}

/** What is effective: the declaration, widened by the wishes of its live workers; of one that is fixed, only their orders. */
export function effective(declaration: Declaration, wishes: readonly WorkerWish[]): Subscription {
  const own = wishes.filter((wish) => wish.subscription === declaration.name)
  const joined = joinOrders(
    declaration,
    own.flatMap(({ orders }) => (orders ? [orders] : [])),
  )
  const shared = {
    ...withoutOrders(declaration),
    ...(joined && { orders: joined }),
    workerCount: own.length,
  }
  if (declaration.fixed) return shared
  const patterns = new Set([...declaration.patterns, ...own.flatMap((wish) => wish.patterns)])
  return {
    ...shared,
    patterns: [...patterns],
    initial: declaration.initial || own.some((wish) => wish.initial),
  }
}

function withoutOrders({ orders: _, ...rest }: Declaration): Declaration {
  return rest
}

function withoutWorkersOwn({ orders: _, devExpiryMs: __, ...rest }: Declaration): Declaration {
  return rest
}
