import { randomUUID } from 'node:crypto'
import { ManualClock } from '@holdfast/runtime'
import { Redis } from 'ioredis'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type CallBudget,
  type CallRate,
  createMemoryCallBudget,
  createOutageCallBudget,
  createRedisCallBudget,
} from '../src/index.ts'

const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379')
const prefix = `{budget-${randomUUID()}}`

afterAll(async () => {
  const keys = await redis.keys(`${prefix}*`)
  if (keys.length > 0) await redis.del(keys)
  await redis.quit()
})

/** A budget, and how its time passes. */
interface Bench {
  readonly budget: CallBudget
  pass(ms: number): Promise<void>
}

function inMemory(): Bench {
  const clock = new ManualClock()
  return { budget: createMemoryCallBudget(clock), pass: async (ms) => clock.advance(ms) }
}

/** The clock of Redis can't be moved, so what is stored is moved into the past. */
function inRedis(own = `${prefix}:${randomUUID()}`): Bench {
  return {
    budget: createRedisCallBudget(redis, own),
    async pass(ms) {
      for (const key of await redis.keys(`${own}:budget:*`))
        await redis.multi().hincrby(key, 'full', -ms).hincrby(key, 'blocked', -ms).exec()
    },
  }
}

const implementations: [string, () => Bench][] = [
  ['in memory', inMemory],
  ['in Redis', inRedis],
]

/** As Slack allows rtm.connect. */
const RATE: CallRate = { burst: 2, everyMs: 60_000 }
const GRANTED = { kind: 'granted' }

describe.each(implementations)('a call budget %s', (_, create) => {
  let bench: Bench
  beforeEach(() => {
    bench = create()
  })
  const take = (key = 'a') => bench.budget.take(key, RATE)
  const spend = async (count: number) => {
    for (let n = 0; n < count; n++) expect(await take()).toEqual(GRANTED)
  }
  /** Redis' clock moves on between two questions. */
  async function expectWait(ms: number): Promise<void> {
    const grant = await take()
    if (grant.kind === 'granted') throw new Error('it was granted')
    expect(grant.waitMs).toBeLessThanOrEqual(ms)
    expect(grant.waitMs).toBeGreaterThan(ms - 30_000)
  }

  test('grants a burst, then says how long until the next', async () => {
    await spend(2)
    await expectWait(60_000)
  })

  test('grants one more for each time that has passed', async () => {
    await spend(2)
    await bench.pass(60_000)
    await spend(1)
    await expectWait(60_000)
  })

  test('saves up a burst, however long nothing was asked', async () => {
    await spend(2)
    await bench.pass(10 * 60_000)
    await spend(2)
    await expectWait(60_000)
  })

  test('asking in vain costs nothing', async () => {
    await spend(2)
    for (let n = 0; n < 5; n++) await expectWait(60_000)
    await bench.pass(60_000)
    await spend(1)
  })

  test('counts each key by itself', async () => {
    await spend(2)
    expect(await take('b')).toEqual(GRANTED)
  })

  test('grants nothing while the platform asked to be left alone, and goes on where it was', async () => {
    await spend(1)
    await bench.budget.block('a', 300_000)
    await expectWait(300_000)
    await bench.pass(300_000)
    await spend(2)
  })

  test('a key that was never asked for can be blocked', async () => {
    await bench.budget.block('a', 300_000)
    await expectWait(300_000)
  })

  test('of two blocks the longer one counts', async () => {
    await bench.budget.block('a', 300_000)
    await bench.budget.block('a', 1_000)
    await expectWait(300_000)
  })

  test('of many who ask at once only a burst gets it', async () => {
    const grants = await Promise.all(Array.from({ length: 20 }, () => take()))
    expect(grants.filter(({ kind }) => kind === 'granted')).toHaveLength(2)
  })

  test('a rate that was lowered asks nobody to wait for longer than its own burst takes', async () => {
    for (let n = 0; n < 2; n++) await bench.budget.take('a', { burst: 2, everyMs: 3_600_000 })
    await expectWait(60_000)
  })
})

