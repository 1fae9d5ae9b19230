import type { CallGrant } from '@holdfast/ownership'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SessionStartLimit } from '../../src/drivers/discord-api.ts'
import { LocalPermits } from '../../src/drivers/permits.ts'
import { World } from './world.ts'

const PLENTY: SessionStartLimit = { total: 1_000, remaining: 900, resetAfterMs: 60_000, maxConcurrency: 1 }

function permitsFor(world: World, limits: (SessionStartLimit | undefined)[]) {
  return new LocalPermits({
    clock: world.clock,
    log: world.log,
    calls: world.budget,
    key: 'bastion',
    readLimit: async () => (limits.length > 1 ? limits.shift() : limits[0]),
  })
}

/** Wishes for a permit and notes under `name` when the answer comes. */
function wish(world: World, permits: LocalPermits, name: string, answers: string[], signal?: AbortSignal) {
  const waits: string[] = []
  void permits
    .acquire({
      shard: Number(name.split(' ')[1]),
      shardCount: 12,
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

  it('count what they granted since Discord told the budget', async () => {
    const world = new World()
    const permits = permitsFor(world, [{ ...PLENTY, remaining: 22, maxConcurrency: 8 }])
    const answers: string[] = []
    for (let shard = 0; shard < 4; shard++) wish(world, permits, `shard ${shard}`, answers)
    await world.settle()
    expect(answers).toEqual(['shard 0 granted at 0', 'shard 1 granted at 0'])
    expect(world.lines).toMatchObject([{ level: 'error', message: expect.stringContaining('20 of 1000') }])
  })

  it('ask nobody any more once every wish is withdrawn, and ask anew for the next', async () => {
    const world = new World()
    const asked: AbortSignal[] = []
    const permits = new LocalPermits({
      ...world.deps,
      calls: world.budget,
      key: 'bastion',
      readLimit: (signal) => {
        asked.push(signal)
        if (asked.length > 1) return Promise.resolve({ ...PLENTY, remaining: 0 })
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined)))
      },
    })
    const answers: string[] = []
    const withdrawn = new AbortController()
    wish(world, permits, 'shard 0', answers, withdrawn.signal)
    withdrawn.abort()
    await world.settle()
    expect(answers).toEqual(['shard 0 withdrawn at 0'])
    expect(world.clock.timerCount).toBe(0)
    wish(world, permits, 'shard 0', answers)
    await world.settle()
    expect(asked).toHaveLength(2)
    expect(answers).toHaveLength(1)
  })
})

