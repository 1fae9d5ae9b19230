import { encodeUnits } from '@holdfast/ownership'
import { createRedisSource, createRegistry } from '@holdfast/queue'
import { connectRedis } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Console } from '../src/console.ts'
import { FeedReader } from './feed-reader.ts'
import { deleteKeys, freshPrefix, get, getText, makeConsole, recordingLog, url } from './fixtures.ts'
import { RedisDoor } from './redis-door.ts'

interface Told {
  readonly redis: { readonly state: string; readonly why?: string; readonly pictureAgeMs?: number }
  readonly subscriptions: readonly { readonly name: string }[]
}

const PATIENCE = { timeout: 15_000 }

let prefix: string
let door: RedisDoor
let console: Console
let log: ReturnType<typeof recordingLog>

beforeEach(async () => {
  prefix = freshPrefix()
  door = new RedisDoor(url)
  await door.open()
  log = recordingLog()
  await declare('first')
  console = await makeConsole(prefix, { redisUrl: door.url, log })
  await console.start()
})

afterEach(async () => {
  await console.stop()
  await door.shut()
  await deleteKeys(prefix)
})

async function declare(name: string): Promise<void> {
  const registry = createRegistry({ redis: { url }, prefix })
  await registry.declareFixed([{ name, patterns: ['slack.*'] }])
  await registry.stop()
}

describe('while Redis is away, the console', () => {
  test.each([
    ['refuses connections', () => door.shut()],
    ['hangs', async () => door.hang()],
  ])('keeps the last picture, says how old it is, and lives: Redis %s', async (_, leave) => {
    const feed = await FeedReader.open(console.address)
    await leave()
    const state = await feed.next('redis', (redis) => redis.state === 'away')
    expect(state).toMatchObject({ pictureAgeMs: expect.any(Number), why: expect.any(String) })
    const told = await get<Told>(console, '/v1/subscriptions')
    expect(told).toMatchObject({ redis: { state: 'away' }, subscriptions: [{ name: 'first' }] })
    const late = await FeedReader.open(console.address)
    expect(await late.next('hello')).toMatchObject({
      reads: { prefix },
      redis: { state: 'away' },
      picture: { subscriptions: [{ name: 'first' }] },
    })
    expect((await fetch(`${console.address}/livez`)).status).toBe(200)
    const readyz = await fetch(`${console.address}/readyz`)
    expect([readyz.status, await readyz.json()]).toMatchObject([200, { status: 'degraded' }])
    const metrics = await getText(console, '/metrics')
    expect(metrics).toContain('holdfast_redis_up 0\n')
    expect(metrics, 'no figures rather than old ones').not.toContain('holdfast_queue_depth{')
    feed.close()
    late.close()
  })

  test('comes back by itself when Redis does, with what has changed', async () => {
    const feed = await FeedReader.open(console.address)
    await door.shut()
    await feed.next('redis', ({ state }) => state === 'away')
    await declare('second')
    await door.open()
    await feed.next('redis', ({ state }) => state === 'answers')
    const picture = await feed.next('picture', ({ subscriptions }) => subscriptions.length === 2)
    expect(picture.subscriptions.map(({ name }) => name)).toEqual(['first', 'second'])
    expect(await getText(console, '/metrics')).toContain('holdfast_redis_up 1\n')
    expect(log.lines.filter((line) => line.includes('Redis'))).toEqual([
      'warn: Redis is away; the last picture stays until it is back',
      'info: Redis answers again',
    ])
    feed.close()
  })

  test('the job browser tells so instead of waiting, and works again afterwards', async () => {
    expect((await fetch(`${console.address}/jobs/api/queues`)).status).toBe(200)
    await door.shut()
    await vi.waitFor(async () => {
      expect((await fetch(`${console.address}/jobs/api/queues`)).status).toBe(500)
    }, PATIENCE)
    expect((await fetch(`${console.address}/jobs/`)).status).toBe(200)
    await door.open()
    await vi.waitFor(async () => {
      expect((await fetch(`${console.address}/jobs/api/queues`)).status).toBe(200)
    }, PATIENCE)
  })

  test('stops at once when asked to', async () => {
    const feed = await FeedReader.open(console.address)
    await door.shut()
    await feed.next('redis', ({ state }) => state === 'away')
    const { address } = console
    await console.stop()
    await expect(fetch(`${address}/livez`)).rejects.toThrow('fetch failed')
    feed.close()
  })
})

