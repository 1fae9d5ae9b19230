import { matchesPattern, parsePattern } from '@holdfast/events'
import type { WorkerWish } from '@holdfast/queue'
import { type Clock, sleep } from '@holdfast/runtime'

/** Whether another live worker of the subscription has a handler; `unknown` while that can't be told. */
export type PeerAnswer = 'yes' | 'no' | 'unknown'

/** A worker that has gone may be taken for live this long. */
const KNOWN_FOR_MS = 1_000
/** While Redis is away nobody answers. */
const ANSWER_WITHIN_MS = 1_000

export interface PeersOptions {
  readonly workerId: string
  /** All live workers of the subscription, this one among them. */
  readonly wishers: () => Promise<readonly WorkerWish[]>
  readonly clock: Clock
}

/**
 * The other live workers of a subscription: whether one of them has a handler that this one lacks, as while an old and a
 * new version run side by side. A yes may be a second old, since the job only comes again; a no ends in a dead letter, so
 * it is asked for anew: no gateway enqueues an event before the wish for it stands where we look.
 */
export class Peers {
  readonly #options: PeersOptions
  #known: readonly WorkerWish[] = []
  #knownUntilMs = 0

  constructor(options: PeersOptions) {
    this.#options = options
  }

  /** Never rejects. */
  async handle(type: string): Promise<PeerAnswer> {
    const { clock, workerId } = this.#options
    if (clock.monotonicMs() < this.#knownUntilMs && someHandle(this.#known, type)) return 'yes'
    const wishers = await this.#ask()
    // Who does not find itself looks at a Redis that has lost its data, or has not declared its own wish yet.
    if (!wishers.some((wish) => wish.workerId === workerId)) return 'unknown'
    this.#known = wishers.filter((wish) => wish.workerId !== workerId)
    this.#knownUntilMs = clock.monotonicMs() + KNOWN_FOR_MS
    return someHandle(this.#known, type) ? 'yes' : 'no'
  }

  async #ask(): Promise<readonly WorkerWish[]> {
    const { wishers, clock } = this.#options
    const over = new AbortController()
    const silence = sleep(clock, ANSWER_WITHIN_MS, over.signal).then(() => [])
    const answer = wishers().catch(() => [])
    return await Promise.race([answer, silence]).finally(() => over.abort())
  }
}

function someHandle(wishes: readonly WorkerWish[], type: string): boolean {
  return wishes
    .flatMap(({ handles, patterns }) => handles ?? patterns)
    .some((text) => {
      const parsed = parsePattern(text)
      return parsed.ok && matchesPattern(parsed.pattern, type)
    })
}
