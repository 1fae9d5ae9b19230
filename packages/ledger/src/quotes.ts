/** Which events still expect an answer, by what that answer must quote. */
export class Quotes {
  readonly #expecting = new Map<string, Set<string>>()

  expect(quote: string, key: string): void {
    const keys = this.#expecting.get(quote) ?? new Set()
    keys.add(key)
    this.#expecting.set(quote, keys)
  }

  /**
   * The event that an answer with this quote is for, which expects none any more. Where several wait for the same quote,
   * the first of those that a handler has begun, so that an answer is never taken for that of an event nobody handled.
   */
  take(quote: string, isBegun: (key: string) => boolean): string | undefined {
    const keys = this.#expecting.get(quote)
    if (!keys) return undefined
    const [first] = keys
    const key = [...keys].find(isBegun) ?? first
    if (key !== undefined) this.forget(quote, key)
    return key
  }

  forget(quote: string, key: string): void {
    const keys = this.#expecting.get(quote)
    keys?.delete(key)
    if (keys?.size === 0) this.#expecting.delete(quote)
  }
}
