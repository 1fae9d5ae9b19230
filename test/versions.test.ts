import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeEvent } from '@holdfast/events'
import { createCensusTaker, createRedisSource, createRegistry } from '@holdfast/queue'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { HeldJob } from '../packages/worker/test/taken-job.ts'
import { encodeRecord, readJournal } from '../services/gateway/src/journal-record.ts'
import { asNextVersion, unchangedKinds, withMore } from './versions/next-version.ts'
import { goneOnFrom, lookedAt } from './versions/read-redis.ts'
import { hangPicture, type RedisPicture } from './versions/redis-picture.ts'
import { runOnce, walk, writtenEvents, writtenJournal, writtenSteps } from './versions/written-elsewhere.ts'
import { writtenToRedis } from './versions/written-redis.ts'

/*
 * What version 1 writes is kept in test/versions/v1, as its own code wrote it. What the code of today writes is compared with
 * it, so that a change of what is stored is never an accident: see docs/upgrades.md before the files are written anew (`-u`).
 */
const goldenOf = (name: string) => join(import.meta.dirname, 'versions/v1', `${name}.json`)
const read = (name: string) => JSON.parse(readFileSync(goldenOf(name), 'utf8'))
const asText = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
const url = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'

let redis: Redis
beforeAll(() => {
  redis = new Redis(url)
})
afterAll(() => redis.disconnect())

describe('today’s code writes what version 1 did', () => {
  test('to Redis', async () => {
    const written = await writtenToRedis(redis, url, `{v1-${randomUUID()}}`)
    await expect(asText(written)).toMatchFileSnapshot(goldenOf('redis'))
  })

  test('as events', async () => {
    await expect(asText(writtenEvents().map((text) => JSON.parse(text)))).toMatchFileSnapshot(
      goldenOf('events'),
    )
  })

  test('as the steps of a job', async () => {
    await expect(asText(await writtenSteps())).toMatchFileSnapshot(goldenOf('steps'))
  })

  test('to the journal', async () => {
    await expect(asText(writtenJournal().split('\n'))).toMatchFileSnapshot(goldenOf('journal'))
  })
})

describe('a Redis', () => {
  const FIRST: RedisPicture = read('redis')
  const hung = async (picture: RedisPicture) => {
    const prefix = `{versions-${randomUUID()}}`
    await hangPicture(redis, prefix, picture)
    return prefix
  }
  /** The same of both versions, but for what the next one says in words of its own. */
  const SEEN = {
    wishers: [{ workerId: 'worker-1', handles: ['slack.message'] }],
    workers: ['worker-1 commands'],
    checkpoints: ['discord', 'slack-rtm', 'slack-socket-mode', 'none'],
    debts: ['gap-1'],
    depth: {
      waiting: 1,
      parked: 1,
      active: 0,
      sleeping: 0,
      retrying: 0,
      failed: 0,
      lagMs: expect.any(Number),
    },
  }
  const RAN = ['first', 'pressed', 'second', 'tried step:look up']

  test('that version 1 left is read', async () => {
    const prefix = await hung(FIRST)
    expect(await lookedAt(redis, url, prefix)).toEqual({
      ...SEEN,
      orders: { commands: 'conversation', small: 'actor' },
      unreadable: [],
      units: ['bastion/0 gateway-1 connected'],
      successors: ['asked'],
      gateways: ['gateway-1 standing', 'gateway-2 standing'],
      outcomes: ['completed', 'dead', 'none'],
      suspended: 'full',
    })
  })

  test('that the next version left is read for what is known of it', async () => {
    expect(unchangedKinds(FIRST)).toEqual([])
    const prefix = await hung(asNextVersion(FIRST))
    expect(await lookedAt(redis, url, prefix)).toEqual({
      ...SEEN,
      orders: { commands: 'conversation', small: 'conversation' },
      unreadable: ['next'],
      units: ['bastion/0 gateway-1 connected'],
      successors: ['none'],
      gateways: ['gateway-1 standing', 'gateway-2 on trial'],
      outcomes: ['none', 'dead', 'none'],
      suspended: 'none',
    })
  })

  test.each([
    ['version 1', FIRST],
    ['the next version', asNextVersion(FIRST)],
  ])(
    'that %s left is gone on with: in order, with its steps, its identities and its fences',
    async (_, picture) => {
      const { ran, known, fenced } = await goneOnFrom(url, await hung(picture))
      expect(ran.toSorted()).toEqual(RAN)
      expect(ran.indexOf('first')).toBeLessThan(ran.indexOf('second'))
      expect({ known, fenced }).toEqual({ known: 'duplicate', fenced: 'fenced' })
    },
  )
})

