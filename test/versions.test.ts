import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asNextVersion, unchangedKinds } from './versions/next-version.ts'
import { goneOnFrom, lookedAt } from './versions/read-redis.ts'
import { hangPicture, type RedisPicture } from './versions/redis-picture.ts'
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
