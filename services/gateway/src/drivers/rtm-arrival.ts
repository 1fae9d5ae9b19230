import type { Checkpoint, SlackRtmPresence } from '@holdfast/ownership'
import type { Arrival } from '../ports.ts'
import type { Unit } from './unit.ts'

/**
 * How an RTM connection comes to stand beside the one that serves its unit still. Whether nothing fell between the two is
 * told by order alone, never by clocks: what the holder has stored is read after our hello and before it hears that we have
 * arrived. So if it names another time that it yielded once the unit is ours, it proved after our hello that it had everything.
 */
export class RtmArrival {
  readonly #unit: Pick<Unit<never>, 'recall'>
  readonly #givenUp = new AbortController()
  readonly ended: Promise<Arrival>
  #end: (arrival: Arrival) => void = () => {}
  #isGreeted = false
  #hasProceeded = false
  /** The time before, of another successor: nothing proves anything to us that was there already. */
  #yieldedBefore: string | undefined

  constructor(unit: Pick<Unit<never>, 'recall'>) {
    this.#unit = unit
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  /** What the holder has stored; waits for Redis. */
  recall(): Promise<Checkpoint | undefined> {
    return this.#unit.recall(this.#givenUp.signal)
  }

  /** Slack has said hello: from here on we have everything too. */
  async greeted(): Promise<void> {
    if (this.#isGreeted) return
    this.#isGreeted = true
    this.#yieldedBefore = presenceOf(await this.recall())?.yielded
    this.end({ kind: 'arrived' })
  }

  /** The holder has yielded. */
  proceed(): void {
    this.#hasProceeded = true
  }

  get hasProceeded(): boolean {
    return this.#hasProceeded
  }

  /** Whether the holder, whose last word is `stored`, had confirmed everything that we can't have. */
  isWhole(stored: SlackRtmPresence | undefined): boolean {
    const yielded = stored?.yielded
    return this.#hasProceeded && yielded !== undefined && yielded !== this.#yieldedBefore
  }

  /** Resolves `ended`; the first one counts. */
  end(arrival: Arrival): void {
    this.#end(arrival)
  }

  /** Nothing is waited for any more. */
  giveUp(): void {
    this.#givenUp.abort()
    this.end({ kind: 'failed', why: 'told to stop' })
  }
}

/** What is stored, where it is of a connection over RTM. */
export function presenceOf(stored: Checkpoint | undefined): SlackRtmPresence | undefined {
  return stored?.kind === 'slack-rtm' ? stored : undefined
}
