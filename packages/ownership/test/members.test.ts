import { randomUUID } from 'node:crypto'
import { ManualClock } from '@holdfast/runtime'
import { Redis } from 'ioredis'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { createMembers, type Member } from '../src/index.ts'

const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379')
const root = `{members-${randomUUID()}}`

afterAll(async () => {
  const keys = await redis.keys(`${root}*`)
  if (keys.length > 0) await redis.del(keys)
  await redis.quit()
})

const a = { id: 'replica-a', fields: { version: '0.1.0' } }
const b = { id: 'replica-b', fields: { version: '0.2.0' } }
const joining = ({ id, fields }: Member) => ({ id, fields: () => fields })

describe('members', () => {
  test('are listed by every replica once they have joined, sorted by id', async () => {
    const prefix = `${root}:${randomUUID()}`
    const [one, two] = [
      createMembers(redis, prefix, new ManualClock()),
      createMembers(redis, prefix, new ManualClock()),
    ]
    await two.join(joining(b))
    await one.join(joining(a))
    expect(await one.list()).toEqual([a, b])
    expect(await two.list()).toEqual([a, b])
  })

  test('are off the list at once when they leave, and stop their heartbeat', async () => {
    const clock = new ManualClock()
    const members = createMembers(redis, `${root}:${randomUUID()}`, clock)
    await members.join(joining(a))
    await members.leave()
    await members.leave()
    expect(await members.list()).toEqual([])
    expect(clock.timerCount).toBe(0)
  })

  test('are dropped when their time is over by the clock of Redis', async () => {
    const prefix = `${root}:${randomUUID()}`
    const members = createMembers(redis, prefix, new ManualClock())
    await members.join(joining(a))
    await redis.zadd(`${prefix}:members`, 1, a.id)
    expect(await members.list()).toEqual([])
    expect(await redis.hlen(`${prefix}:members:fields`)).toBe(0)
  })

  test('say each second that they live, which brings them back after Redis has lost them', async () => {
    const clock = new ManualClock()
    const prefix = `${root}:${randomUUID()}`
    const members = createMembers(redis, prefix, clock)
    await members.join(joining(a))
    await redis.del(`${prefix}:members`, `${prefix}:members:fields`)
    clock.advance(1_000)
    await vi.waitFor(async () => expect(await members.list()).toEqual([a]))
    await members.leave()
  })

  test('say with each beat what they are by then', async () => {
    const clock = new ManualClock()
    const members = createMembers(redis, `${root}:${randomUUID()}`, clock)
    let state = 'connecting'
    await members.join({ id: 'replica-a', fields: () => ({ state }) })
    state = 'connected'
    clock.advance(1_000)
    await vi.waitFor(async () =>
      expect(await members.list()).toEqual([{ id: 'replica-a', fields: { state: 'connected' } }]),
    )
    await members.leave()
  })

  test.each([
    ['no JSON', '{', {}],
    ['no object', '[1]', {}],
    ['null', 'null', {}],
    ['fields that are no text', '{"version":"9","units":[{}],"load":3}', { version: '9' }],
  ])('are listed with what can be read of them: %s', async (_, text, fields) => {
    const prefix = `${root}:${randomUUID()}`
    await redis.zadd(`${prefix}:members`, 4_102_444_800_000, 'stranger')
    await redis.hset(`${prefix}:members:fields`, 'stranger', text)
    expect(await createMembers(redis, prefix, new ManualClock()).list()).toEqual([{ id: 'stranger', fields }])
  })

  test('keep beating after a beat that failed', async () => {
    const clock = new ManualClock()
    const prefix = `${root}:${randomUUID()}`
    const own = redis.duplicate()
    const members = createMembers(own, prefix, clock)
    await members.join(joining(a))
    const failing = vi.spyOn(own, 'eval').mockRejectedValueOnce(new Error('Connection is closed.'))
    clock.advance(1_000)
    await vi.waitFor(() => expect(clock.timerCount).toBe(1))
    clock.advance(1_000)
    await vi.waitFor(() => expect(failing).toHaveBeenCalledTimes(2))
    await members.leave()
    await own.quit()
  })
})
