import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createMembers } from '../src/index.ts'

const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379')
const root = `{members-${randomUUID()}}`

afterAll(async () => {
  const keys = await redis.keys(`${root}*`)
  if (keys.length > 0) await redis.del(keys)
  await redis.quit()
})

const LONG_AFTER = 4_102_444_800_000

let prefix: string
beforeEach(() => {
  prefix = `${root}:${randomUUID()}`
})

async function enter(id: string, text: string, untilAt = LONG_AFTER): Promise<void> {
  await redis.zadd(`${prefix}:members`, untilAt, id)
  await redis.hset(`${prefix}:members:fields`, id, text)
}

describe('members', () => {
  test('are listed with their fields, sorted by id', async () => {
    await enter('replica-b', '{"version":"0.2.0"}')
    await enter('replica-a', '{"version":"0.1.0"}')
    expect(await createMembers(redis, prefix).list()).toEqual([
      { id: 'replica-a', fields: { version: '0.1.0' } },
      { id: 'replica-b', fields: { version: '0.2.0' } },
    ])
  })

  test('are not there any more when their time is over by the clock of Redis, and reading changes nothing', async () => {
    await enter('replica-a', '{"version":"0.1.0"}', 1)
    expect(await createMembers(redis, prefix).list()).toEqual([])
    expect(await redis.hlen(`${prefix}:members:fields`)).toBe(1)
  })

  test.each([
    ['no JSON', '{', {}],
    ['no object', '[1]', {}],
    ['null', 'null', {}],
    ['fields that are no text', '{"version":"9","units":[{}],"load":3}', { version: '9' }],
  ])('are listed with what can be read of them: %s', async (_, text, fields) => {
    await enter('stranger', text)
    expect(await createMembers(redis, prefix).list()).toEqual([{ id: 'stranger', fields }])
  })
})
