import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createRedisSink, createRedisSource, type Readded, type Sink, type TakenJob } from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { event, freshPrefix, Log } from './harness.ts'
import { MovingRedis } from './moving-redis.ts'
import { OwnRedis } from './own-redis.ts'

const idsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, n) => `e.${String(first + n).padStart(4, '0')}`)

// A replica takes its master's place and lacks what that one confirmed last: nothing that was confirmed is lost for it.
describe('after a change of Redis', () => {
  let master: OwnRedis
  let replica: OwnRedis
  let address: MovingRedis
  let place: { url: string }
  let prefix: string
  let readded: Log<Readded>
  let opened: Log<string>
  let closed: Log<string>
  const sinks: Sink[] = []

  beforeAll(async () => {
    ;[master, replica] = await Promise.all([OwnRedis.open(), OwnRedis.open()])
  })
  afterAll(() => Promise.all([master.close(), replica.close()]))

  beforeEach(async () => {
    prefix = freshPrefix()
    readded = new Log()
    opened = new Log()
    closed = new Log()
    address = new MovingRedis(master.url)
    place = await address.start()
    await replica.follow(master)
  })
  afterEach(async () => {
    await Promise.all(sinks.splice(0).map((sink) => sink.stop(0)))
    await address.stop()
    await replica.accept()
    await Promise.all([master.admin.flushall(), replica.admin.flushall()])
  })

  async function openSink(options: { maxWaiting?: number; keepCount?: number; at?: { url: string } } = {}) {
    const { maxWaiting = 100_000, keepCount = 20_000, at = place } = options
    const forgotten: number[] = []
    const sink = createRedisSink({
      redis: at,
      prefix,
      bounds: () => ({ order: 'conversation', maxWaiting }),
      recent: { ms: 10_000, count: keepCount, bytes: 1_000_000 },
      onWindow: (state, why) => (state === 'open' ? opened : closed).add(why),
      onReadded: (each) => readded.add(each),
      onForgotten: (count) => forgotten.push(count),
    })
    sinks.push(sink)
    await sink.start()
    const put = (ids: readonly string[], fence?: number) =>
      Promise.all(
        ids.map((id) =>
          sink.enqueue({
            event: event(id, { subject: `c.${Number(id.slice(2)) % 3}` }),
            subscriptions: ['all'],
            ...(fence === undefined ? {} : { fence: { unit: 'bastion/0', number: fence } }),
          }),
        ),
      )
    return { sink, put, forgotten }
  }

  const waiting = async (redis: OwnRedis) =>
    (await redis.admin.lrange(layout(prefix).bull('all', 'wait'), 0, -1)).reverse()
  const active = (redis: OwnRedis) => redis.admin.llen(layout(prefix).bull('all', 'active'))
  const marked = async (redis: OwnRedis) => {
    const keys = await redis.admin.keys(layout(prefix).run('all', '*'))
    return keys.map((key) => key.split(':').at(-1)).sort()
  }

  it('adds again what the new master lacks, before what is unconfirmed and in order', async () => {
    const { put } = await openSink()
    await put(idsFrom(0, 250))
    await replica.caughtUp(master)
    await replica.accept()
    await put(idsFrom(250, 250))
    address.moveTo(replica.url)
    await closed.reaches(1)
    const later = put(idsFrom(500, 50))
    await readded.reaches(1)
    expect((await later).flat()).toEqual(Array(50).fill('enqueued'))
    expect(await waiting(replica)).toEqual(idsFrom(0, 550))
    expect(readded.entries).toEqual([{ sentCount: 500, addedCount: 250, fencedCount: 0 }])
    expect(await marked(replica)).toEqual(idsFrom(0, 500))
  })

  it('marks what the new master has, but for what it knows to have ended: it may lack the news of a run', async () => {
    const { put } = await openSink()
    await put(idsFrom(0, 4))
    const source = createRedisSource({
      redis: master,
      prefix,
      subscription: 'all',
      concurrency: 1,
      run: async () => ({ kind: 'completed' }),
    })
    await source.start()
    while ((await waiting(master)).length > 0 || (await active(master)) > 0) await master.admin.ping()
    await source.stop()
    await put(idsFrom(4, 2))
    await replica.caughtUp(master)
    await replica.accept()
    address.moveTo(replica.url)
    await readded.reaches(1)
    expect(readded.entries).toEqual([{ sentCount: 6, addedCount: 0, fencedCount: 0 }])
    expect(await marked(replica)).toEqual(idsFrom(4, 2))
  })

  it('marks nothing where the same Redis has started again, with its file', async () => {
    const own = await OwnRedis.open()
    try {
      address.moveTo(own.url)
      const { put } = await openSink()
      await put(idsFrom(0, 3))
      await own.restart()
      await readded.reaches(1)
      expect(readded.entries).toEqual([{ sentCount: 3, addedCount: 0, fencedCount: 0 }])
      expect(await marked(own)).toEqual([])
    } finally {
      await own.close()
    }
  })

  it('adds them again although nothing else comes', async () => {
    const { put } = await openSink()
    await replica.accept()
    await put(idsFrom(0, 3))
    address.moveTo(replica.url)
    await readded.reaches(1)
    expect(await waiting(replica)).toEqual(idsFrom(0, 3))
  })

  it('adds nothing again after a mere cut', async () => {
    const { put } = await openSink()
    await put(idsFrom(0, 3))
    address.cut()
    await opened.reaches(2)
    await put(idsFrom(3, 1))
    expect(readded.entries).toEqual([])
    expect(await marked(master)).toEqual([])
  })

  it('notices that Redis took over the data of another while its connection stood', async () => {
    const { put } = await openSink()
    await put(idsFrom(0, 2))
    await replica.caughtUp(master)
    await replica.accept()
    await put(idsFrom(2, 2))
    await master.follow(replica)
    await master.accept()
    await put(idsFrom(4, 1))
    expect(await waiting(master)).toEqual(idsFrom(0, 5))
    expect(readded.entries).toEqual([{ sentCount: 4, addedCount: 2, fencedCount: 0 }])
  })

  it('goes on where it was when Redis changes again while it adds', async () => {
    const { put } = await openSink()
    await replica.accept()
    await put(idsFrom(0, 300))
    address.moveTo(replica.url)
    address.moveTo(master.url)
    const later = put(idsFrom(300, 1))
    address.moveTo(replica.url)
    await later
    expect(await waiting(replica)).toEqual(idsFrom(0, 301))
  })

  it('leaves to another owner what that one has taken over', async () => {
    const old = await openSink()
    await replica.accept()
    await old.put(idsFrom(0, 2), 1)
    const successor = await openSink({ at: replica })
    await successor.put(idsFrom(2, 1), 2)
    address.moveTo(replica.url)
    await readded.reaches(1)
    expect(await waiting(replica)).toEqual(idsFrom(2, 1))
    expect(readded.entries).toEqual([{ sentCount: 2, addedCount: 0, fencedCount: 2 }])
  })

  it('counts what a full queue missed exactly once, whether the count survived or not', async () => {
    const { put } = await openSink({ maxWaiting: 2 })
    await put(idsFrom(0, 4)) // The last two are missed.
    await replica.caughtUp(master)
    await replica.accept()
    await put(idsFrom(4, 3)) // Missed, and the replica does not know of it.
    const missed = (redis: OwnRedis) => redis.admin.hget(layout(prefix).meta('all'), 'missed')
    expect([await missed(master), await missed(replica)]).toEqual(['5', '2'])
    address.moveTo(replica.url)
    await readded.reaches(1)
    expect(await missed(replica)).toBe('5')
    expect(await waiting(replica)).toEqual(idsFrom(0, 2))
  })

  it('tells how many it could not keep, and keeps the latest', async () => {
    const { put, forgotten } = await openSink({ keepCount: 100 })
    await replica.accept()
    for (let n = 0; n < 150; n += 10) await put(idsFrom(n, 10))
    const forgottenCount = forgotten.reduce((sum, count) => sum + count, 0)
    expect(forgottenCount).toBeGreaterThanOrEqual(50)
    address.moveTo(replica.url)
    await readded.reaches(1)
    expect(await waiting(replica)).toEqual(idsFrom(forgottenCount, 150 - forgottenCount))
  })

  it('tells the worker that they may have been handled before', async () => {
    const { put } = await openSink()
    await put(idsFrom(0, 1))
    await replica.caughtUp(master)
    await replica.accept()
    await put(idsFrom(1, 1))
    address.moveTo(replica.url)
    await readded.reaches(1)
    await put(idsFrom(2, 1))
    const taken = new Log<Pick<TakenJob, 'id' | 'readdedAt'>>()
    const source = createRedisSource({
      redis: replica,
      prefix,
      subscription: 'all',
      concurrency: 1,
      run: async ({ id, readdedAt }) => {
        taken.add({ id, ...(readdedAt === undefined ? {} : { readdedAt }) })
        return { kind: 'completed' }
      },
    })
    await source.start()
    await taken.reaches(3)
    await source.stop()
    const readdedAt = expect.any(Number)
    expect(taken.entries).toEqual([
      { id: 'e.0000', readdedAt },
      { id: 'e.0001', readdedAt },
      { id: 'e.0002' },
    ])
    expect(await marked(replica)).toEqual([])
  })
})
