import { randomUUID } from 'node:crypto'
import { createRedisLeaseStore, encodeUnits, type LeaseStore, type MemberRecord } from '@holdfast/ownership'
import { connectRedis, type RedisConnection } from '@holdfast/runtime'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCommandLine } from '../src/command-line.ts'
import { status } from '../src/commands/status.ts'

const url = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'
const a = { replica: 'gateway-a', run: 'a1' }

let redis: RedisConnection
let prefix: string
let store: LeaseStore
beforeEach(async () => {
  redis = await connectRedis(url, { name: 'test' })
  prefix = `{status-${randomUUID()}}`
  store = createRedisLeaseStore(redis, prefix)
})
afterEach(async () => {
  const keys = await redis.keys(`${prefix}*`)
  if (keys.length > 0) await redis.del(keys)
  await redis.quit()
})

async function run(args: readonly string[] = [], env: Record<string, string> = {}) {
  const out: string[] = []
  const err: string[] = []
  const terminal = {
    env: { REDIS_URL: url, HOLDFAST_PREFIX: prefix, ...env },
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
  }
  const code = await runCommandLine({ commands: [status], version: '0' }, ['status', ...args], terminal)
  return { code, out, err }
}

/** A gateway that lives and tells that its one unit is in this state. */
async function live(state: string): Promise<void> {
  const units = encodeUnits([{ unit: 'acme', platform: 'slack', state, sinceAt: 1 }])
  const record: MemberRecord = {
    ...a,
    deploy: 'v1',
    draining: false,
    trial: 'passed',
    serves: ['acme'],
    fields: units,
  }
  await store.beat(record)
}

test('says so with 1 where no gateway runs', async () => {
  expect(await run()).toEqual({ code: 1, out: ['No gateway runs: no events come in.'], err: [] })
})

test('shows who holds what, and ends with 0 where all is held and connected', async () => {
  await live('connected')
  const fence = await store.take('acme', a, { fence: 0 }, false)
  const { code, out } = await run()
  expect(code).toBe(0)
  expect(out[0]).toBe('All well: 1 unit held and connected, 1 replica.')
  expect(out).toContainEqual(expect.stringMatching(/^gateway-a +standing +1 +v1 /))
  expect(out).toContainEqual(expect.stringMatching(new RegExp(`^acme +gateway-a +connected +0 s +${fence}$`)))
})

test('ends with 1 where a unit waits, or is free', async () => {
  await live('waiting')
  const fence = (await store.take('acme', a, { fence: 0 }, false)) ?? 0
  expect(await run()).toMatchObject({
    code: 1,
    out: expect.arrayContaining(['acme is waiting at gateway-a.']),
  })
  await store.release('acme', a, fence)
  const { code, out } = await run(['--json'])
  expect(code).toBe(1)
  expect(JSON.parse(out.join('\n'))).toMatchObject({
    well: false,
    sentence: 'acme is free: nobody serves it.',
    replicas: [{ replica: 'gateway-a', heldCount: 0 }],
    units: [{ unit: 'acme', state: 'free', fence }],
  })
})

test('ends with 2 and one line where Redis does not answer', async () => {
  expect(await run([], { REDIS_URL: 'redis://127.0.0.1:1' })).toEqual({
    code: 2,
    out: [],
    err: [expect.stringMatching(/^holdfast: Redis at redis:\/\/127\.0\.0\.1:1 does not answer/)],
  })
})

test('changes nothing in Redis', async () => {
  await live('connected')
  await store.take('acme', a, { fence: 0 }, false)
  const dump = async () => {
    const keys = (await redis.keys(`${prefix}*`)).sort()
    return Promise.all(keys.map(async (key) => [key, await redis.dumpBuffer(key)]))
  }
  const before = await dump()
  await run()
  expect(await dump()).toEqual(before)
})
