import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createCensusTaker,
  createPartitionedSink,
  createQueueView,
  createRedisSource,
  createRegistry,
  type Partition,
  partitionPrefix,
  type Registry,
} from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { event, freshPrefix, Log, redis } from './harness.ts'

const names = (count: number) => Array.from({ length: count }, (_, n) => `s${n}`)
const wish = (subscription: string, workerId = 'w') => ({
  workerId,
  subscription,
  patterns: ['slack.*'],
  order: 'conversation' as const,
})

// The queues of a subscription are all in one place of many, and everybody finds them there.
describe('partitions', () => {
  const client = new Redis(redis.url)
  afterAll(() => client.disconnect())

  let prefix: string
  let closing: (() => Promise<unknown>)[]
  beforeEach(() => {
    prefix = freshPrefix()
    closing = []
  })
  afterEach(async () => {
    for (const close of closing.reverse()) await close()
  })

  function open(partitions?: number): Registry {
    const registry = createRegistry({ redis, prefix, ...(partitions === undefined ? {} : { partitions }) })
    closing.push(() => registry.stop())
    return registry
  }

  const locateAll = (registry: Registry, count: number) =>
    Promise.all(names(count).map((name) => registry.locate(name)))

  async function openSink(placed: ReadonlyMap<string, Partition>) {
    const windows = new Log<string>()
    const sink = createPartitionedSink({
      redis,
      prefix,
      bounds: () => undefined,
      partitionOf: (name) => placed.get(name),
      onWindow: (state, _why, partition) => windows.add(`${partition} ${state}`),
    })
    closing.push(() => sink.stop(0))
    await sink.start()
    return { sink, windows }
  }

  it('are filled evenly, and a subscription stays where it is whatever their number becomes', async () => {
    const three = open(3)
    const found: Partition[] = []
    for (const name of names(6)) found.push(await three.locate(name))
    expect(found.map(String).sort()).toEqual(['0', '0', '1', '1', '2', '2'])
    expect(await locateAll(open(), 6)).toEqual(found)
    const five = open(5)
    expect(await locateAll(five, 6)).toEqual(found)
    expect([await five.locate('new'), await five.locate('newer')].sort()).toEqual([3, 4])
  })

  it('are not used where there is one, and a subscription of that time stays at home', async () => {
    await open(1).declare(wish('old'))
    expect(await client.get(layout(prefix).version)).toBe('1')
    expect(await client.exists(layout(prefix).partitions)).toBe(0)
    const four = open(4)
    expect([await four.locate('old'), await four.locate('young')]).toEqual(['home', 0])
    expect(await client.get(layout(prefix).version)).toBe('2')
    const { subscriptions } = await four.wishes()
    expect(subscriptions).toMatchObject([{ name: 'old', patterns: ['slack.*'] }])
  })

  it('can not become fewer than are used', async () => {
    await locateAll(open(3), 3)
    await expect(open(2).declareFixed([])).rejects.toMatchObject({ code: 'partitions' })
    await open(3).declareFixed([])
  })

  it('are chosen again as they were after Redis has lost its data', async () => {
    const registry = open(3)
    for (const name of names(3)) await registry.declare(wish(name, `worker of ${name}`))
    const before = await registry.wishes()
    expect(before.subscriptions.map(({ partition }) => partition).sort()).toEqual([0, 1, 2])
    await client.del(await client.keys(`${prefix}:*`))
    await client.publish(layout(prefix).wishesChannel, 'lost')
    await expect.poll(async () => (await registry.wishes()).subscriptions.length).toBe(3)
    const placed = ({ subscriptions }: typeof before) =>
      Object.fromEntries(subscriptions.map((each) => [each.name, each.partition]))
    expect(placed(await registry.wishes())).toEqual(placed(before))
  })

  it('get the events that their subscriptions want, in order, and each is confirmed by all', async () => {
    const registry = open(3)
    const placed = new Map<string, Partition>([['at home', 'home']])
    for (const name of names(4)) placed.set(name, await registry.locate(name))
    const { sink } = await openSink(placed)
    const ids = Array.from({ length: 300 }, (_, n) => `e.${n}`)
    const subscriptions = [...placed.keys()]
    const results = await Promise.all(ids.map((id) => sink.enqueue({ event: event(id), subscriptions })))
    expect(new Set(results.flat())).toEqual(new Set(['enqueued']))
    expect(results.every((each) => each.length === 5)).toBe(true)
    for (const [name, partition] of placed) {
      const waiting = layout(partitionPrefix(prefix, partition)).bull(name, 'wait')
      expect((await client.lrange(waiting, 0, -1)).reverse(), name).toEqual(ids)
    }
    expect(sink.unconfirmed).toEqual({ count: 0, bytes: 0 })
    expect(await sink.enqueue({ event: event('e.0'), subscriptions: ['s0', 'at home'] })).toEqual([
      'duplicate',
      'duplicate',
    ])
    const view = createQueueView({ redis, prefix })
    closing.push(() => view.stop())
    expect((await view.depth('s3')).waiting).toBe(300)
    expect(await view.record('s3', 'e.7')).toMatchObject({ id: 'e.7' })
  })

  it('do not hold each other up, and who wants an event in two waits for both', async () => {
    const registry = open(2)
    const placed = new Map<string, Partition>()
    for (const name of names(2)) placed.set(name, await registry.locate(name))
    const { sink, windows } = await openSink(placed)
    await sink.enqueue({ event: event('e.0'), subscriptions: names(2) })
    // Whatever is asked of s1 fails.
    const broken = layout(partitionPrefix(prefix, placed.get('s1') ?? 'home')).meta('s1')
    await client.set(broken, 'of a wrong type')
    const both = sink.enqueue({ event: event('e.1'), subscriptions: names(2) })
    let isConfirmed = false
    void both.then(() => {
      isConfirmed = true
    })
    for (const id of ['e.2', 'e.3'])
      expect(await sink.enqueue({ event: event(id), subscriptions: ['s0'] })).toEqual(['enqueued'])
    await windows.reaches(4)
    expect(windows.entries).toContain(`${placed.get('s1')} closed`)
    expect(windows.entries).not.toContain(`${placed.get('s0')} closed`)
    expect([isConfirmed, sink.connected, sink.unconfirmed.count]).toEqual([false, false, 1])
    await client.del(broken)
    expect(await both).toEqual(['enqueued', 'enqueued'])
    expect(sink.connected).toBe(true)
  })

  it('are found by workers, by those who watch them, and by those who judge them', async () => {
    const registry = open(2)
    const partition = await registry.locate('all')
    await registry.declare(wish('all', 'w'))
    const handled = new Log<string>()
    const work = async (workerId: string) => {
      const source = createRedisSource({
        redis,
        prefix: partitionPrefix(prefix, partition),
        withdraw: (id) => registry.withdraw(id),
        workerId,
        subscription: 'all',
        concurrency: 1,
        run: async (job) => {
          handled.add(job.id)
          return { kind: 'completed' }
        },
      })
      await source.start()
      closing.push(() => source.stop())
    }
    await work('w')
    const { sink } = await openSink(new Map([['all', partition]]))
    await sink.enqueue({ event: event('e.1'), subscriptions: ['all'] })
    await handled.reaches(1)
    const census = createCensusTaker({ redis, prefix })
    closing.push(() => census.stop())
    expect(await census.take()).toMatchObject({
      subscriptions: [{ name: 'all', partition, workerCount: 1 }],
      workers: [{ workerId: 'w', subscription: 'all', patterns: ['slack.*'], state: 'alive' }],
    })
    // One that died long ago: it is in the books of the partition, and its wish is at home.
    const other = open()
    await other.declare({ ...wish('all', 'dead'), patterns: ['discord.*'] })
    await other.stop()
    const books = layout(partitionPrefix(prefix, partition))
    const dead = { workerId: 'dead', queues: ['all'], lockOwners: ['nobody'] }
    await client.hset(books.workers, 'dead', JSON.stringify(dead))
    await client.zadd(books.heartbeats, 1, 'dead')
    await expect
      .poll(async () => (await registry.wishers('all')).map(({ workerId }) => workerId), { timeout: 10_000 })
      .toEqual(['w'])
    expect(await client.hexists(books.workers, 'dead')).toBe(0)
  })
})
