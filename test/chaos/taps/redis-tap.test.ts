import { randomUUID } from 'node:crypto'
import type { OutgoingEvent } from '@holdfast/events'
import { createQueueView, createRedisSink } from '@holdfast/queue'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Verdict } from './point.ts'
import { RedisTap } from './redis-tap.ts'

const REDIS_URL = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'

const event = (id: string): OutgoingEvent => ({
  id,
  type: 'slack.message',
  subject: 'lane',
  delivery: 'live',
  dedupeWindowMs: 600_000,
  interactive: false,
  text: JSON.stringify({ id, data: {} }),
})

/** A sink behind a tap, and a look at what Redis has of it. */
async function open() {
  const prefix = `{tap-${randomUUID()}}`
  const tap = await RedisTap.to(REDIS_URL)
  const sink = createRedisSink({ redis: { url: tap.url }, prefix, bounds: () => undefined })
  const view = createQueueView({ redis: { url: REDIS_URL }, prefix })
  await sink.start()
  onTestFinished(async () => {
    await sink.stop(0)
    await view.stop()
    tap.close()
  })
  const put = (id: string) => sink.enqueue({ event: event(id), subscriptions: ['all'] })
  const waiting = async () => (await view.depth('all')).waiting
  return { tap, put, waiting }
}

describe('a tap before Redis', () => {
  test('lets everything pass: requests, replies, and what is published', async () => {
    const { tap, put, waiting } = await open()
    expect(await Promise.all(['a', 'b', 'c'].map(put))).toEqual([['enqueued'], ['enqueued'], ['enqueued']])
    expect(await waiting()).toBe(3)
    const listener = new Redis(tap.url)
    const speaker = new Redis(tap.url)
    onTestFinished(() => [listener, speaker].forEach((each) => void each.disconnect()))
    const channel = randomUUID()
    const heard = new Promise((resolve) => listener.on('message', (_, text) => resolve(text)))
    await listener.subscribe(channel)
    await speaker.publish(channel, 'news')
    expect(await heard).toBe('news')
    expect(await speaker.echo('still in step')).toBe('still in step')
  })

  test('stops before a script: Redis has nothing of it', async () => {
    const { tap, put, waiting } = await open()
    const caught = tap.at({ moment: 'before', script: 'enqueue' }, async (): Promise<Verdict> => {
      expect(await waiting()).toBe(0)
      return 'cut'
    })
    const confirmed = put('a')
    expect((await caught).args).toContain('a')
    expect(await confirmed).toEqual(['enqueued'])
    expect(tap.count('enqueue')).toBe(2)
    expect(await waiting()).toBe(1)
  })

  test('stops between the doing and the reply: Redis has it, and who asked is not told', async () => {
    const { tap, put, waiting } = await open()
    let isConfirmed = false
    const caught = tap.at({ moment: 'executed', script: 'enqueue' }, async (): Promise<Verdict> => {
      expect(await waiting()).toBe(1)
      expect(isConfirmed).toBe(false)
      return 'cut'
    })
    const confirmed = put('a').then((confirmation) => {
      isConfirmed = true
      return confirmation
    })
    await caught
    expect(await confirmed).toEqual(['enqueued'])
    expect(tap.count('enqueue')).toBe(2)
    expect(await waiting()).toBe(1)
  })

  test('acts once, at the request that fits', async () => {
    const { tap, put } = await open()
    const hits: string[] = []
    const caught = tap.at(
      { moment: 'before', script: 'enqueue' },
      () => {
        hits.push('hit')
        return 'on'
      },
      ({ args }) => args.includes('b'),
    )
    await put('a')
    expect(hits).toEqual([])
    await put('b')
    await put('b')
    await caught
    expect(hits).toEqual(['hit'])
  })

  test('tells of a point that is not reached, and what came instead', async () => {
    const { tap, put } = await open()
    const missed = tap.at({ moment: 'before', script: 'finish' }, () => 'on', undefined, 300)
    await put('a')
    await expect(missed).rejects.toThrow(
      'the point "before finish" was not reached within 300 ms; there was enqueue 1 times',
    )
    const never = tap.at({ moment: 'executed', script: 'begin' }, () => 'on')
    tap.close()
    await expect(never).rejects.toThrow(
      'the point "executed begin" was not reached before the tap was closed',
    )
  })

  test('tells of an act that failed', async () => {
    const { tap, put } = await open()
    const caught = tap.at({ moment: 'before', script: 'enqueue' }, () => {
      throw new Error('no such process')
    })
    const confirmed = put('a')
    await expect(caught).rejects.toThrow('no such process')
    await confirmed
  })

  test('frozen, it lets nothing pass and tells neither end that the other has gone, until it thaws', async () => {
    const tap = await RedisTap.to(REDIS_URL)
    const speaker = new Redis(tap.url, { retryStrategy: null })
    const [name, list] = [randomUUID(), new Redis(REDIS_URL)]
    onTestFinished(() => {
      for (const each of [speaker, list]) each.disconnect()
      tap.close()
    })
    await speaker.client('SETNAME', name)
    tap.freeze()
    const late = speaker.setex(name, 60, 'late')
    await list.echo('all that had set out has arrived')
    expect(await list.exists(name)).toBe(0)
    tap.thaw()
    expect(await late).toBe('OK')
    tap.freezeOpen()
    void speaker.setex(name, 60, 'said before it went').catch(() => {})
    const gone = new Promise((resolve) => speaker.once('end', resolve))
    speaker.disconnect()
    await gone
    const other = new Redis(tap.url)
    expect(await other.get(name)).toBe('late')
    other.disconnect()
    expect(await list.client('LIST')).toContain(name)
    tap.thaw()
    await expect.poll(() => list.client('LIST')).not.toContain(name)
    expect(await list.get(name)).toBe('said before it went')
  })

  test('slow, it keeps what passes in order', async () => {
    const tap = await RedisTap.to(REDIS_URL)
    const [slow, straight] = [new Redis(tap.url), new Redis(REDIS_URL)]
    onTestFinished(() => {
      for (const each of [slow, straight]) each.disconnect()
      tap.close()
    })
    await slow.ping()
    tap.slow(400)
    const order: string[] = []
    const asked = ['a', 'b', 'c'].map((word) => slow.echo(word).then((echo) => order.push(echo)))
    for (const word of ['1', '2', '3']) order.push(await straight.echo(word))
    await Promise.all(asked)
    expect(order).toEqual(['1', '2', '3', 'a', 'b', 'c'])
  })
})
