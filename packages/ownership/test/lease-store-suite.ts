import { beforeEach, describe, expect, test } from 'vitest'
import type { Lease, LeaseStore, MemberRecord, Picture, Run } from '../src/index.ts'
import type { World } from './lease-worlds.ts'

const UNIT = 'bastion/0'
const a: Run = { replica: 'a', run: 'a-1' }
const laterA: Run = { replica: 'a', run: 'a-2' }
const laterB: Run = { replica: 'b', run: 'b-2' }
const b: Run = { replica: 'b', run: 'b-1' }
const c: Run = { replica: 'c', run: 'c-1' }
const FREE = { fence: 0 }

const member = (run: Run, more: Partial<MemberRecord> = {}): MemberRecord => ({
  ...run,
  deploy: 'blue',
  draining: false,
  trial: 'passed',
  serves: [],
  fields: {},
  ...more,
})

/** What every lease store does, wherever it keeps them. */
export function describeLeaseStore(name: string, create: () => World): void {
  describe(`a lease store ${name}`, () => {
    let world: World
    /** One store for each replica, as in life. */
    let stores: {
      readonly a: LeaseStore
      readonly laterA: LeaseStore
      readonly laterB: LeaseStore
      readonly b: LeaseStore
      readonly c: LeaseStore
    }

    beforeEach(() => {
      world = create()
      const store = () => world.store()
      stores = { a: store(), laterA: store(), b: store(), laterB: store(), c: store() }
    })

    async function beat(store: LeaseStore, record: MemberRecord): Promise<Picture> {
      const picture = await store.beat(record)
      if (picture === 'replaced') throw new Error(`${record.run} is replaced`)
      return picture
    }

    async function lease(): Promise<Lease | undefined> {
      return (await stores.c.read()).leases.find(({ unit }) => unit === UNIT)
    }

    /** Everybody has joined; `a` holds the unit under number 1. */
    async function held(onTrial = false): Promise<void> {
      await beat(stores.a, member(a))
      await beat(stores.b, member(b, { deploy: 'green' }))
      await beat(stores.c, member(c, { deploy: 'green' }))
      expect(await stores.a.take(UNIT, a, FREE, onTrial)).toBe(1)
    }

    const seen = { fence: 1, holder: a }

    async function yielded(): Promise<void> {
      await held()
      expect(await stores.b.ask(UNIT, b, seen)).toBe(true)
      expect(await stores.b.arrive(UNIT, b)).toBe(true)
      expect(await stores.a.yield(UNIT, a, 1)).toBe(true)
    }

    describe('shows members', () => {
      test('with all that they tell, sorted by replica, each with its own beat', async () => {
        const record = member(b, {
          draining: true,
          trial: 'failed',
          serves: ['acme', 'bastion'],
          fields: { version: '9', units: '[]' },
        })
        await beat(stores.b, member(b))
        await beat(stores.a, member(a))
        expect((await beat(stores.b, record)).members).toEqual([
          { ...member(a), beat: 1 },
          { ...record, beat: 2 },
        ])
      })

      test('until they were silent for 5 s, with their leases kept', async () => {
        await held()
        await world.pass(3_000)
        await beat(stores.b, member(b))
        await world.pass(2_000)
        const picture = await stores.c.read()
        expect(picture.members.map(({ replica }) => replica)).toEqual(['b'])
        expect(picture.leases).toMatchObject([{ unit: UNIT, holder: a, fence: 1 }])
      })

      test('who were silent, and beat on as before under the same run', async () => {
        await beat(stores.a, member(a))
        await beat(stores.a, member(a))
        await world.pass(5_000)
        await stores.b.read()
        expect((await beat(stores.a, member(a))).members).toMatchObject([{ ...a, beat: 3 }])
      })

      test('with a beat that rises even over a loss of everything', async () => {
        await beat(stores.a, member(a))
        await world.lose()
        expect((await beat(stores.a, member(a))).members).toMatchObject([{ ...a, beat: 2 }])
      })

      test('no more once they leave, their leases kept', async () => {
        await held()
        await stores.a.leave(a)
        await stores.a.leave(a)
        const picture = await stores.c.read()
        expect(picture.members.map(({ replica }) => replica)).toEqual(['b', 'c'])
        expect(picture.leases).toHaveLength(1)
      })
    })

    describe('after a change of master that lost the last change of an owner', () => {
      /** `b` has taken the unit from `a` under number 2, which all have seen; then Redis is as it was before. */
      async function lostTake(): Promise<void> {
        await held()
        const seen = { fence: 1, holder: a, stillBeat: 1 }
        expect(await stores.b.take(UNIT, b, seen, false)).toBe(2)
        await beat(stores.c, member(c))
        await world.lose()
        await beat(stores.a, member(a))
        expect(await stores.a.assert(UNIT, a, 1)).toBe(true)
      }
      const stillBeat = async () =>
        (await stores.c.read()).members.find(({ replica }) => replica === 'a')?.beat ?? 0

      test('gives out no number again that its taker has seen in a picture', async () => {
        await lostTake()
        expect(
          await stores.c.take(UNIT, c, { fence: 1, holder: a, stillBeat: await stillBeat() }, false),
        ).toBe(3)
      })

      test('gives out no number again that its taker has had itself', async () => {
        await lostTake()
        expect(
          await stores.b.take(UNIT, b, { fence: 1, holder: a, stillBeat: await stillBeat() }, false),
        ).toBe(3)
      })

      test('gives out no number again in a hand-over', async () => {
        await lostTake()
        expect(await stores.c.ask(UNIT, c, { fence: 1, holder: a })).toBe(true)
        await stores.c.arrive(UNIT, c)
        await stores.a.yield(UNIT, a, 1)
        expect(await stores.c.succeed(UNIT, c, false)).toBe(3)
      })
    })

    describe('tells an earlier run of a replica that it is replaced', () => {
      test('however often it beats, and even if the later one came in the same millisecond', async () => {
        await beat(stores.a, member(a))
        await beat(stores.laterA, member(laterA))
        expect(await stores.a.beat(member(a))).toBe('replaced')
        expect(await stores.a.beat(member(a))).toBe('replaced')
        expect((await beat(stores.laterA, member(laterA))).members).toMatchObject([{ ...laterA, beat: 2 }])
      })

      test('also after it had left', async () => {
        await Promise.all([beat(stores.a, member(a)), stores.a.leave(a), beat(stores.laterA, member(laterA))])
        expect(await stores.a.beat(member(a))).toBe('replaced')
      })

      test('also after it was frozen', async () => {
        await beat(stores.a, member(a))
        await world.pass(5_000)
        await beat(stores.laterA, member(laterA))
        expect(await stores.a.beat(member(a))).toBe('replaced')
      })

      test('again once the later one beats where Redis has lost both', async () => {
        await Promise.all([beat(stores.a, member(a)), beat(stores.laterA, member(laterA))])
        await world.lose()
        await stores.a.beat(member(a))
        await beat(stores.laterA, member(laterA))
        expect(await stores.a.beat(member(a))).toBe('replaced')
      })

      test('which comes to hold nothing any more, and does not take the later one off the list', async () => {
        await held()
        await beat(stores.laterA, member(laterA))
        expect(await stores.a.take('acme', a, FREE, false)).toBeUndefined()
        expect(await stores.a.assert('acme', a, 4)).toBe(false)
        await stores.a.leave(a)
        expect((await stores.c.read()).members[0]).toMatchObject(laterA)
      })
    })

    describe('lets a unit be taken', () => {
      test('that is free, by one of two that saw the same', async () => {
        const numbers = await Promise.all([
          stores.a.take(UNIT, a, FREE, false),
          stores.b.take(UNIT, b, FREE, false),
        ])
        expect(numbers.filter((fence) => fence !== undefined)).toEqual([1])
      })

      test('of an earlier run of the same replica at once', async () => {
        await held()
        await beat(stores.laterA, member(laterA))
        expect(await stores.laterA.take(UNIT, laterA, seen, false)).toBe(2)
        expect(await lease()).toMatchObject({ holder: laterA, fence: 2 })
      })

      test('of a holder that still stands where it was watched standing', async () => {
        await held()
        expect(await stores.b.take(UNIT, b, { ...seen, stillBeat: 1 }, true)).toBe(2)
        expect(await lease()).toMatchObject({ holder: b, fence: 2, onTrial: true })
      })

      test('of a holder that is listed no more', async () => {
        await held()
        await stores.a.leave(a)
        expect(await stores.b.take(UNIT, b, { ...seen, stillBeat: 7 }, false)).toBe(2)
      })

      test('of a holder that fell silent, whatever it was watched at', async () => {
        await held()
        await world.pass(5_000)
        expect(await stores.b.take(UNIT, b, { ...seen, stillBeat: 7 }, false)).toBe(2)
      })

      test('of a holder that another run has replaced', async () => {
        await held()
        await beat(stores.laterA, member(laterA))
        await beat(stores.laterA, member(laterA))
        expect(await stores.b.take(UNIT, b, { ...seen, stillBeat: 1 }, false)).toBe(2)
      })

      test.each([
        ['that has beaten since', { ...seen, stillBeat: 1 }],
        ['that nobody watched', seen],
      ])('but not of a holder %s', async (_, wrong) => {
        await held()
        await beat(stores.a, member(a))
        expect(await stores.b.take(UNIT, b, wrong, false)).toBeUndefined()
        expect(await lease()).toMatchObject({ holder: a, fence: 1 })
      })

      test('but not of one that is listed no more and that nobody watched', async () => {
        await held()
        await stores.a.leave(a)
        expect(await stores.b.take(UNIT, b, seen, false)).toBeUndefined()
      })

      test.each([
        ['another number', { fence: 2, holder: a, stillBeat: 1 }],
        ['another run', { fence: 1, holder: laterA, stillBeat: 1 }],
        ['another replica', { fence: 1, holder: c, stillBeat: 1 }],
        ['nobody', { fence: 1 }],
      ])('but not by who saw %s there', async (_, wrong) => {
        await held()
        expect(await stores.b.take(UNIT, b, wrong, false)).toBeUndefined()
        expect(await stores.b.take('acme', b, { fence: 0, holder: a, stillBeat: 1 }, false)).toBeUndefined()
      })

      test('but not by who holds it', async () => {
        await held()
        expect(await stores.a.take(UNIT, a, { ...seen, stillBeat: 1 }, false)).toBeUndefined()
      })

      test('once from what was seen, also where it was released meanwhile', async () => {
        await held()
        await stores.a.release(UNIT, a, 1)
        expect(await stores.b.take(UNIT, b, { fence: 1 }, false)).toBe(2)
        await stores.b.release(UNIT, b, 2)
        expect(await stores.c.take(UNIT, c, { fence: 1 }, false)).toBeUndefined()
      })

      test('and a successor that waited for the old holder is not one of the new', async () => {
        await held()
        await stores.b.ask(UNIT, b, seen)
        await stores.a.leave(a)
        await stores.c.take(UNIT, c, { ...seen, stillBeat: 1 }, false)
        expect(await lease()).not.toHaveProperty('successor')
      })
    })

    describe('hands a unit over', () => {
      test('in its phases, each idempotent, to a new holder under a higher number', async () => {
        await held()
        for (const [act, phase] of [
          [() => stores.b.ask(UNIT, b, seen), 'asked'],
          [() => stores.b.arrive(UNIT, b), 'arrived'],
          [() => stores.a.yield(UNIT, a, 1), 'yielded'],
        ] as const) {
          expect([await act(), await act()]).toEqual([true, true])
          expect(await lease()).toMatchObject({ holder: a, fence: 1, successor: { ...b, phase } })
        }
        expect([await stores.b.ask(UNIT, b, seen), await stores.b.arrive(UNIT, b)]).toEqual([true, true])
        expect(await stores.b.succeed(UNIT, b, true)).toBe(2)
        expect(await lease()).toEqual({
          unit: UNIT,
          holder: b,
          fence: 2,
          sinceAt: expect.any(Number),
          onTrial: true,
        })
        expect(await stores.b.succeed(UNIT, b, true)).toBeUndefined()
      })

      test('to nobody before the holder has yielded, and to nobody else', async () => {
        await held()
        expect(await stores.a.yield(UNIT, a, 1)).toBe(false)
        await stores.b.ask(UNIT, b, seen)
        expect(await stores.a.yield(UNIT, a, 1)).toBe(false)
        expect(await stores.c.arrive(UNIT, c)).toBe(false)
        await stores.b.arrive(UNIT, b)
        expect(await stores.b.succeed(UNIT, b, false)).toBeUndefined()
        expect(await stores.a.yield(UNIT, a, 7)).toBe(false)
        expect(await stores.c.yield(UNIT, c, 1)).toBe(false)
        await stores.a.yield(UNIT, a, 1)
        expect(await stores.c.succeed(UNIT, c, false)).toBeUndefined()
      })

      test('to one at a time, unless that one has died', async () => {
        await held()
        await stores.b.ask(UNIT, b, seen)
        expect(await stores.c.ask(UNIT, c, seen)).toBe(false)
        await stores.b.leave(b)
        expect(await stores.c.ask(UNIT, c, seen)).toBe(true)
        expect(await lease()).toMatchObject({ successor: { ...c, phase: 'asked' } })
        expect(await stores.b.arrive(UNIT, b)).toBe(false)
      })

      test('to the next one, where the successor fell silent or came back as another run', async () => {
        await held()
        await stores.b.ask(UNIT, b, seen)
        await world.pass(5_000)
        expect(await stores.c.ask(UNIT, c, seen)).toBe(true)
        const laterC: Run = { replica: 'c', run: 'c-2' }
        await beat(stores.c, member(laterC))
        expect(await stores.b.ask(UNIT, b, seen)).toBe(true)
      })

      test.each([
        ['another number', { fence: 2, holder: a }],
        ['another holder', { fence: 1, holder: laterA }],
      ])('not to who saw %s', async (_, wrong) => {
        await held()
        expect(await stores.b.ask(UNIT, b, wrong)).toBe(false)
      })

      test('not to the holder itself', async () => {
        await held()
        expect(await stores.a.ask(UNIT, a, seen)).toBe(false)
      })

      test('not after the holder recalled it', async () => {
        await yielded()
        expect(await stores.a.recall(UNIT, a, 1)).toBe(true)
        expect(await stores.a.recall(UNIT, a, 1)).toBe(true)
        expect(await stores.b.succeed(UNIT, b, false)).toBeUndefined()
        expect(await lease()).toMatchObject({ holder: a, fence: 1 })
      })

      test('for good: the holder can recall nothing once it is taken', async () => {
        await yielded()
        await stores.b.succeed(UNIT, b, false)
        expect(await stores.a.recall(UNIT, a, 1)).toBe(false)
        expect(await stores.a.release(UNIT, a, 1)).toBe(false)
        expect(await lease()).toMatchObject({ holder: b, fence: 2 })
      })

      test('not to a successor that wants it no more', async () => {
        await yielded()
        expect(await stores.c.withdraw(UNIT, c)).toBe(false)
        expect(await stores.b.withdraw(UNIT, b)).toBe(true)
        expect(await stores.b.withdraw(UNIT, b)).toBe(false)
        expect(await stores.b.succeed(UNIT, b, false)).toBeUndefined()
        expect(await lease()).not.toHaveProperty('successor')
      })

      test('by releasing it: whoever waited takes it as a free one, under a higher number', async () => {
        await yielded()
        expect(await stores.c.release(UNIT, c, 1)).toBe(false)
        expect(await stores.a.release(UNIT, a, 1)).toBe(true)
        expect(await lease()).toEqual({ unit: UNIT, fence: 1, sinceAt: expect.any(Number), onTrial: false })
        expect(await stores.b.succeed(UNIT, b, false)).toBeUndefined()
        expect(await stores.b.take(UNIT, b, { fence: 1 }, false)).toBe(2)
      })
    })

    test('knows whose a unit is, and under which number', async () => {
      await held()
      const answers = [
        stores.a.holds(UNIT, a, 1),
        stores.a.holds(UNIT, a, 2),
        stores.a.holds(UNIT, laterA, 1),
        stores.b.holds(UNIT, b, 1),
        stores.a.holds('acme', a, 1),
      ]
      expect(await Promise.all(answers)).toEqual([true, false, false, false, false])
    })

    describe('writes a lease again', () => {
      test('that Redis has lost, under its own number, and goes on counting from there', async () => {
        await held()
        await stores.a.release(UNIT, a, 1)
        await stores.a.take(UNIT, a, { fence: 1 }, false)
        await world.lose()
        await beat(stores.a, member(a))
        expect(await stores.a.assert(UNIT, a, 2)).toBe(true)
        expect(await stores.a.assert(UNIT, a, 2)).toBe(true)
        expect(await lease()).toMatchObject({ holder: a, fence: 2, onTrial: false })
        await stores.a.release(UNIT, a, 2)
        expect(await stores.b.take(UNIT, b, { fence: 2 }, false)).toBe(3)
      })

      test('where Redis came back with an older one of its own, or a free one', async () => {
        await held()
        expect(await stores.a.assert(UNIT, a, 5)).toBe(true)
        await stores.a.release(UNIT, a, 5)
        expect(await stores.a.assert(UNIT, a, 6)).toBe(true)
        expect(await lease()).toMatchObject({ holder: a, fence: 6 })
      })

      test('not over another holder, a newer number, or what it has released itself', async () => {
        await held()
        expect(await stores.b.assert(UNIT, b, 9)).toBe(false)
        expect(await stores.a.assert(UNIT, a, 0)).toBe(false)
        await stores.a.release(UNIT, a, 1)
        expect(await stores.a.assert(UNIT, a, 1)).toBe(false)
        expect(await lease()).toMatchObject({ fence: 1 })
        expect(await lease()).not.toHaveProperty('holder')
      })
    })

    describe('knows deploys', () => {
      test('since their first member, however many come', async () => {
        const first = await beat(stores.a, member(a))
        await world.pass(60_000)
        const { at, deploys } = await beat(stores.b, member(b, { deploy: 'green' }))
        await beat(stores.c, member(c, { deploy: 'green' }))
        expect((await stores.c.read()).deploys).toEqual(deploys)
        const [blue, green] = deploys
        expect(first.deploys).toMatchObject([{ id: 'blue', strikeCount: 0, restUntilAt: 0 }])
        expect([blue?.id, green?.id]).toEqual(['blue', 'green'])
        expect(green?.sinceAt).toBe(at)
        expect(at - (blue?.sinceAt ?? at)).toBeGreaterThanOrEqual(60_000)
      })

      test('for 10 min after their last sign, so that a frozen replica is none of a newer one', async () => {
        await beat(stores.a, member(a))
        const { deploys } = await beat(stores.b, member(b, { deploy: 'green' }))
        await world.pass(500_000)
        await beat(stores.b, member(b, { deploy: 'green' }))
        expect((await stores.c.read()).deploys.map(({ id }) => id)).toEqual(deploys.map(({ id }) => id))
        await world.pass(101_000)
        expect((await stores.c.read()).deploys.map(({ id }) => id)).toEqual(['green'])
      })

      test('for as long as they rest, so that a strike is not forgotten', async () => {
        await beat(stores.a, member(a))
        for (let strike = 1; strike <= 5; strike += 1) await stores.b.strike('blue')
        await world.pass(660_000)
        expect((await stores.b.read()).deploys).toMatchObject([{ id: 'blue', strikeCount: 5 }])
        await world.pass(360_000)
        expect((await stores.b.read()).deploys).toEqual([])
      })

      test('by their age, also after Redis has lost them and the newer one comes back first', async () => {
        await beat(stores.a, member(a))
        await world.pass(1)
        await beat(stores.b, member(b, { deploy: 'green' }))
        await world.lose()
        await world.pass(1)
        await beat(stores.b, member(b, { deploy: 'green' }))
        const { deploys } = await beat(stores.a, member(a))
        expect(deploys.map(({ id }) => id)).toEqual(['blue', 'green'])
        expect(deploys[0]?.sinceAt).toBeLessThan(deploys[1]?.sinceAt ?? 0)
      })

      test('to rest for 60 s after a strike, doubled with each, an hour at most', async () => {
        await beat(stores.a, member(a))
        const rests: number[] = []
        for (let strike = 1; strike <= 8; strike += 1) {
          await stores.b.strike('blue')
          const { at, deploys } = await stores.b.read()
          expect(deploys).toMatchObject([{ id: 'blue', strikeCount: strike }])
          rests.push(Math.ceil(((deploys[0]?.restUntilAt ?? 0) - at) / 60_000))
        }
        expect(rests).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
      })

      test('struck by the death of a member on trial', async () => {
        await held(true)
        expect(await stores.b.take(UNIT, b, { ...seen, stillBeat: 1 }, false)).toBe(2)
        expect((await stores.b.read()).deploys).toMatchObject([
          { id: 'blue', strikeCount: 1 },
          { id: 'green', strikeCount: 0, restUntilAt: 0 },
        ])
      })

      test('struck where the dead one comes back itself', async () => {
        await held(true)
        await beat(stores.laterA, member(laterA))
        await stores.laterA.take(UNIT, laterA, seen, true)
        expect((await stores.b.read()).deploys).toMatchObject([
          { id: 'blue', strikeCount: 1 },
          { strikeCount: 0 },
        ])
      })

      describe('whose member prepared for a unit on trial', () => {
        const seenByB = { fence: 1, holder: a }
        beforeEach(async () => {
          await held(false)
          await beat(stores.b, member(b, { deploy: 'green', trial: 'open' }))
          await stores.b.ask(UNIT, b, seenByB)
        })
        const struck = async () =>
          (await stores.a.read()).deploys.find(({ id }) => id === 'green')?.strikeCount

        test('struck where it has arrived, is gone and is called back', async () => {
          await stores.b.arrive(UNIT, b)
          await world.pass(4_000)
          await beat(stores.a, member(a))
          await world.pass(2_000)
          expect(await stores.a.recall(UNIT, a, 1)).toBe(true)
          expect(await struck()).toBe(1)
        })

        test('struck where it comes back as another, which is given nothing while the deploy rests', async () => {
          await stores.b.arrive(UNIT, b)
          await beat(stores.laterB, member(laterB, { deploy: 'green', trial: 'open' }))
          expect(await stores.laterB.ask(UNIT, laterB, seenByB)).toBe(false)
          expect(await struck()).toBe(1)
          expect((await lease())?.successor).toBeUndefined()
        })

        test('not struck where it is there and called back, or had not arrived', async () => {
          await stores.b.arrive(UNIT, b)
          await stores.a.recall(UNIT, a, 1)
          await stores.b.ask(UNIT, b, seenByB)
          await beat(stores.laterB, member(laterB, { deploy: 'green', trial: 'open' }))
          expect(await stores.laterB.ask(UNIT, laterB, seenByB)).toBe(true)
          expect(await struck()).toBe(0)
        })
      })

      test('not struck where the unit was given back on trial', async () => {
        await held(true)
        await stores.a.release(UNIT, a, 1)
        expect(await lease()).toMatchObject({ onTrial: false })
        await stores.b.take(UNIT, b, { fence: 1 }, false)
        expect((await stores.b.read()).deploys).toMatchObject([{ strikeCount: 0 }, { strikeCount: 0 }])
      })

      test('not struck once the unit is proved', async () => {
        await held(true)
        expect(await stores.b.prove(UNIT, b, 1)).toBe(false)
        expect([await stores.a.prove(UNIT, a, 1), await stores.a.prove(UNIT, a, 1)]).toEqual([true, true])
        expect(await lease()).toMatchObject({ onTrial: false })
        await stores.b.take(UNIT, b, { ...seen, stillBeat: 1 }, false)
        expect((await stores.b.read()).deploys).toMatchObject([{ strikeCount: 0 }, { strikeCount: 0 }])
      })
    })

    describe('announces', () => {
      /** Resolves with the next news after now. */
      async function listening() {
        const news = world.news()
        let heard: () => void = () => {}
        let next = new Promise<void>((resolve) => {
          heard = resolve
        })
        await news.start(() => heard())
        const renew = () => {
          next = new Promise<void>((resolve) => {
            heard = resolve
          })
        }
        renew()
        return { told: () => next.then(renew), stop: () => news.stop() }
      }

      test('each change of a lease, and who comes, drains and goes', async () => {
        const { told, stop } = await listening()
        const draining = member(a, { draining: true })
        for (const change of [
          () => stores.a.beat(member(a)),
          () => stores.a.take(UNIT, a, FREE, true),
          () => stores.a.prove(UNIT, a, 1),
          () => stores.a.beat(draining),
          () => stores.b.ask(UNIT, b, seen),
          () => stores.b.arrive(UNIT, b),
          () => stores.a.yield(UNIT, a, 1),
          () => stores.a.recall(UNIT, a, 1),
          () => stores.b.ask(UNIT, b, seen),
          () => stores.b.withdraw(UNIT, b),
          () => stores.a.release(UNIT, a, 1),
          () => stores.a.assert(UNIT, a, 2),
          () => stores.a.strike('blue'),
          () => stores.laterA.beat({ ...draining, ...laterA }),
          () => stores.laterA.leave(laterA),
        ])
          await Promise.all([told(), change()])
        await stop()
        await stop()
      })
    })
  })
}
