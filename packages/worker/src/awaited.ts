/**
 * Whether a handler still waits for a promise that it was given. Only then may it be put away for it: a sleep that lost its
 * race must not put away the handler that went on, and what it waits for must not be taken from others.
 *
 * Promises don't tell, so these look at how they are asked:
 *
 * - `await` reads `constructor` and no more;
 * - `Promise.race` and `Promise.any` read it too, and call `then` with the same callback for each promise of the race, so that
 *   the first to call it has decided the race for all;
 * - `Promise.all`, `.then`, `.catch` and `.finally` call `then` with a callback of its own. What they give is watched in turn.
 *
 * What is out of sight: a race with something that is no promise of ours, and one of promises that async functions wrap.
 */

interface Race {
  decided: boolean
}

type Callback = ((value: unknown) => unknown) | null | undefined

/** How one promise is asked for. */
export class Demand {
  #awaitCount = 0
  readonly #chains: { readonly race: Race; readonly next: Demand }[] = []

  /** Somebody waits for it, and is in no race that is decided. */
  get isLive(): boolean {
    return this.#awaitCount > 0 || this.#chains.some(({ race, next }) => !race.decided && next.mayBeLive)
  }

  /** A chain of which nobody asks for the end is there for what it does. */
  private get mayBeLive(): boolean {
    return this.isLive || (this.#awaitCount === 0 && this.#chains.length === 0)
  }

  addAwait(count: 1 | -1): void {
    this.#awaitCount += count
  }

  addChain(race: Race, next: Demand): void {
    this.#chains.push({ race, next })
  }
}

/** The promises of one run of a handler. */
export class Demands {
  readonly #races = new WeakMap<object, Race>()

  /** Watches how `promise` is asked for, and tells `onAsked` each time. */
  watch(promise: Promise<unknown>, onAsked: () => void = () => {}): Demand {
    const demand = new Demand()
    let isOurs = false
    let wasRead = false
    const read = () => {
      if (!isOurs) {
        wasRead = true
        demand.addAwait(1)
        onAsked()
      }
      return Promise
    }
    const chain = (onFulfilled: Callback, onRejected: Callback) => {
      // The look at `constructor` before it was that of a combinator, no `await`.
      if (wasRead) demand.addAwait(-1)
      wasRead = false
      const race = this.#raceOf(onFulfilled)
      isOurs = true
      const chained = Promise.prototype.then.call(
        promise,
        deciding(race, onFulfilled),
        deciding(race, onRejected),
      )
      isOurs = false
      demand.addChain(race, this.watch(chained, onAsked))
      onAsked()
      return chained
    }
    Object.defineProperty(promise, 'constructor', { get: read })
    Object.defineProperty(promise, 'then', { value: chain })
    return demand
  }

  #raceOf(callback: Callback): Race {
    if (typeof callback !== 'function') return { decided: false }
    const race = this.#races.get(callback) ?? { decided: false }
    this.#races.set(callback, race)
    return race
  }
}

function deciding(race: Race, callback: Callback): Callback {
  if (typeof callback !== 'function') return callback
  return (value) => {
    race.decided = true
    return callback(value)
  }
}
