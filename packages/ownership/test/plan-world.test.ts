import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TrialVerdict } from '../src/index.ts'
import { type Flaw, flaws, type Happening, happen, histories, seeds, shortMs } from './plan-history.ts'
import type { Fitness } from './plan-replica.ts'
import { PlanWorld, UNITS } from './plan-world.ts'

const HOUR_MS = 3_600_000
/** Longer than anything waits. */
const QUIET_MS = 160_000
const NAMES = UNITS.map(({ unit }) => unit)

/** Worlds by their seeds and what is drawn for them: the same ones in each run, or with PLAN_RUNS and PLAN_SEED more and others. */
const judge = <T extends [unknown, ...unknown[]]>(
  numRuns: number,
  drawn: { [K in keyof T]: fc.Arbitrary<T[K]> },
  trial: (...it: T) => Promise<void>,
) =>
  fc.assert(fc.asyncProperty(...drawn, trial), {
    numRuns: numRuns * Number(process.env.PLAN_RUNS ?? 1),
    seed: Number(process.env.PLAN_SEED ?? 4_711),
  })

/** Each unit is served by one replica: the one that the lease names. Resolves to the rollouts that have units. */
async function expectServed(world: PlanWorld): Promise<string[]> {
  const deploys = new Set<string>()
  for (const unit of NAMES) {
    const lease = await world.lease(unit)
    const servers = world.servers(unit)
    expect(
      servers.map(({ id }) => id.run),
      `who serves ${unit}`,
    ).toEqual([lease?.holder?.run])
    expect(lease?.successor, `who is on the way to ${unit}`).toBeUndefined()
    for (const { start } of servers) deploys.add(start.deploy)
  }
  return [...deploys]
}

/** Lets each thing that waits end; a trial that has begun anew meanwhile, too. */
async function settle(world: PlanWorld): Promise<void> {
  await world.pass(QUIET_MS)
  for (let waited = 0; waited < QUIET_MS && (await isMoving(world)); waited += 1_000) await world.pass(1_000)
}

async function isMoving(world: PlanWorld): Promise<boolean> {
  const leases = await Promise.all(NAMES.map((unit) => world.lease(unit)))
  return (
    leases.some((lease) => lease?.successor !== undefined || lease?.onTrial) ||
    NAMES.some((unit) => world.servers(unit).length !== 1) ||
    world.live.some(({ verdict, held }) => verdict?.kind === 'failed' && held.length > 0)
  )
}

/** A world in which so many replicas of the first rollout serve everything, and nothing moves any more. */
async function begun(world: PlanWorld, replicas: readonly string[]): Promise<void> {
  for (const replica of replicas) {
    world.add(replica, 'first')
    await world.pass(1_000)
  }
  await world.pass(QUIET_MS)
  await expectServed(world)
  world.changes.length = 0
}

const isReady = (verdict: TrialVerdict | undefined) => verdict?.kind === 'passed' || verdict?.kind === 'none'

/** The replica of each unit. */
const holders = (world: PlanWorld) =>
  Promise.all(NAMES.map(async (unit) => [unit, (await world.lease(unit))?.holder?.replica] as const))

const fences = (world: PlanWorld) => Promise.all(NAMES.map(async (unit) => (await world.lease(unit))?.fence))

const whole = (seed: number, rebalanceAfterMs?: number) => new PlanWorld(seed, () => 'well', rebalanceAfterMs)
const counts = fc.integer({ min: 1, max: 3 })

/** Rollout `second` has a flaw in all units of a connection. */
const flawed =
  ({ fitness, connection }: Flaw) =>
  (deploy: string, unit: string): Fitness =>
    deploy === 'second' && unit.startsWith(connection) ? fitness : 'well'

/** How often each unit changed hands, by unit. */
const moveCounts = (world: PlanWorld) =>
  NAMES.map((name) => world.changes.filter(({ unit, to }) => unit === name && to).length)

