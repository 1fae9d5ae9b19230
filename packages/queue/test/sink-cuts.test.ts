import { Redis } from 'ioredis'
import { afterAll, describe, expect, it } from 'vitest'
import { createRedisSink, createRedisSource } from '../src/index.ts'
import { WHICH_REDIS } from '../src/lua/which-redis.ts'
import { event, freshPrefix, Log, redis } from './harness.ts'
import { type Cut, CuttingProxy } from './proxy.ts'

const COUNT = 400
const ids = Array.from({ length: COUNT }, (_, n) => `e.${n}`)

// Whatever is cut, every event is on the queue once, in order, and the caller knows.
describe('a sink whose connection is cut', () => {
  const client = new Redis(redis.url)
  afterAll(() => client.disconnect())

  const whichRedis = async () => String(await client.eval(WHICH_REDIS.text, 1, 'any'))

  async function streamThrough(cut?: Cut) {
    const prefix = freshPrefix()
    const proxy = new CuttingProxy(redis.url, cut)
    const windows: string[] = []
    const sink = createRedisSink({
      redis: await proxy.start(),
      prefix,
      bounds: () => undefined,
      onWindow: (state) => windows.push(state),
    })
    await sink.start()
    const results = await Promise.all(
      ids.map((id) => sink.enqueue({ event: event(id), subscriptions: ['all'] })),
    )
    await sink.stop()
    await proxy.stop()
    const queued = (await client.lrange(`${prefix}:all:wait`, 0, -1)).reverse()
    await client.del(...(await client.keys(`${prefix}:*`)))
    return { results: results.flat(), queued, passed: proxy.passed, cutCount: proxy.cutCount, windows }
  }

  it('enqueues all in order without a cut', async () => {
    const { results, queued, windows } = await streamThrough()
    expect(queued).toEqual(ids)
    expect(new Set(results)).toEqual(new Set(['enqueued']))
    expect(windows).toEqual(['open'])
  })

  const positions = (total: number, count: number) =>
    Array.from({ length: count }, (_, n) => Math.floor(((n + 0.5) / count) * total))

  it.each(['request', 'reply'] as const)(
    'keeps order and loses nothing, wherever the %s stream is cut',
    async (direction) => {
      const { passed } = await streamThrough()
      let cuts = 0
      for (const afterBytes of positions(passed[direction], direction === 'request' ? 40 : 20)) {
        const { results, queued, cutCount } = await streamThrough({ direction, afterBytes })
        expect(queued, `cut after ${afterBytes} bytes`).toEqual(ids)
        expect(new Set(results), `cut after ${afterBytes} bytes`).toEqual(new Set(['enqueued']))
        cuts += cutCount
      }
      expect(cuts).toBe(direction === 'request' ? 40 : 20)
    },
  )

  it('keeps order when Redis forgets the script in the middle of the stream', async () => {
    const prefix = freshPrefix()
    const sink = createRedisSink({ redis, prefix, bounds: () => undefined })
    await sink.start()
    const results: Promise<unknown>[] = []
    for (const [n, id] of ids.entries()) {
      results.push(sink.enqueue({ event: event(id), subscriptions: ['all'] }))
      if (n % 100 === 50) void client.script('FLUSH')
      if (n % 20 === 0) await results[n]
    }
    await Promise.all(results)
    await sink.stop()
    expect((await client.lrange(`${prefix}:all:wait`, 0, -1)).reverse()).toEqual(ids)
  })

  it('executes no batch before the one that precedes it', async () => {
    const { ENQUEUE } = await import('../src/lua/enqueue.ts')
    const { encodeBatch } = await import('../src/redis/batch.ts')
    const prefix = freshPrefix()
    const send = async (number: number, opensWindow: boolean, id: string) => {
      const entry = {
        item: { event: event(id), subscriptions: ['all'] },
        token: `sink:${number}`,
        bytes: 1,
        state: 'new' as const,
        caller: undefined,
      }
      const head = { prefix, nowAt: 1, number, opensWindow, redisId: await whichRedis() }
      const args = encodeBatch([entry], () => undefined, head)
      return client.eval(ENQUEUE.text, 1, `${prefix}:sink`, ...args)
    }
    expect(await send(1, true, 'e.1')).toEqual([1])
    expect(await send(3, false, 'e.3')).toBe('out-of-order')
    expect(await send(2, false, 'e.2')).toEqual([1])
    expect(await send(3, false, 'e.3')).toEqual([1])
    // A late copy of an old batch, after a new window was opened.
    expect(await send(9, true, 'e.4')).toEqual([1])
    expect(await send(4, false, 'e.late')).toBe('out-of-order')
    expect((await client.lrange(`${prefix}:all:wait`, 0, -1)).reverse()).toEqual(['e.1', 'e.2', 'e.3', 'e.4'])
  })

  it('tells the truth of a batch whose reply was lost, also when its unit changed hands before the resend', async () => {
    const { ENQUEUE } = await import('../src/lua/enqueue.ts')
    const { encodeBatch, readReply } = await import('../src/redis/batch.ts')
    const prefix = freshPrefix()
    const entryOf = (owner: string, number: number) => (id: string) => ({
      item: { event: event(id), subscriptions: ['all', 'other'], fence: { unit: 'bastion/0', number } },
      token: `${owner}:${id.slice(2)}`,
      bytes: 1,
      state: 'new' as const,
      caller: undefined,
    })
    const send = async (owner: string, number: number, events: readonly string[]) => {
      const batch = events.map(entryOf(owner, number))
      const head = { prefix, nowAt: 1, number: 1, opensWindow: true, redisId: await whichRedis() }
      const args = encodeBatch(batch, () => undefined, head)
      const reply = await client.eval(ENQUEUE.text, 1, `${prefix}:${owner}`, ...args)
      return readReply(batch, reply)?.map(({ confirmation }) => confirmation)
    }
    await send('old', 1, ['e.1']) // Its reply is lost.
    expect(await send('new', 2, ['e.2'])).toEqual([['enqueued', 'enqueued']])
    // e.1 is on the queue by this very call; e.2 is the successor's, and e.3 is not taken.
    expect(await send('old', 1, ['e.1', 'e.2', 'e.3'])).toEqual([
      ['enqueued', 'enqueued'],
      ['fenced', 'fenced'],
      ['fenced', 'fenced'],
    ])
    for (const name of ['all', 'other'])
      expect((await client.lrange(`${prefix}:${name}:wait`, 0, -1)).reverse()).toEqual(['e.1', 'e.2'])
  })

  it('tells a resend of its own from another sighting of the fact', async () => {
    const prefix = freshPrefix()
    const [one, two] = [0, 1].map(() => createRedisSink({ redis, prefix, bounds: () => undefined }))
    await one?.start()
    await two?.start()
    const item = { event: event('e.1'), subscriptions: ['all'] }
    expect(await one?.enqueue(item)).toEqual(['enqueued'])
    expect(await two?.enqueue(item)).toEqual(['duplicate'])
    await Promise.all([one?.stop(), two?.stop()])
  })

  it('waits while Redis is away, and rejects what is unconfirmed when it is stopped', async () => {
    const sink = createRedisSink({
      redis: { url: 'redis://127.0.0.1:1' },
      prefix: freshPrefix(),
      bounds: () => undefined,
    })
    await sink.start()
    const promise = sink.enqueue({ event: event('e.1'), subscriptions: ['all'] })
    expect(sink.unconfirmed.count).toBe(1)
    expect(sink.connected).toBe(false)
    void sink.stop(0)
    await expect(promise).rejects.toMatchObject({ code: 'stopped' })
  })

  it('goes on without a hitch after Redis forgot the number of its last batch', async () => {
    const prefix = freshPrefix()
    const windows: string[] = []
    const sink = createRedisSink({
      redis,
      prefix,
      bounds: () => undefined,
      onWindow: (state) => windows.push(state),
    })
    await sink.start()
    await sink.enqueue({ event: event('e.1'), subscriptions: ['all'] })
    await client.del(await client.keys(`${prefix}:hf:sink:*`))
    expect(await sink.enqueue({ event: event('e.2'), subscriptions: ['all'] })).toEqual(['enqueued'])
    await sink.stop()
    expect(windows).toEqual(['open'])
  })

  it.each([
    ['of odd characters', { subject: '* [a-z]?\u0000\n "\u{1f41f}" {x}', actor: '' }],
    ['of many characters', { subject: 'c'.repeat(100_000) }],
    ['of 300 KB', { text: JSON.stringify({ id: 'x', data: 'x'.repeat(300_000) }) }],
    ['of more than a whole batch', { text: JSON.stringify({ id: 'x', data: 'x'.repeat(1_200_000) }) }],
  ])('takes events %s for many subscriptions', async (_what, facts) => {
    const prefix = freshPrefix()
    const sink = createRedisSink({ redis, prefix, bounds: () => undefined })
    await sink.start()
    const subscriptions = Array.from({ length: 50 }, (_, n) => `s${n}`)
    const results = await Promise.all(
      ['e.1', 'e.2'].map((id) => sink.enqueue({ event: event(id, facts), subscriptions })),
    )
    expect(results.flat()).toEqual(Array.from({ length: 100 }, () => 'enqueued'))
    const done = new Log<string>()
    const source = createRedisSource({
      redis,
      prefix,
      subscription: 's49',
      concurrency: 2,
      run: async (job) => {
        done.add(job.id)
        return { kind: 'completed' }
      },
    })
    await source.start()
    await done.reaches(2)
    await Promise.all([source.stop(), sink.stop()])
    expect(done.entries).toEqual(['e.1', 'e.2'])
    expect(await client.keys(`${prefix}:s49:hf:lane:*`)).toEqual([])
    await client.unlink(await client.keys(`${prefix}:*`))
  })
})
