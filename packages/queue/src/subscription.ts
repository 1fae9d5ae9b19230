import type { FixedSubscription, Order, Subscription, WorkerWish } from './ports.ts'

export const DEFAULT_MAX_WAITING = 100_000
export const DEFAULT_MAX_IDLE_MS = 7 * 24 * 3_600_000

/** A subscription as it is stored: what was last declared. */
export type Declaration = Omit<Subscription, 'workerCount' | 'partition'>

/** The declaration that follows when a worker declares its wish; a fixed one keeps its patterns. */
export function declareByWorker(previous: Declaration | undefined, wish: WorkerWish): Declaration {
  if (previous?.fixed) return previous
  return {
    // What a newer version keeps there is not this one's to forget.
    ...previous,
    name: wish.subscription,
    patterns: wish.patterns,
    order: wish.order,
    initial: wish.initial ?? previous?.initial ?? false,
    maxWaiting: previous?.maxWaiting ?? DEFAULT_MAX_WAITING,
    maxIdleMs: previous?.maxIdleMs ?? DEFAULT_MAX_IDLE_MS,
    fixed: false,
  }
}

export function declareFixed(fixed: FixedSubscription): Declaration {
  const order: Order = fixed.order ?? 'conversation'
  return {
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

/** What is effective: the declaration, widened by the wishes of its live workers unless it is fixed. */
export function effective(declaration: Declaration, wishes: readonly WorkerWish[]): Subscription {
  const own = wishes.filter((wish) => wish.subscription === declaration.name)
  if (declaration.fixed) return { ...declaration, workerCount: own.length }
  const patterns = new Set([...declaration.patterns, ...own.flatMap((wish) => wish.patterns)])
  return {
    ...declaration,
    workerCount: own.length,
    patterns: [...patterns],
    initial: declaration.initial || own.some((wish) => wish.initial),
  }
}
