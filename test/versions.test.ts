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
import { goneOnFrom, lookedAt, waitedOnFrom } from './versions/read-redis.ts'
import { hangPicture, type RedisPicture } from './versions/redis-picture.ts'
import {
  givenTo,
  LATER,
  runOnce,
  type WrittenSteps,
  walk,
  writtenEvents,
  writtenJournal,
  writtenSteps,
} from './versions/written-elsewhere.ts'
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

  test.each([
    ['version 1', FIRST],
    ['the next version', asNextVersion(FIRST)],
  ])('in which a job of %s waits gives it its event', async (_, picture) => {
    expect(await waitedOnFrom(url, await hung(picture))).toMatchObject({
      id: 'waiting',
      steps: [['wait:answer', '"aye"']],
    })
  })
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
      expect(decodeEvent(next)).toMatchObject({
        ok: false,
        newerVersion: 2,
        problem: expect.stringMatching(/"hfversion" is 2.*up to 1/),
      })
    }
  })
})

describe('the steps of a job', () => {
  const FIRST: WrittenSteps = read('steps')
  const { 'tries/wait': _, ...untried } = FIRST.steps
  /** As 0.1 wrote it before it slept and waited: one entry for each wait for a platform. */
  const EARLIER: WrittenSteps = { ...FIRST, steps: { ...untried, 'wait#1': '{}' } }
  const NEXT: WrittenSteps = {
    steps: {
      ...Object.fromEntries(Object.entries(FIRST.steps).map(([key, text]) => [key, withMore(text)])),
      'ballot:who': '{"next":1}',
      'begun/ballot:who': '{"next":1}',
      'reply!1': 'not even JSON',
    },
    waits: FIRST.waits.map((wait) => ({ ...wait, spec: withMore(wait.spec), next: 'more' })),
    given: withMore(FIRST.given),
  }
  const ALL: [string, WrittenSteps][] = [
    ['version 1', FIRST],
    ['version 1 before its waits', EARLIER],
    ['the next version', NEXT],
  ]
  /** What waited for a platform once; in those days each such wait was taken for an attempt by the queue. */
  const jobOf = (steps: Readonly<Record<string, string>>) =>
    new HeldJob({ attempt: 'wait#1' in steps ? 2 : 1, steps: new Map(Object.entries(steps)) })

  test.each(ALL)(
    'that %s finished are not run again, and what it waited for is what it got',
    async (__, { steps, given }) => {
      let seen: object | undefined
      const { outcome, posted } = await runOnce(
        jobOf({ ...steps, 'wait:answer': given }),
        async (ctx) => {
          seen = { ...(await walk(ctx)), attempt: ctx.attempt }
        },
        LATER,
      )
      expect(seen).toEqual({ count: 0, page: 3, answer: 'answer', attempt: 1 })
      expect({ outcome, posted }).toEqual({ outcome: { kind: 'completed' }, posted: [] })
    },
  )

  test.each(ALL)(
    'that %s left asleep are slept on, and waited on, to the same end',
    async (__, { steps, waits }) => {
      const { outcome } = await runOnce(jobOf(steps), walk)
      const known = waits.map(({ key, pattern, subject }) => ({ key, pattern, subject }))
      expect(outcome).toMatchObject({ kind: 'suspended', waits: known })
      const end: { answer?: unknown }[] = []
      await runOnce(jobOf(steps), async (ctx) => void end.push(await walk(ctx)), LATER)
      expect(end).toMatchObject([{ count: 0, answer: undefined }])
    },
  )

  test.each(ALL)('that %s had begun are taken for begun', async (__, { steps }) => {
    const begun = Object.entries(steps).filter(([key]) => key.startsWith('begun/reply'))
    const { posted } = await runOnce(jobOf(Object.fromEntries(begun)), walk)
    expect(posted).toEqual(['reply#1 again', 'reply:depth again'])
  })

  test.each(ALL)('get an event where %s waits for it', async (__, { waits }) => {
    expect(await givenTo(waits)).toHaveLength(1)
  })

  test('get none where a wait is of a kind that is not known', async () => {
    const spec = '{"v":2,"poll":"who"}'
    expect(await givenTo(NEXT.waits.map((wait) => ({ ...wait, spec })))).toEqual([])
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
