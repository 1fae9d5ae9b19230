/** What becomes of that at which a tap has stopped. */
export type Verdict =
  /** It goes on. */
  | 'on'
  /** Neither it nor what follows it in its direction arrives; the connection stands. */
  | 'withhold'
  /** It does not arrive, and its connection ends on both sides. */
  | 'cut'

/** What a test does where a tap has stopped: nothing goes on in that direction of the connection until it says so. */
export type Act<Hit> = (hit: Hit) => Verdict | Promise<Verdict>

const WITHIN_MS = 60_000

/** A moment in the life of a process at which a test acts, once. */
export class Point<Hit> {
  readonly #name: string
  readonly #where: (hit: Hit) => boolean
  readonly #act: Act<Hit>
  readonly #timer: NodeJS.Timeout
  #state: 'awaited' | 'reached' | 'given up' = 'awaited'
  #resolve: (hit: Hit) => void = () => {}
  #reject: (error: Error) => void = () => {}
  /** Resolves with what was hit, after the act. Rejects where the act fails, or the point is not reached within a minute. */
  readonly reached: Promise<Hit>

  /** @param name as `before enqueue`; `seen` tells what came instead. */
  constructor(
    name: string,
    where: (hit: Hit) => boolean,
    act: Act<Hit>,
    seen: () => string,
    withinMs = WITHIN_MS,
  ) {
    this.#name = name
    this.#where = where
    this.#act = act
    this.reached = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#timer = setTimeout(() => this.giveUp(`within ${withinMs} ms; there was ${seen()}`), withinMs)
  }

  /** Whether it is the point's turn, which it is once. */
  takes(hit: Hit): boolean {
    if (this.#state !== 'awaited' || !this.#where(hit)) return false
    this.#state = 'reached'
    clearTimeout(this.#timer)
    return true
  }

  async act(hit: Hit): Promise<Verdict> {
    try {
      const verdict = await this.#act(hit)
      this.#resolve(hit)
      return verdict
    } catch (error) {
      this.#reject(error instanceof Error ? error : new Error(String(error)))
      return 'cut'
    }
  }

  /** Nothing reaches it any more. */
  giveUp(when: string): void {
    if (this.#state !== 'awaited') return
    this.#state = 'given up'
    clearTimeout(this.#timer)
    this.#reject(new Error(`the point "${this.#name}" was not reached ${when}`))
  }
}
