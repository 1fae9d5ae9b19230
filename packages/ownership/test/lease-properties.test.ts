import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import type { Lease, LeaseStore, Picture, Run, SeenLease } from '../src/index.ts'
import { memoryWorld, openRedis, redisWorld, type World } from './lease-worlds.ts'

const { redis, root, close } = openRedis()
afterAll(close)

const RUNS: readonly Run[] = [
  { replica: 'a', run: 'a-1' },
  { replica: 'a', run: 'a-2' },
  { replica: 'b', run: 'b-1' },
  { replica: 'c', run: 'c-1' },
]
const UNITS = ['acme', 'bastion/0']

const ACTS = [
  'beat',
  'take',
  'ask',
  'arrive',
  'yield',
  'succeed',
  'recall',
  'withdraw',
  'release',
  'prove',
  'assert',
  'leave',
  'strike',
  'pass',
  'lose',
] as const

/**
 * One call. `further`: whatever brings the hand-over of the unit on, by whom it takes. `age`: how many steps old is what the
 * caller goes by; it may have seen long ago what it acts on now.
 */
const STEP = fc.record({
  act: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('beat' as const, 'take' as const) },
    { weight: 8, arbitrary: fc.constant('further' as const) },
    { weight: 6, arbitrary: fc.constantFrom(...ACTS.slice(0, -1)) },
    { weight: 1, arbitrary: fc.constant('lose' as const) },
  ),
  by: fc.nat(RUNS.length - 1),
  unit: fc.constantFrom(...UNITS),
  age: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(4) }),
  flag: fc.boolean(),
  ms: fc.constantFrom(1, 2_000, 6_000, 251_000),
})

type Wish = typeof STEP extends fc.Arbitrary<infer T> ? T : never
type Step = Omit<Wish, 'act'> & { readonly act: (typeof ACTS)[number] }

/** What became of one step. */
interface Done {
  readonly step: Step
  readonly run: Run
  readonly seen: SeenLease
  readonly reply: unknown
  readonly before: Lease | undefined
  readonly after: Lease | undefined
}

class Story {
  readonly #world: World
  readonly #stores: readonly LeaseStore[]
  readonly #pictures: Picture[] = []
  /** The number that each run was last given of each unit. */
  readonly #numbers = new Map<string, number>()

  constructor(world: World) {
    this.#world = world
    this.#stores = RUNS.map(() => world.store())
  }

