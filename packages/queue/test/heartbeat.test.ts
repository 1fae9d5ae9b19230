import { systemClock } from '@holdfast/runtime'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { layout } from '../src/layout.ts'
import { Heartbeat } from '../src/redis/heartbeat.ts'
import { freshPrefix, Log, redis } from './harness.ts'

// Who is judged dead, by whom, and what happens to those who are not.
describe('workers that judge each other', () => {
  let prefix: string
  let workers: Map<string, { client: Redis; heartbeat: Heartbeat; blind: Log<string> }>

  beforeEach(() => {
    prefix = freshPrefix()
    workers = new Map()
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    for (const { client, heartbeat } of workers.values()) {
      await heartbeat.stop()
      client.disconnect()
    }
  })

  async function start(workerId: string) {
    const client = new Redis(redis.url, { connectionName: `holdfast:worker:${workerId}:scripts` })
    const blind = new Log<string>()
    const heartbeat = new Heartbeat({
      redis: client,
      prefix,
      clock: systemClock,
      self: { workerId, queues: ['all'], lockOwners: [workerId] },
      keepFailed: 10,
      onBlind: (why) => blind.add(why),
    })
    await heartbeat.start()
    const worker = { client, heartbeat, blind }
    workers.set(workerId, worker)
    return worker
  }
  const known = async (client: Redis) => (await client.hkeys(layout(prefix).workers)).sort()
  const patience = { timeout: 5_000 }

  it('miss a dead one although its name is part of the name of a living one', async () => {
    const dead = await start('w1')
    const living = await start('w10')
    dead.client.disconnect()
    await expect.poll(() => known(living.client), patience).toEqual(['w10'])
  })

  it('look again after Redis refused once to list its clients', async () => {
    const judge = await start('judge')
    vi.spyOn(judge.client, 'client').mockRejectedValueOnce(new Error('BUSY Redis is busy running a script'))
    const dead = await start('dead')
    dead.client.disconnect()
    await judge.blind.reaches(1)
    await expect.poll(() => known(judge.client), { timeout: 10_000 }).toEqual(['judge'])
    expect(judge.blind.entries).toHaveLength(1)
  })

  it('strike from the books who has been silent for long where clients are not listed', async () => {
    const judge = await start('judge')
    vi.spyOn(judge.client, 'client').mockRejectedValue(new Error('NOPERM no permission'))
    const dead = await start('dead')
    dead.client.disconnect()
    const names = layout(prefix)
    await judge.client.hset(names.wishers, 'dead', '{}')
    await judge.client.zadd(names.heartbeats, Date.now() - 3_600_000, 'dead')
    await expect.poll(() => known(judge.client), { timeout: 10_000 }).toEqual(['judge'])
    expect(await judge.client.hlen(names.wishers)).toBe(0)
  })

  it('write themselves into the books again when they find that they were struck', async () => {
    const worker = await start('living')
    const names = layout(prefix)
    await worker.client.multi().zrem(names.heartbeats, 'living').hdel(names.workers, 'living').exec()
    await expect.poll(() => known(worker.client), patience).toEqual(['living'])
  })
})
