import { isFrame, MUTATION_NAMES, MUTATIONS } from './mutations.ts'
import type { Random } from './random.ts'
import { recordedFrames, type Transport } from './recorded-frames.ts'

/** A frame that no platform vouches for. */
export interface FuzzedFrame {
  readonly text: string
  /** What was done to a recorded frame, in order. */
  readonly mutations: readonly string[]
}

/** An endless supply of fuzzed frames: recorded ones in any order, spoilt in up to three ways. */
export class FuzzedFrames {
  readonly #recorded: readonly string[]
  readonly #random: Random

  constructor(transport: Transport, random: Random) {
    this.#recorded = recordedFrames(transport)
    this.#random = random
  }

  next(): FuzzedFrame {
    for (;;) {
      const frame = this.#draw()
      // Most of what is no JSON object ends at the first look; what is one gets further, so it comes more often.
      if (isFrame(frame.text) || this.#random.percent(40)) return frame
    }
  }

  #draw(): FuzzedFrame {
    const random = this.#random
    const mutations: string[] = []
    let text = random.pick(this.#recorded)
    const count = 1 + random.below(1 + random.below(3))
    for (let n = 0; n < count; n++) {
      const name = random.pick(MUTATION_NAMES)
      text = MUTATIONS[name](text, random)
      mutations.push(name)
    }
    return { text, mutations }
  }
}
