import type { Entry, FaultHit } from '../facts.ts'
import { given } from '../given.ts'
import type { PageFault } from './feed.ts'

const KEPT_COUNT = 50

/** The faults that happened last, for pages that open later. */
export class LastFaults {
  #faults: readonly PageFault[] = []

  /** Oldest first. */
  all(): readonly PageFault[] {
    return this.#faults
  }

  /** Takes an entry of the record in; answers the fault that it tells of, if it is one. */
  note(entry: Entry): PageFault | undefined {
    if (entry.kind !== 'fault') return undefined
    const { n, at, platform, fault: name, detail, forMs } = entry
    const hitNothing = missedAll(entry) ? (true as const) : undefined
    const fault = given({ n, at, platform, name, detail, forMs, hitNothing })
    this.#faults = [...this.#faults, fault].slice(-KEPT_COUNT)
    return fault
  }
}

function missedAll({ sockets, sessions, armed }: FaultHit): boolean {
  return !armed && (sockets ?? sessions) === 0
}
