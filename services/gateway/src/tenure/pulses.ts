import type { Picture, Run } from '@holdfast/ownership'

/** A replica beats once a second; one that has missed two is not called alive any more. */
const ALIVE_MS = 2_500

interface Pulse {
  readonly beat: number
  /** When it was last seen to rise; nothing while it was seen once only. */
  readonly risenMs: number | undefined
}

/** Which of the other replicas were seen to live: not merely listed, but beating while we looked. */
export class Pulses {
  #pulses = new Map<string, Pulse>()

  see({ members }: Picture, nowMs: number): void {
    const before = this.#pulses
    this.#pulses = new Map(
      members.map(({ run, beat }) => {
        const was = before.get(run)
        return [run, { beat, risenMs: was && beat > was.beat ? nowMs : was?.risenMs }]
      }),
    )
  }

  isAlive({ run }: Run, nowMs: number): boolean {
    const risenMs = this.#pulses.get(run)?.risenMs
    return risenMs !== undefined && nowMs - risenMs < ALIVE_MS
  }
}
