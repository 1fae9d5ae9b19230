import { type Ends, Relay } from './relay.ts'

/** The way of one process to a server, which a test can break: cut, frozen, slow. What passes on it is up to `join`. */
export abstract class TappedWay {
  protected readonly relay: Relay

  constructor(address: string) {
    this.relay = new Relay(address, (ends) => this.join(ends))
  }

  /** A connection has come about. */
  protected abstract join(ends: Ends): void

  /** Every connection ends without a goodbye, and none comes about until `mend`: the server is away for this process. */
  cut(): void {
    this.relay.cut()
  }

  mend(): void {
    this.relay.mend()
  }

  /** Nothing passes, nothing closes, also of what comes; until `thaw`, or `cut`. */
  freeze(): void {
    this.relay.freeze()
  }

  /** The connections that there are stand and pass nothing any more; new ones are well. */
  freezeOpen(): void {
    this.relay.freezeOpen()
  }

  /** What has gathered passes now. */
  thaw(): void {
    this.relay.thaw()
  }

  /** Every request takes so much longer from now on, half of it each way. */
  slow(ms: number): void {
    this.relay.slow(ms / 2)
  }
}
