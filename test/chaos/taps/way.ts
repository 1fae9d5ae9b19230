import { sleep, systemClock } from '@holdfast/runtime'

/**
 * How bytes fare on one connection, in both directions alike: `clear`, they arrive at once; `slow`, each so much later, without
 * adding up; `frozen`, not until the way thaws. A connection on a frozen way stands: its ends learn nothing of each other, not
 * even that the other has gone.
 */
export class Way {
  #slowMs = 0
  #frozen: { readonly thawed: Promise<void>; readonly thaw: () => void } | undefined

  /** Each piece arrives so much later from now on; 0: at once. */
  slow(ms: number): void {
    this.#slowMs = ms
  }

  freeze(): void {
    if (this.#frozen) return
    let thaw = () => {}
    const thawed = new Promise<void>((resolve) => {
      thaw = resolve
    })
    this.#frozen = { thawed, thaw }
  }

  /** What has gathered arrives now. */
  thaw(): void {
    this.#frozen?.thaw()
    this.#frozen = undefined
  }

  /** When what sets out now arrives; undefined: at once. */
  arrival(): Promise<void> | undefined {
    if (this.#slowMs > 0) return sleep(systemClock, this.#slowMs).then(() => this.#whenThawed())
    return this.#frozen && this.#whenThawed()
  }

  async #whenThawed(): Promise<void> {
    while (this.#frozen) await this.#frozen.thawed
  }
}