describe('a newer layout', () => {
  test('is refused by workers, gateways and the console, in one line that names both; nothing is written', async () => {
    const prefix = `{layout-${randomUUID()}}`
    const home = { redis: { url }, prefix }
    await redis.set(`${prefix}:hf:layout`, '3')
    const [registry, census] = [createRegistry(home), createCensusTaker(home)]
    const source = createRedisSource({
      ...home,
      subscription: 'commands',
      concurrency: 1,
      run: async () => ({ kind: 'completed' }),
    })
    onTestFinished(async () => {
      await Promise.all([registry.stop(), census.stop(), source.stop()])
    })
    const refused = { code: 'layout', message: expect.stringMatching(/layout 3 .* reads layout 1/) }
    const wish = { workerId: 'w', subscription: 'commands', patterns: ['slack.*'], order: 'none' } as const
    await expect(registry.locate('commands')).rejects.toMatchObject(refused)
    await expect(registry.declare(wish)).rejects.toMatchObject(refused)
    await expect(source.start()).rejects.toMatchObject(refused)
    await expect(registry.declareFixed([{ name: 'commands', patterns: [] }])).rejects.toMatchObject(refused)
    await expect(census.take()).rejects.toMatchObject(refused)
    expect(await redis.keys(`${prefix.replace('{', '\\{')}*`)).toEqual([`${prefix}:hf:layout`])
  })
})

describe('an event', () => {
  const FIRST: readonly object[] = read('events')

  test('of version 1 is decoded, and published in the schema of version 1', () => {
    expect(FIRST.map(decodeEvent).map(({ ok }) => ok)).toEqual(FIRST.map(() => true))
  })

  test('with attributes that are not known is decoded without them', () => {
    for (const event of FIRST) {
      const decoded = decodeEvent({ ...event, hftide: 'high', next: { a: 1 } })
      expect(decoded).toEqual(decodeEvent(event))
    }
  })

  test('of the next version is refused with the versions that are read, whatever else is new about it', () => {
    for (const event of FIRST) {
      const next = { ...event, hfversion: 2, platform: 'matrix', delivery: 'prophecy' }
      expect(decodeEvent(next)).toEqual({
        ok: false,
        problem: expect.stringMatching(/"hfversion" is 2.*up to 1/),
      })
    }
  })
})

describe('the steps of a job', () => {
  const FIRST: Readonly<Record<string, string>> = read('steps')
  const NEXT = {
    ...Object.fromEntries(Object.entries(FIRST).map(([key, text]) => [key, withMore(text)])),
    'ballot:who': '{"next":1}',
    'begun/ballot:who': '{"next":1}',
    'reply!1': 'not even JSON',
  }

  test.each([
    ['version 1', FIRST],
    ['the next version', NEXT],
  ])(
    'that %s finished are not run again, nor its replies posted, and its waits are no attempts',
    async (_, steps) => {
      const job = new HeldJob({ attempt: 2, steps: new Map(Object.entries(steps)) })
      let seen: { ran: number; attempt: number } | undefined
      const { outcome, posted } = await runOnce(job, async (ctx) => {
        seen = { ran: await walk(ctx), attempt: ctx.attempt }
      })
      expect(seen).toEqual({ ran: 0, attempt: 1 })
      expect({ outcome, posted }).toEqual({ outcome: { kind: 'completed' }, posted: [] })
    },
  )

  test.each([
    ['version 1', FIRST],
    ['the next version', NEXT],
  ])('that %s had begun are taken for begun', async (_, steps) => {
    const begun = Object.entries(steps).filter(([key]) => key.startsWith('begun/'))
    const { posted } = await runOnce(new HeldJob({ steps: new Map(begun) }), walk)
    expect(posted).toEqual(['reply#1 again', 'reply:depth again'])
  })
})

describe('a journal', () => {
  const FIRST: readonly string[] = read('journal')
  /** A line with the same checks around another text. */
  const lineOf = (json: string) => encodeRecord(JSON.parse(json)).toString('utf8')
  const NEXT = [
    ...FIRST.slice(0, -1).map((line) => lineOf(withMore(line.replace(/^\S+ \S+ /, ''))).trimEnd()),
    lineOf('{"kind":"oath","n":2,"unit":"acme"}'),
  ]

  test.each([
    ['version 1', FIRST],
    ['the next version', NEXT],
  ])('that %s left gives its events and marks back', (_, lines) => {
    const { unsettled, marks, tornCount } = readJournal(Buffer.from(lines.join('\n')))
    expect(unsettled.map(({ event }) => event.id)).toEqual(['second'])
    expect([...marks].map(([unit, { fence, checkpoint }]) => [unit, fence, checkpoint.kind])).toEqual([
      ['acme', 3, 'slack-rtm'],
    ])
    expect(tornCount).toBe(0)
  })
})