describe('garbage in Redis', () => {
  test('is left out, and what is whole is shown', async () => {
    const redis = await connectRedis(url, { name: 'test' })
    const later = 4_102_444_800_000
    await redis.hset(
      `${prefix}:hf:subscriptions`,
      'torn',
      '{"name":"torn"',
      'odd',
      '[]',
      'other',
      '{"name":"x"}',
    )
    await redis.hset(`${prefix}:hf:workers`, 'ghost', 'no json', 'odd', '{"workerId":3}')
    await redis.zadd(`${prefix}:hf:heartbeats`, later, 'ghost', later, 'odd', later, 'unknown')
    await redis.hset(`${prefix}:hf:wishers`, 'ghost', '\u0000', 'odd', 'null')
    await redis.zadd(`${prefix}:members`, later, 'a', later, 'b', later, 'c')
    const units = JSON.stringify([
      { unit: 'acme', state: 'connected', sinceAt: 'yesterday', sequence: 7 },
      null,
    ])
    await redis.hset(`${prefix}:members:fields`, 'a', 'no json', 'b', '{"units":3,"startedAt":"never"}')
    await redis.hset(`${prefix}:members:fields`, 'c', JSON.stringify({ units, unitCounts: '[' }))
    await redis.quit()

    const feed = await FeedReader.open(console.address)
    const picture = await feed.next('picture', ({ gateways }) => gateways.length === 3)
    feed.close()
    expect(picture.subscriptions.map(({ name }) => name)).toEqual(['first'])
    expect(picture.workers).toEqual([])
    expect(picture.gateways).toEqual([
      { replica: 'a', state: 'standing' },
      { replica: 'b', state: 'standing' },
      { replica: 'c', state: 'standing', unitCounts: {} },
    ])
    expect(picture.units).toEqual([
      { unit: 'acme', platform: 'unknown', state: 'connected', sinceAt: 0, owner: 'c' },
    ])
    const told = picture.summary.notes.filter(({ text }) => text.includes("can't be read"))
    expect(told.map(({ text }) => /"(.*)"/.exec(text)?.[1]).sort()).toEqual(['odd', 'other', 'torn'])
    for (const path of ['/v1/subscriptions', '/v1/workers', '/v1/connections', '/metrics', '/readyz'])
      expect((await fetch(`${console.address}${path}`)).status, path).toBe(200)
  })

  test('a unit that says it changed is shown changed', async () => {
    const redis = await connectRedis(url, { name: 'test' })
    const feed = await FeedReader.open(console.address)
    const tell = async (state: string, why: string) => {
      const fields = encodeUnits([{ unit: 'bastion/0', platform: 'discord', state, sinceAt: 1_000, why }])
      await redis.zadd(`${prefix}:members`, 4_102_444_800_000, 'replica-a')
      await redis.hset(`${prefix}:members:fields`, 'replica-a', JSON.stringify(fields))
      return feed.next('picture', ({ units }) => units[0]?.state === state)
    }
    expect((await tell('connected', '')).summary.notes).not.toContainEqual(
      expect.objectContaining({ text: expect.stringContaining('bastion/0') }),
    )
    const failed = await tell('fatal', 'Discord refuses the token')
    expect(failed.summary).toMatchObject({ status: 'trouble' })
    expect(failed.summary.notes.map(({ text }) => text)).toContain(
      'bastion/0 has stopped for good: Discord refuses the token.',
    )
    const { connections } = await get<{ connections: unknown[] }>(console, '/v1/connections')
    expect(connections).toMatchObject([
      { unit: 'bastion/0', state: 'fatal', owner: 'replica-a', since: '1970-01-01T00:00:01.000Z' },
    ])
    expect(await getText(console, '/metrics')).toContain('holdfast_units{state="fatal"} 1\n')
    feed.close()
    await redis.quit()
  })
})

describe('a worker', () => {
  test('is shown while it lives, and vanishes when it dies', async () => {
    const cable = new RedisDoor(url)
    await cable.open()
    const source = createRedisSource({
      redis: { url: cable.url },
      prefix,
      workerId: 'mortal',
      subscription: 'first',
      concurrency: 1,
      run: async () => ({ kind: 'completed' }),
    })
    await source.start()
    const feed = await FeedReader.open(console.address)
    const alive = await feed.next('picture', ({ workers }) => workers.length > 0)
    expect(alive.workers).toMatchObject([{ workerId: 'mortal', subscription: 'first', pid: process.pid }])
    expect(alive.subscriptions[0]?.workerCount).toBe(1)
    await cable.shut()
    const dead = await feed.next(
      'picture',
      ({ workers, takenAt }) => workers.length === 0 && takenAt > alive.takenAt,
    )
    expect(dead.subscriptions[0]?.workerCount).toBe(0)
    expect((await get<{ workers: unknown[] }>(console, '/v1/workers')).workers).toEqual([])
    feed.close()
    await source.stop()
  })
})

describe('a console', () => {
  test('refuses the port of another in one line', async () => {
    const { port } = new URL(console.address)
    const second = await makeConsole(prefix, { port: Number(port) })
    await expect(second.start()).rejects.toMatchObject({
      code: 'port-in-use',
      message: `console: port ${port} on 127.0.0.1 is already in use: stop what listens there, or set console.port`,
    })
  })

  test('refuses data of another layout in one line', async () => {
    const redis = await connectRedis(url, { name: 'test' })
    const other = freshPrefix()
    await redis.set(`${other}:hf:layout`, '999')
    await redis.quit()
    const refused = await makeConsole(other)
    await expect(refused.start()).rejects.toMatchObject({ code: 'redis-layout' })
    await deleteKeys(other)
  })

  test('leaves nothing in Redis, not even a connection', async () => {
    const redis = await connectRedis(url, { name: 'test' })
    const empty = freshPrefix()
    const own = Object.assign(new URL(url), { pathname: '/14' }).href
    const connections = async () =>
      String(await redis.client('LIST'))
        .split('\n')
        .filter((line) => line.includes(' db=14 '))
    const third = await makeConsole(empty, { redisUrl: own })
    await third.start()
    await fetch(`${third.address}/jobs/api/queues`)
    expect(await connections()).not.toEqual([])
    await third.stop()
    await vi.waitFor(async () => expect(await connections()).toEqual([]))
    await redis.select(14)
    expect(await redis.keys(`${empty}*`)).toEqual([])
    await redis.quit()
  })
})