describe('whatever happens to replicas', () => {
  it('nobody loses a unit while it beats, and the newest rollout has all of it in the end', async () => {
    const drawn = histories(['a', 'b', 'c', 'd'], ['first', 'second'], 14)
    await judge<[number, Happening[]]>(12, [seeds, drawn], async (seed, history) => {
      const world = whole(seed)
      world.add('a', 'first')
      await world.pass(2_000)
      for (const it of history) await happen(world, it)
      world.add('z', 'second')
      await world.pass(QUIET_MS)
      await expectServed(world)
      // Whoever died on trial has made its rollout rest.
      await world.skip(HOUR_MS)
      await world.pass(QUIET_MS)
      expect(await expectServed(world)).toEqual(['second'])
    })
  })

  it('a rollout that can’t serve a connection ends up with nothing, and is never ready', async () => {
    const drawn = histories(['c', 'd'], ['second'], 8)
    await judge<[number, Flaw, Happening[]]>(12, [seeds, flaws, drawn], async (seed, flaw, history) => {
      const world = new PlanWorld(seed, flawed(flaw))
      await begun(world, ['a', 'b'])
      world.add('c', 'second')
      for (const it of history) {
        await happen(world, it)
        const ready = world.live.filter(({ start, verdict }) => start.deploy === 'second' && isReady(verdict))
        expect(ready.map(({ id }) => id.replica)).toEqual([])
      }
      await settle(world)
      // What has rested tries again: then it is between two trials that it has nothing.
      const has = () => world.live.some((it) => it.start.deploy === 'second' && it.held.length > 0)
      for (let waitedMs = 0; waitedMs < 2 * QUIET_MS && (has() || (await isMoving(world))); waitedMs += 1_000)
        await world.pass(1_000)
      expect(await expectServed(world)).toEqual(['first'])
    })
  })

  it('an outage of Redis moves nothing, even where it comes back empty', async () => {
    await judge<[number, number, number, boolean]>(
      8,
      [seeds, counts, shortMs, fc.boolean()],
      async (seed, count, ms, empty) => {
        const world = whole(seed)
        await begun(world, ['a', 'b', 'c'].slice(0, count))
        world.add('x', 'second')
        await settle(world)
        const before = await fences(world)
        world.changes.length = 0
        world.outage(ms * 4)
        await world.pass(ms)
        if (empty) world.lose()
        await world.pass(QUIET_MS)
        expect(await expectServed(world)).toEqual(['second'])
        // What was written again is what was there before.
        expect(world.changes.map(({ from, to }) => [from, to?.replica])).toEqual(
          empty ? NAMES.map(() => [undefined, 'x']) : [],
        )
        expect(await fences(world)).toEqual(before)
      },
    )
  })
})

describe('a rollout that is well', () => {
  it('gets each unit by one hand-over, and nothing more moves when the older one goes', async () => {
    await judge<[number, number, number, number]>(
      8,
      [seeds, counts, counts, shortMs],
      async (seed, oldCount, newCount, apartMs) => {
        const world = whole(seed, Number.POSITIVE_INFINITY)
        const old = ['a', 'b', 'c'].slice(0, oldCount)
        await begun(world, old)
        for (const replica of ['x', 'y', 'z'].slice(0, newCount)) {
          world.add(replica, 'second')
          await world.pass(apartMs)
        }
        await world.pass(QUIET_MS)
        expect(await expectServed(world)).toEqual(['second'])
        expect(world.changes.every(({ handedOver }) => handedOver)).toBe(true)
        expect(moveCounts(world)).toEqual(NAMES.map(() => 1))
        for (const { verdict } of world.live) expect(['none', 'passed']).toContain(verdict?.kind)
        for (const one of world.live) if (old.includes(one.id.replica)) one.draining = true
        await world.pass(QUIET_MS)
        expect(moveCounts(world)).toEqual(NAMES.map(() => 1))
      },
    )
  })

  it('takes over a unit that the platform refuses to everybody', async () => {
    await judge<[number, string]>(
      5,
      [seeds, fc.constantFrom('acme', 'bastion', 'crew')],
      async (seed, refused) => {
        const world = new PlanWorld(seed, (_, unit) => (unit.startsWith(refused) ? 'fatal' : 'well'))
        await begun(world, ['a'])
        world.add('x', 'second')
        await world.pass(QUIET_MS)
        expect(await expectServed(world)).toEqual(['second'])
        expect(moveCounts(world)).toEqual(NAMES.map(() => 1))
        expect(world.live.map(({ verdict }) => isReady(verdict))).toEqual([true, true])
      },
    )
  })
})

describe('replicas of one rollout', () => {
  it('are evened out by as few moves as it takes, and then stay as they are', async () => {
    await judge<[number, number]>(4, [seeds, counts], async (seed, count) => {
      const world = whole(seed)
      await begun(world, ['a'])
      for (const replica of ['b', 'c', 'd'].slice(0, count)) world.add(replica, 'first')
      await world.pass(2 * QUIET_MS)
      await expectServed(world)
      const held = world.live.map((it) => it.held.length)
      expect(Math.max(...held) - Math.min(...held)).toBeLessThan(2)
      expect(Math.max(...moveCounts(world))).toBe(1)
      world.changes.length = 0
      await world.pass(QUIET_MS)
      expect(world.changes).toEqual([])
    })
  })

  it('take back what is theirs after a restart, and nobody else gets it', async () => {
    await judge<[number, number]>(4, [seeds, counts], async (seed, count) => {
      const world = whole(seed, Number.POSITIVE_INFINITY)
      const replicas = ['a', 'b', 'c'].slice(0, count)
      await begun(world, replicas)
      const before = new Map(await holders(world))
      for (const replica of replicas) {
        world.add(replica, 'first')
        await world.pass(1_000)
      }
      await world.pass(QUIET_MS)
      await expectServed(world)
      expect(new Map(await holders(world))).toEqual(before)
      expect(Math.max(...moveCounts(world))).toBe(1)
    })
  })

  it('give everything away while they drain', async () => {
    await judge<[number, number]>(4, [seeds, counts], async (seed, count) => {
      const world = whole(seed)
      await begun(world, ['a', 'b', 'c', 'd'].slice(0, count + 1))
      const [first] = world.live
      if (first) first.draining = true
      await world.pass(QUIET_MS)
      await expectServed(world)
      expect(first?.held).toEqual([])
      expect(
        world.changes.filter(({ handedOver, from }) => from?.run === first?.id.run && !handedOver),
      ).toEqual([])
    })
  })
})
