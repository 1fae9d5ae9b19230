/** The last things put in, by key: the oldest give way. */
export class Kept<Thing> {
  readonly #bound: number
  readonly #byKey = new Map<string, Thing>()

  constructor(bound: number) {
    this.#bound = bound
  }

  get(key: string): Thing | undefined {
    return this.#byKey.get(key)
  }

  all(): Thing[] {
    return [...this.#byKey.values()]
  }

  put(key: string, thing: Thing): void {
    this.#byKey.set(key, thing)
    if (this.#byKey.size <= this.#bound) return
    const [oldest] = this.#byKey.keys()
    if (oldest !== undefined) this.#byKey.delete(oldest)
  }
}
