import { type CallBudget, createMemoryCallBudget, createOutageCallBudget } from '@holdfast/ownership'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { SessionStartLimit } from '../../src/drivers/discord-api.ts'
import { stormRate } from '../../src/drivers/identify-breaker.ts'
import { LocalPermits } from '../../src/drivers/permits.ts'
import { World } from './world.ts'

const DAY_MS = 86_400_000
const PLAIN: SessionStartLimit = { total: 1_000, remaining: 900, resetAfterMs: 60_000, maxConcurrency: 1 }
const LARGE: SessionStartLimit = { ...PLAIN, total: 10_000, remaining: 10_000, maxConcurrency: 16 }

let world: World
let granted: { shard: number; atMs: number }[]
let waits: string[]
let holds: boolean[]

beforeEach(() => {
  world = new World()
  granted = []
  waits = []
  holds = []
})

/** The permits of one process. */
function permits(limit = PLAIN, calls: CallBudget = world.budget): LocalPermits {
  return new LocalPermits({
    clock: world.clock,
    log: world.log,
    calls,
    key: 'bastion',
    readLimit: async () => limit,
    onStorm: (is) => holds.push(is),
  })
}

function wish(
  of: LocalPermits,
  shard = 0,
  shardCount = 1,
  signal = new AbortController().signal,
): Promise<void> {
  const onWait = (why: string) => waits.push(why)
  return of.acquire({ shard, shardCount, signal, onWait }).then((answer) => {
    if (answer === 'granted') granted.push({ shard, atMs: world.clock.monotonicMs() })
  })
}

/** A process that identifies, loses its session and wishes again, every `everyMs`. */
async function loseSessions(of: LocalPermits, count: number, everyMs: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    void wish(of)
    await world.advance(everyMs)
  }
}

const errors = () => world.lines.filter(({ level }) => level === 'error')

describe('a storm of identifies', () => {
  it('is stopped after twenty, loudly and once, and each that waits is told', async () => {
    const one = permits()
    await loseSessions(one, 20, 5_250)
    expect(granted).toHaveLength(20)
    expect(holds).toEqual([])
    expect(waits).toEqual([])
    // What comes back of the burst while it lasts is one.
    for (let n = 0; n < 3 && holds.length === 0; n++) await loseSessions(one, 1, 5_250)
    expect(granted.length).toBeLessThan(23)
    expect(holds).toEqual([true])
    expect(waits).toEqual([expect.stringContaining('identify storm')])
    await loseSessions(one, 2, 5_250)
    expect(errors()).toMatchObject([
      {
        message: expect.stringMatching(
          /^identify storm: 20 identifies or more in \d+ min; .*next one in \d+ s$/,
        ),
      },
    ])
    for (const why of waits) expect(why).toContain('identify storm')
    await world.advance(90_010)
    expect(errors()).toHaveLength(1)
  })

  it('is over when identifies are granted again, and told again after an hour if it goes on', async () => {
    const one = permits()
    await loseSessions(one, 40, 5_250)
    const heldCount = 40 - granted.length
    expect(heldCount).toBeGreaterThan(0)
    for (let n = 0; n < 2 * heldCount; n++) await world.advance(90_000)
    expect(granted).toHaveLength(40)
    expect(holds.at(-1)).toBe(false)
    expect(world.clock.timerCount).toBe(0)
    await world.advance(3_600_000)
    const before = errors().length
    await loseSessions(one, 80, 5_250)
    expect(errors()).toHaveLength(before + 1)
  })

  it('is one storm, whichever gateways have part in it', async () => {
    const gateways = [permits(), permits(), permits()]
    for (let round = 0; round < 10; round++) for (const each of gateways) await loseSessions(each, 1, 5_250)
    expect(granted.length).toBeGreaterThanOrEqual(20)
    expect(granted.length).toBeLessThan(23)
  })

  it('of a process that crashes after each start is stopped too, and its day stays below Discord’s', async () => {
    for (let minute = 0; minute < 1_440; minute++) {
      const process = permits()
      const death = new AbortController()
      void wish(process, 0, 1, death.signal)
      await world.settle()
      death.abort()
      await world.advance(60_000)
    }
    expect(granted.length).toBeGreaterThan(500)
    expect(granted.length).toBeLessThan(980)
  })

  it('is stopped while Redis is away, by the count of this process, what Redis had granted included', async () => {
    let answering = true
    const calls = createOutageCallBudget({
      shared: createMemoryCallBudget(world.clock),
      own: createMemoryCallBudget(world.clock),
      answers: () => answering,
      clock: world.clock,
    })
    const one = permits(PLAIN, calls)
    await loseSessions(one, 15, 5_250)
    answering = false
    await loseSessions(one, 15, 5_250)
    expect(granted.length).toBeLessThan(23)
    expect(holds).toEqual([true])
  })
})

describe('what is no storm', () => {
  it('is a bot of 2,000 shards that starts, all in one go', async () => {
    const one = permits(LARGE)
    for (let shard = 0; shard < 2_000; shard++) void wish(one, shard, 2_000)
    await world.settle()
    for (let round = 1; round < 125; round++) await world.advance(5_250)
    expect(granted).toHaveLength(2_000)
    expect(holds).toEqual([])
    expect(errors()).toEqual([])
  })

  it('is a bot whose shards lose their sessions twice', async () => {
    const one = permits({ ...LARGE, total: 2_000, remaining: 2_000 })
    for (let time = 0; time < 3; time++) {
      for (let shard = 0; shard < 100; shard++) void wish(one, shard, 100)
      await world.settle()
      for (let round = 0; round < 8; round++) await world.advance(5_250)
    }
    expect(granted).toHaveLength(300)
    expect(holds).toEqual([])
  })

  it('lets all shards start, and is below the day’s identifies wherever they suffice for that', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 20_000 }),
        fc.integer({ min: 1, max: 3_000 }),
        (dayCount, shards) => {
          const { burst, everyMs } = stormRate(dayCount, shards)
          expect(burst).toBeGreaterThanOrEqual(Math.min(shards, burst + 1))
          expect(Number.isInteger(everyMs) && everyMs > 0).toBe(true)
          if (shards < dayCount - 1) expect(burst + DAY_MS / everyMs).toBeLessThan(dayCount)
        },
      ),
    )
  })
})
