import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Outcome, Source, TakenJob, Wait } from '../src/index.ts'
import { event, type Harness, Log } from './harness.ts'

const EVENTS = 40
const ROUNDS = 4

/** The same numbers for the same seed (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Whatever the handlers of one conversation do, and what was counted of it. */
class Conversation {
  readonly ended = new Log<string>()
  readonly givenTo: string[] = []
  readonly answered = new Set<string>()
  overlapCount = 0
  #insideCount = 0
  readonly #random: () => number
  readonly #rounds = new Map<string, number>()

  constructor(seed: number) {
    this.#random = numbersFrom(seed)
  }

  async run(job: TakenJob): Promise<Outcome> {
    if (++this.#insideCount > 1) this.overlapCount++
    for (const key of job.steps.keys()) this.answered.add(`${job.id} ${key}`)
    await new Promise((resolve) => setImmediate(resolve))
    this.#insideCount--
    if (await this.#isGiven(job)) return { kind: 'given' }
    return this.#ending(job)
  }

  async #isGiven(job: TakenJob): Promise<boolean> {
    for (const waiter of job.waiters) {
      if (this.#random() < 0.3) continue
      const given = await job.giveTo(waiter, `"${job.id}"`)
      if (given !== 'given') continue
      this.givenTo.push(`${waiter.jobId} ${waiter.wait.key}`)
      this.ended.add(job.id)
      return true
    }
    return false
  }

  #ending({ id }: TakenJob): Outcome {
    const round = (this.#rounds.get(id) ?? 0) + 1
    this.#rounds.set(id, round)
    const chance = round > ROUNDS ? 1 : this.#random()
    if (chance < 0.2) return this.#asleep(1 + this.#random() * 5, [])
    if (chance < 0.5) return this.#asleep(60 * this.#random() + 15, [waitOf(round)])
    if (chance < 0.6) return { kind: 'retry', delayMs: 1, reason: 'again' }
    if (chance < 0.7) return { kind: 'returned' }
    this.ended.add(id)
    return chance < 0.75 ? { kind: 'dead', reason: 'no' } : { kind: 'completed' }
  }

  #asleep(ms: number, waits: readonly Wait[]): Outcome {
    return { kind: 'suspended', wakeAt: Date.now() + ms, waits }
  }
}

const waitOf = (round: number): Wait => ({
  key: `wait:${round}`,
  pattern: 'slack.message',
  subject: 'c',
  spec: '',
})

/** Whatever comes between: the promises of a lane with sleepers in it. */
export function describeInterleavings(name: string, open: () => Harness): void {
  describe(`one conversation, ${name}`, () => {
    let queue: Harness
    let sources: Source[]
    beforeEach(() => {
      queue = open()
      sources = []
    })
    afterEach(async () => {
      await Promise.all(sources.map((source) => source.stop()))
      await queue.close()
    })

    it.each([1, 2, 3])(
      'never runs two at once, ends each event once, and wakes each waiter once (seed %i)',
      async (seed) => {
        const talk = new Conversation(seed)
        for (let n = 0; n < 3; n++) {
          const source = queue.source({ subscription: 'all', concurrency: 4, run: (job) => talk.run(job) })
          sources.push(source)
          await source.start()
        }
        const ids = Array.from({ length: EVENTS }, (_, n) => `e.${n}`)
        for (const id of ids) {
          const text = JSON.stringify({ id, type: 'slack.message', subject: 'c' })
          await queue.sink.enqueue({ event: event(id, { subject: 'c', text }), subscriptions: ['all'] })
        }
        await talk.ended.reaches(EVENTS)
        await expect
          .poll(() => queue.view.depth('all'))
          .toMatchObject({ waiting: 0, parked: 0, active: 0, sleeping: 0, retrying: 0 })
        expect([...talk.ended.entries].sort()).toEqual([...ids].sort())
        expect(talk.overlapCount).toBe(0)
        expect(talk.givenTo.length).toBeGreaterThan(0)
        expect(new Set(talk.givenTo).size).toBe(talk.givenTo.length)
        expect([...talk.answered].sort()).toEqual([...talk.givenTo].sort())
      },
      20_000,
    )
  })
}
