import { describe, expect, it } from 'vitest'
import type { SessionStartLimit } from '../../src/drivers/discord-api.ts'
import { LocalPermits } from '../../src/drivers/permits.ts'
import { World } from './world.ts'

const PLENTY: SessionStartLimit = { total: 1_000, remaining: 900, resetAfterMs: 60_000 }

function permitsFor(world: World, limits: (SessionStartLimit | undefined)[]) {
  return new LocalPermits({
    clock: world.clock,
    log: world.log,
    readLimit: async () => (limits.length > 1 ? limits.shift() : limits[0]),
  })
}

/** Wishes for a permit and notes under `name` when the answer comes. */
function wish(world: World, permits: LocalPermits, name: string, answers: string[], signal?: AbortSignal) {
  const waits: string[] = []
  void permits
    .acquire({
      signal: signal ?? new AbortController().signal,
      onWait: (why) => waits.push(why),
    })
    .then((answer) => answers.push(`${name} ${answer} at ${world.clock.monotonicMs()}`))
  return waits
}

describe('permits of one process', () => {
  it('are granted in order, more than 5 s apart', async () => {
    const world = new World()
    const permits = permitsFor(world, [PLENTY])
    const answers: string[] = []
    for (const name of ['shard 0', 'shard 1', 'shard 2']) wish(world, permits, name, answers)
    await world.settle()
    for (let second = 0; second < 12; second++) await world.advance(1_000)
    expect(answers).toEqual(['shard 0 granted at 0', 'shard 1 granted at 6000', 'shard 2 granted at 12000'])
  })

  it('pass over a wish that was withdrawn, without spending time on it', async () => {
    const world = new World()
    const permits = permitsFor(world, [PLENTY])
    const answers: string[] = []
    const withdrawn = new AbortController()
    wish(world, permits, 'shard 0', answers)
    wish(world, permits, 'shard 1', answers, withdrawn.signal)
    wish(world, permits, 'shard 2', answers)
    await world.settle()
    withdrawn.abort()
    await world.settle()
    await world.advance(5_250)
    expect(answers).toEqual(['shard 0 granted at 0', 'shard 1 withdrawn at 0', 'shard 2 granted at 5250'])
    expect(world.clock.timerCount).toBe(0)
  })

  it('stop at the reserve of the budget, say so, and go on when Discord gives new ones', async () => {
    const world = new World()
    const permits = permitsFor(world, [{ ...PLENTY, remaining: 20 }, PLENTY])
    const answers: string[] = []
    const waits = wish(world, permits, 'shard 0', answers)
    await world.settle()
    expect(waits).toEqual([expect.stringContaining('20 of 1000')])
    expect(world.lines.map((line) => line.level)).toEqual(['error'])
    await world.advance(60_000)
    expect(answers).toEqual([])
    await world.advance(6_000)
    expect(answers).toHaveLength(1)
  })

  it('are granted with the spacing alone while Discord does not tell the budget', async () => {
    const world = new World()
    const permits = permitsFor(world, [undefined])
    const answers: string[] = []
    wish(world, permits, 'shard 0', answers)
    await world.settle()
    expect(answers).toHaveLength(1)
  })
})
