import { ManualClock } from '@holdfast/runtime'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createRedisSink,
  createRedisSource,
  createRegistry,
  createSubscriptionAdmin,
  type Registry,
  type Sink,
  type SubscriptionAdmin,
} from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { REMOVE } from '../src/lua/remove.ts'
import { runScript } from '../src/redis/run-script.ts'
import { event, freshPrefix, Log, redis } from './harness.ts'

// A subscription ends with all that is in it, never under a worker, and never a part of another one.
describe('the administration of subscriptions', () => {
  let prefix: string
  let clock: ManualClock
  let registry: Registry
  let admin: SubscriptionAdmin
  let sink: Sink
  let client: Redis
  let closing: (() => Promise<unknown>)[]

  beforeEach(async () => {
    prefix = freshPrefix()
    clock = new ManualClock()
    registry = createRegistry({ redis, prefix })
    admin = createSubscriptionAdmin({ redis, prefix, clock })
    sink = createRedisSink({ redis, prefix, bounds: () => undefined })
    client = new Redis(redis.url)
    closing = [() => registry.stop(), () => admin.stop(), () => sink.stop()]
    await sink.start()
  })
  afterEach(async () => {
    for (const close of closing.reverse()) await close()
    client.disconnect()
  })

  const wish = { workerId: 'w1', subscription: 'all', patterns: ['slack.*'], order: 'conversation' as const }
  const put = (id: string, to: readonly string[], facts = {}) =>
    sink.enqueue({ event: event(id, facts), subscriptions: to })
  const names = async () => (await registry.wishes()).subscriptions.map(({ name }) => name)

  async function declared(more = {}): Promise<void> {
    await registry.declare({ ...wish, ...more })
    await registry.withdraw('w1')
  }

  async function work(onJob: (id: string) => void = () => {}) {
    const run = async ({ id }: { id: string }) => {
      onJob(id)
      return { kind: 'completed' } as const
    }
    const source = createRedisSource({ redis, prefix, subscription: 'all', concurrency: 1, run })
    await source.start()
    closing.push(() => source.stop())
    return source
  }

  it('removes a subscription with all keys of its queues, and touches no other', async () => {
    await declared()
    await declared({ subscription: 'all.too' })
    await put('e.1', ['all', 'all.too'], { subject: 'c' })
    await put('e.2', ['all'], { subject: 'c' })
    await put('i.1', ['all'], { interactive: true })
    expect(await admin.remove('all')).toBe('removed')
    const { base, subscriptions } = layout(prefix)
    expect(await client.keys(`${base('all')}*`)).toEqual([])
    expect(await client.keys(`${base('all.interactive')}*`)).toEqual([])
    expect(await client.hkeys(subscriptions)).toEqual(['all.too'])
    expect(await client.llen(`${base('all.too')}wait`)).toBe(1)
    expect(await admin.remove('all')).toBe('unknown')
  })

  it('empties the queues only when every live gateway routes without them', async () => {
    await declared()
    await put('e.1', ['all'])
    await registry.note('g1', (await registry.wishes()).version)
    const waiting: number[] = []
    registry.watch(async () => {
      waiting.push(await client.llen(`${layout(prefix).base('all')}wait`))
      await registry.note('g1', (await registry.wishes()).version)
      clock.advance(1_000)
    })
    expect(await admin.remove('all')).toBe('removed')
    expect(waiting[0]).toBe(1)
  })

  it('removes nothing under a live worker, unless it is forced to, and nothing that the file fixes', async () => {
    await registry.declareFixed([{ name: 'fixed', patterns: ['slack.*'] }])
    expect(await admin.remove('fixed', { force: true })).toBe('fixed')
    const source = await work()
    await registry.declare(wish)
    expect(await admin.remove('all')).toBe('workers')
    expect(await names()).toContain('all')
    expect(await admin.remove('all', { force: true })).toBe('removed')
    expect(await names()).toEqual(['fixed'])
    await source.stop()
  })

  it('forgets what a worker that is dead wished for', async () => {
    await registry.declare(wish)
    await registry.stop()
    expect(await admin.remove('all')).toBe('removed')
    expect(await client.hlen(layout(prefix).wishers)).toBe(0)
  })

  it('removes nothing under a worker that has declared itself since nobody was seen', async () => {
    await registry.declare(wish)
    const { subscriptions, partitions, expiries, wishers, wishes, wishesChannel } = layout(prefix)
    const seen = (await client.get(wishes)) ?? ''
    const text = (await client.hget(subscriptions, 'all')) ?? ''
    const strike = (version: string) =>
      runScript(client, REMOVE, subscriptions, [
        'all',
        text,
        partitions,
        expiries,
        wishers,
        version,
        wishes,
        wishesChannel,
      ])
    await registry.declare({ ...wish, workerId: 'w2' })
    expect(await client.hget(subscriptions, 'all')).toBe(text)
    expect(await strike(seen)).toBe('changed')
    expect((await client.hkeys(wishers)).sort()).toEqual(['w1', 'w2'])
    expect(await names()).toEqual(['all'])
    expect(await strike((await client.get(wishes)) ?? '')).toBeGreaterThan(Number(seen))
    expect(await client.hkeys(wishers)).toEqual([])
  })

  it('removes a subscription for development after its time without a worker, and no other', async () => {
    await declared({ subscription: 'kept' })
    await declared({ subscription: 'kept', devExpiryMs: 1_000 })
    await declared({ subscription: 'lasting', devExpiryMs: 1_000 })
    await declared({ subscription: 'lasting' })
    await declared({ devExpiryMs: 1_000 })
    await put('e.1', ['all'])
    expect(await admin.removeExpired()).toEqual([])
    clock.advance(999)
    expect(await admin.removeExpired()).toEqual([])
    const source = await work()
    clock.advance(999)
    expect(await admin.removeExpired()).toEqual([])
    await source.stop()
    clock.advance(999)
    expect(await admin.removeExpired()).toEqual([])
    clock.advance(1)
    expect(await admin.removeExpired()).toEqual(['all'])
    expect((await names()).sort()).toEqual(['kept', 'lasting'])
    expect(await client.keys(`${layout(prefix).base('all')}*`)).toEqual([])
  })

  it('halts both queues of a subscription, and lets them run again', async () => {
    await declared()
    expect(await admin.pause('none')).toBe('unknown')
    expect(await admin.pause('all')).toBe('paused')
    expect(await admin.isPaused('all')).toBe(true)
    const taken = new Log<string>()
    await work((id) => taken.add(id))
    await put('e.1', ['all'], { subject: 'c' })
    await put('e.2', ['all'], { subject: 'c' })
    await put('i.1', ['all'], { interactive: true })
    expect(taken.entries).toEqual([])
    expect(await admin.resume('all')).toBe('resumed')
    await taken.reaches(3)
    expect(taken.entries.filter((id) => id.startsWith('e'))).toEqual(['e.1', 'e.2'])
    expect(await admin.isPaused('all')).toBe(false)
  })
})