describe('a call budget in Redis', () => {
  const keysOf = (own: string) => redis.keys(`${own}*`)

  test('goes on counting where an ended process left it', async () => {
    const own = `${prefix}:${randomUUID()}`
    const ended = new Redis(redis.options)
    const before = createRedisCallBudget(ended, own)
    await before.take('a', RATE)
    await before.take('a', RATE)
    ended.disconnect()
    expect(await inRedis(own).budget.take('a', RATE)).toMatchObject({ kind: 'spent' })
  })

  test('shows nothing of what it counts by: no token is there in the clear', async () => {
    const own = `${prefix}:${randomUUID()}`
    await inRedis(own).budget.take('xoxb-1-secret', RATE)
    const keys = await keysOf(own)
    expect(keys).toHaveLength(1)
    const shown = JSON.stringify([keys, await redis.hgetall(keys[0] ?? '')])
    expect(shown).not.toMatch(/xoxb|secret/)
  })

  test('leaves nothing behind once nothing is spent and nothing blocked', async () => {
    const own = `${prefix}:${randomUUID()}`
    const { budget } = inRedis(own)
    await budget.take('a', RATE)
    const [key = ''] = await keysOf(own)
    expect(await redis.pttl(key)).toBeGreaterThan(30_000)
    expect(await redis.pttl(key)).toBeLessThanOrEqual(60_000)
    await budget.block('a', 300_000)
    expect(await redis.pttl(key)).toBeGreaterThan(60_000)
  })
})

describe('a call budget through outages of Redis', () => {
  let clock: ManualClock
  let answers: boolean
  beforeEach(() => {
    clock = new ManualClock()
    answers = true
  })
  const over = (shared: Partial<CallBudget>) => {
    const unused = () => Promise.reject(new Error('nobody is to ask this'))
    return createOutageCallBudget({
      shared: { take: unused, block: unused, ...shared },
      own: createMemoryCallBudget(clock),
      answers: () => answers,
      clock,
    })
  }

  test('goes by what all processes have counted', async () => {
    const budget = over({ take: async () => ({ kind: 'spent', waitMs: 7 }) })
    expect(await budget.take('a', RATE)).toEqual({ kind: 'spent', waitMs: 7 })
  })

  test('goes by its own count while Redis is away, calls that Redis granted included, and asks nothing of it', async () => {
    const budget = over({ take: async () => ({ kind: 'granted' }) })
    await budget.take('a', RATE)
    answers = false
    expect(await budget.take('a', RATE)).toEqual(GRANTED)
    expect(await budget.take('a', RATE)).toEqual({ kind: 'spent', waitMs: 60_000 })
  })

  test('keeps a block of the platform through the outage', async () => {
    const blocked: number[] = []
    const budget = over({ block: async (_, ms) => void blocked.push(ms) })
    await budget.block('a', 30_000)
    expect(blocked).toEqual([30_000])
    answers = false
    expect(await budget.take('a', RATE)).toEqual({ kind: 'spent', waitMs: 30_000 })
  })

  test('does not wait for longer than a second for a Redis that hangs', async () => {
    const budget = over({ take: () => new Promise(() => {}), block: () => new Promise(() => {}) })
    const taken = budget.take('a', RATE)
    const blocked = budget.block('b', 5_000)
    await Promise.resolve()
    clock.advance(1_000)
    expect(await taken).toEqual(GRANTED)
    await blocked
    expect(clock.timerCount).toBe(0)
  })

  test('a Redis that refuses counts as away', async () => {
    const budget = over({})
    expect(await budget.take('a', RATE)).toEqual(GRANTED)
    await budget.block('a', 30_000)
    expect(await budget.take('a', RATE)).toEqual({ kind: 'spent', waitMs: 30_000 })
  })
})
