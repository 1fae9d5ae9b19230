import type { Delivery } from './event.ts'
import { matchesPattern, type Pattern, parsePattern } from './pattern.ts'

/** What a router needs to know of a subscription. */
export interface RoutedSubscription {
  readonly name: string
  readonly patterns: readonly string[]
  /** Whether it wants the flood of guilds after an identify. */
  readonly initial: boolean
}

/** Subscriptions made ready for routing. */
export interface Router {
  /**
   * The names of the subscriptions that want an event, in the order they were given; empty when nobody does. Cheap: the
   * answer for a type is worked out once, and is the same array each time.
   */
  route(type: string, delivery: Delivery): readonly string[]
  /** Patterns that could not be read. They match nothing; a newer version may have written them. */
  readonly problems: readonly string[]
}

interface Wish {
  readonly name: string
  readonly initial: boolean
  readonly patterns: readonly Pattern[]
}

interface Route {
  readonly all: readonly string[]
  readonly initial: readonly string[]
}

/** More types than both platforms have; only an odd stream of made-up types gets here, and starts the cache anew. */
const CACHED_TYPES_COUNT = 2_000

/** A router over the subscriptions as they are now; make a new one when they change. Never throws. */
export function compileRouter(subscriptions: readonly RoutedSubscription[]): Router {
  const problems: string[] = []
  const wishes = subscriptions.map((subscription) => compileWish(subscription, problems))
  const routes = new Map<string, Route>()
  return {
    problems,
    route(type, delivery) {
      let known = routes.get(type)
      if (!known) {
        if (routes.size >= CACHED_TYPES_COUNT) routes.clear()
        known = routeOf(type, wishes)
        routes.set(type, known)
      }
      return delivery === 'initial' ? known.initial : known.all
    },
  }
}

function compileWish(subscription: RoutedSubscription, problems: string[]): Wish {
  const { name, initial } = subscription
  const patterns: Pattern[] = []
  for (const text of subscription.patterns) {
    const parsed = parsePattern(text)
    if (parsed.ok) patterns.push(parsed.pattern)
    else problems.push(`subscription "${name}": ${parsed.problem}`)
  }
  return { name, initial, patterns }
}

function routeOf(type: string, wishes: readonly Wish[]): Route {
  const wanted = wishes.filter((wish) => wish.patterns.some((pattern) => matchesPattern(pattern, type)))
  return { all: namesOf(wanted), initial: namesOf(wanted.filter((wish) => wish.initial)) }
}

function namesOf(wishes: readonly Wish[]): readonly string[] {
  return Object.freeze(wishes.map((wish) => wish.name))
}
