import type { Clock, Timer } from '@holdfast/runtime'
import type { Arrival } from '../ports.ts'

/** With one socket it could go on; the others are waited for this long, so that as many serve as before. */
const OTHERS_MS = 3_000

/** How a Socket Mode connection comes to stand beside the one that serves its unit still. */
export class SocketModeArrival {
  readonly #clock: Clock
  readonly ended: Promise<Arrival>
  #resolve: (arrival: Arrival) => void = () => {}
  #timer: Timer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** So many of its sockets serve. */
  connected(openCount: number, wantedCount: number): void {
    if (openCount >= wantedCount) return this.end({ kind: 'arrived' })
    this.#timer ??= this.#clock.setTimer(OTHERS_MS, () => this.end({ kind: 'arrived' }))
  }

  /** Resolves `ended`; the first one counts. */
  end(arrival: Arrival): void {
    this.#timer?.clear()
    this.#resolve(arrival)
  }
}