describe('permits of a bot that may identify several shards at once', () => {
  const three: SessionStartLimit = { ...PLENTY, maxConcurrency: 3 }

  async function grantsOf(names: readonly string[], permits: LocalPermits, world: World) {
    const answers: string[] = []
    for (const name of names) wish(world, permits, name, answers)
    await world.settle()
    for (let round = 0; round < names.length; round++) await world.advance(5_250)
    return answers
  }

  it('are granted max_concurrency at a time, bucket by bucket in order, whatever the order of the wishes', async () => {
    const world = new World()
    const names = [6, 3, 0, 5, 1, 4, 2].map((shard) => `shard ${shard}`)
    expect(await grantsOf(names, permitsFor(world, [three]), world)).toEqual([
      'shard 0 granted at 0',
      'shard 1 granted at 0',
      'shard 2 granted at 0',
      'shard 3 granted at 5250',
      'shard 4 granted at 5250',
      'shard 5 granted at 5250',
      'shard 6 granted at 10500',
    ])
  })

  it('are held back from a later round while a shard of an earlier one is on its way', async () => {
    const world = new World()
    const permits = permitsFor(world, [three])
    const answers: string[] = []
    const arrived = permits.announce(2)
    wish(world, permits, 'shard 3', answers)
    wish(world, permits, 'shard 1', answers)
    await world.settle()
    await world.advance(60_000)
    expect(answers).toEqual(['shard 1 granted at 0'])
    arrived()
    await world.settle()
    expect(answers).toEqual(['shard 1 granted at 0', 'shard 3 granted at 60000'])
  })

  it('tell a shard how many are before it', async () => {
    const world = new World()
    const permits = permitsFor(world, [PLENTY])
    for (const shard of [0, 1]) wish(world, permits, `shard ${shard}`, [])
    const waits = wish(world, permits, 'shard 2', [])
    expect(waits).toEqual(['it waits for its turn to identify: 2 shards are before it'])
  })

  it('keep the distance to what another gateway, or a former process, has granted', async () => {
    const world = new World()
    const [former, later] = [permitsFor(world, [three]), permitsFor(world, [three])]
    const answers: string[] = []
    wish(world, former, 'shard 0', answers)
    await world.settle()
    await world.advance(1_000)
    wish(world, later, 'shard 3', answers)
    wish(world, later, 'shard 4', answers)
    await world.settle()
    expect(answers).toEqual(['shard 0 granted at 0', 'shard 4 granted at 1000'])
    await world.advance(4_250)
    expect(answers.at(-1)).toBe('shard 3 granted at 5250')
  })

  it('are never more than max_concurrency in 5 s, however the shards are spread over gateways', async () => {
    const spread = fc.array(fc.nat(2), { minLength: 12, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(spread, fc.nat(9_000), async (gatewayOf, laterMs) => {
        const world = new World()
        const gateways = [0, 1, 2].map(() => permitsFor(world, [three]))
        const answers: string[] = []
        for (const [shard, gateway] of gatewayOf.entries()) {
          if (shard === 7) await world.advance(laterMs)
          wish(world, gateways[gateway] as LocalPermits, `shard ${shard}`, answers)
        }
        for (let round = 0; round < 12; round++) await world.advance(5_250)
        const ats = answers.map((answer) => Number(answer.split(' at ')[1]))
        expect(ats).toHaveLength(12)
        for (const at of ats)
          expect(ats.filter((other) => other >= at && other <= at + 5_000).length).toBeLessThan(4)
      }),
      { numRuns: 50 },
    )
  })

  it('keep the distance of this process alone while nobody counts for all', async () => {
    const world = new World()
    const permits = new LocalPermits({
      ...world.deps,
      key: 'bastion',
      calls: { take: () => Promise.reject(new Error('Redis is away')) },
      readLimit: async () => three,
    })
    expect(await grantsOf(['shard 0', 'shard 3'], permits, world)).toEqual([
      'shard 0 granted at 0',
      'shard 3 granted at 5250',
    ])
  })

  it('are not overlooked that are wished for while the turn of another bucket is being asked for', async () => {
    const world = new World()
    let answer = (_: CallGrant) => {}
    const permits = new LocalPermits({
      ...world.deps,
      key: 'bastion',
      calls: {
        take: (key) =>
          key === 'bastion:0'
            ? new Promise((resolve) => {
                answer = resolve
              })
            : Promise.resolve({ kind: 'granted' }),
      },
      readLimit: async () => three,
    })
    const answers: string[] = []
    const withdrawn = new AbortController()
    wish(world, permits, 'shard 0', answers, withdrawn.signal)
    await world.settle()
    wish(world, permits, 'shard 1', answers)
    answer({ kind: 'spent', waitMs: 60_000 })
    await world.settle()
    expect(answers).toEqual(['shard 1 granted at 0'])
    withdrawn.abort()
  })

  it('come to every wish, never two of a bucket within 5 s, whenever wishes come and go', async () => {
    const moves = fc.array(
      fc.record({ shard: fc.nat(11), afterMs: fc.nat(4_000), withdrawn: fc.boolean() }),
      { maxLength: 20 },
    )
    await fc.assert(
      fc.asyncProperty(moves, async (wishes) => {
        const world = new World()
        const permits = permitsFor(world, [three])
        const granted: { bucket: number; at: number }[] = []
        let openCount = 0
        for (const { shard, afterMs, withdrawn } of wishes) {
          const halt = new AbortController()
          openCount++
          void permits
            .acquire({ shard, shardCount: 12, signal: halt.signal, onWait: () => {} })
            .then((answer) => {
              openCount--
              if (answer === 'granted') granted.push({ bucket: shard % 3, at: world.clock.monotonicMs() })
            })
          await world.advance(afterMs)
          if (withdrawn) halt.abort()
        }
        for (let round = 0; round < wishes.length; round++) await world.advance(5_250)
        expect(openCount).toBe(0)
        expect(world.clock.timerCount).toBe(0)
        for (const bucket of [0, 1, 2]) {
          const ats = granted.filter((grant) => grant.bucket === bucket).map(({ at }) => at)
          for (const [index, at] of ats.entries())
            expect(at - (ats[index - 1] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThan(5_000)
        }
      }),
      { numRuns: 50 },
    )
  })
})