  async tell(wish: Wish): Promise<Done> {
    const step = this.#stepOf(wish)
    const run = RUNS[step.by] ?? { replica: '', run: '' }
    const before = this.#pictures.at(-1)
    const seen = this.#seen(step)
    const reply = await this.#act(step, run, seen)
    if (typeof reply === 'number') this.#numbers.set(`${run.run} ${step.unit}`, reply)
    this.#pictures.push(await this.picture())
    return {
      step,
      run,
      seen,
      reply,
      before: leaseIn(before, step),
      after: leaseIn(this.#pictures.at(-1), step),
    }
  }

  picture(): Promise<Picture> {
    return (this.#stores[0] ?? this.#world.store()).read()
  }

  /** How many of all that were ever given the unit hold it. */
  async holderCount(unit: string): Promise<number> {
    const store = this.#world.store()
    const claims = RUNS.map((run) => store.holds(unit, run, this.#numbers.get(`${run.run} ${unit}`) ?? -1))
    return (await Promise.all(claims)).filter(Boolean).length
  }

  #stepOf({ act, ...wish }: Wish): Step {
    if (act !== 'further') return { ...wish, act }
    const { holder, successor } = leaseIn(this.#pictures.at(-1), wish) ?? {}
    if (!holder) return { ...wish, act: 'take', age: 0 }
    if (!successor) return { ...wish, act: 'ask', age: 0 }
    const next = { asked: 'arrive', arrived: 'yield', yielded: 'succeed' } as const
    const actor = successor.phase === 'arrived' ? holder : successor
    return { ...wish, act: next[successor.phase], by: RUNS.findIndex(({ run }) => run === actor.run) }
  }

  #seen({ age, unit, flag }: Step): SeenLease {
    const picture = this.#pictures.at(-1 - age)
    const { fence, holder } = leaseIn(picture, { unit }) ?? { fence: 0, holder: undefined }
    if (!holder) return { fence }
    const beat = picture?.members.find(({ run }) => run === holder.run)?.beat
    return { fence, holder, ...(flag ? { stillBeat: beat ?? 1 } : {}) }
  }

  async #act({ act, by, unit, flag, ms }: Step, run: Run, seen: SeenLease): Promise<unknown> {
    const store = this.#stores[by] ?? this.#world.store()
    const number = this.#numbers.get(`${run.run} ${unit}`) ?? 0
    const record = {
      deploy: run.replica === 'a' ? 'blue' : 'green',
      trial: 'open',
      serves: [],
      fields: {},
    } as const
    switch (act) {
      case 'beat': {
        const reply = await store.beat({ ...run, ...record, draining: flag })
        return reply === 'replaced' ? reply : 'beaten'
      }
      case 'take':
        return store.take(unit, run, seen, flag)
      case 'ask':
        return store.ask(unit, run, { fence: seen.fence, holder: seen.holder ?? run })
      case 'succeed':
        return store.succeed(unit, run, flag)
      case 'arrive':
      case 'withdraw':
        return store[act](unit, run)
      case 'yield':
      case 'recall':
      case 'release':
      case 'prove':
      case 'assert':
        return store[act](unit, run, number)
      case 'strike':
        return store.strike(record.deploy)
      case 'leave':
        await store.leave(run)
        return this.#world.pass(1)
      case 'pass':
        return this.#world.pass(ms)
      case 'lose':
        await this.#world.lose()
        return this.#world.pass(1)
      default:
        return act satisfies never
    }
  }
}

function leaseIn(picture: Picture | undefined, { unit }: { readonly unit: string }): Lease | undefined {
  return picture?.leases.find((lease) => lease.unit === unit)
}

const STEPS = fc.array(STEP, { minLength: 1, maxLength: 60, size: 'max' })

/** What must be true of every step, whatever came before. */
class Promises {
  readonly #taken = new Set<string>()
  readonly #yielded = new Set<string>()

  check({ step, run, seen, reply, before, after }: Done): void {
    const { act, unit } = step
    if (act === 'lose') {
      this.#taken.clear()
      this.#yielded.clear()
      return
    }
    const fenceBefore = before?.fence ?? 0
    expect(after?.fence ?? 0, 'a number never falls').toBeGreaterThanOrEqual(fenceBefore)
    if (after?.holder && after.holder.run !== before?.holder?.run)
      expect(after.fence, 'another holder has a higher number').toBeGreaterThan(fenceBefore)
    if (act === 'yield' && reply === true)
      this.#yielded.add(`${unit} ${fenceBefore} ${before?.successor?.run}`)
    if (act === 'succeed' && reply !== undefined)
      expect([...this.#yielded], 'nobody succeeds to what was not yielded').toContain(
        `${unit} ${fenceBefore} ${run.run}`,
      )
    if (after?.successor?.phase !== 'yielded') this.#forgetYield(unit)
    if (act === 'take' && reply !== undefined) this.#checkTake(unit, seen)
  }

  #forgetYield(unit: string): void {
    for (const each of this.#yielded) if (each.startsWith(`${unit} `)) this.#yielded.delete(each)
  }

  #checkTake(unit: string, { fence, holder }: SeenLease): void {
    const key = `${unit} ${fence} ${holder?.run}`
    expect([...this.#taken], 'nobody takes twice from what was seen once').not.toContain(key)
    this.#taken.add(key)
  }
}

/** A picture without its instants, which are each clock's own. */
function timeless({ members, leases, deploys }: Picture) {
  return {
    members,
    leases: leases.map(({ sinceAt: _, ...lease }) => lease),
    deploys: deploys.map(({ id, strikeCount }) => ({ id, strikeCount })),
  }
}

describe('whatever several runs do, in whatever order', () => {
  test('a unit has one holder at most, under a number that rises, taken once or yielded', async () => {
    const property = fc.asyncProperty(STEPS, async (steps) => {
      const [story, promises] = [new Story(memoryWorld()), new Promises()]
      for (const step of steps) {
        promises.check(await story.tell(step))
        for (const unit of UNITS) expect(await story.holderCount(unit)).toBeLessThanOrEqual(1)
      }
    })
    await fc.assert(property, { numRuns: 500 })
  })

  test('Redis and its twin in memory answer and show the same, and keep the same promises', async () => {
    const property = fc.asyncProperty(STEPS, async (steps) => {
      const [inMemory, inRedis] = [memoryWorld(), redisWorld(redis, `${root}:${randomUUID()}`)].map(
        (world) => new Story(world),
      ) as [Story, Story]
      const promises = new Promises()
      for (const step of steps) {
        const [expected, done] = [await inMemory.tell(step), await inRedis.tell(step)]
        promises.check(done)
        expect(done.reply).toEqual(expected.reply)
        expect(timeless(await inRedis.picture())).toEqual(timeless(await inMemory.picture()))
      }
    })
    await fc.assert(property, { numRuns: 60 })
  })

  test('hand-overs and thefts do come about among them', async () => {
    const counts = { succeed: 0, take: 0, replaced: 0 }
    const property = fc.asyncProperty(STEPS, async (wishes) => {
      const story = new Story(memoryWorld())
      for (const wish of wishes) {
        const { step, reply, seen } = await story.tell(wish)
        if (reply === 'replaced') counts.replaced += 1
        if (step.act === 'succeed' && reply !== undefined) counts.succeed += 1
        if (step.act === 'take' && reply !== undefined && seen.holder) counts.take += 1
      }
    })
    await fc.assert(property, { numRuns: 300 })
    expect(Object.entries(counts).filter(([, count]) => count === 0)).toEqual([])
  })
})
