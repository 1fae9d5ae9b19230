import { randomUUID } from 'node:crypto'
import { ManualClock } from '@holdfast/runtime'
import { Redis } from 'ioredis'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createMemoryGapBook, createRedisGapBook, type MemoryGapBook } from '../src/index.ts'

const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379')
const prefix = `{gap-book-${randomUUID()}}`

afterAll(async () => {
  const keys = await redis.keys(`${prefix}*`)
  if (keys.length > 0) await redis.del(keys)
  await redis.quit()
})

/** In Redis it is the lease store that gives numbers out. */
function createInRedis(): MemoryGapBook {
  const own = `${prefix}:${randomUUID()}`
  return {
    ...createRedisGapBook(redis, own),
    fence: (unit) => redis.hincrby(`${own}:checkpoint:${unit}`, 'fence', 1),
  }
}

const UNIT = 'acme-rtm'
const HOUR_MS = 3_600_000
const gap = (id: string, text = `what is owed of ${id}`) => ({ id, text })

const implementations: [string, () => MemoryGapBook][] = [
  ['in memory', () => createMemoryGapBook(new ManualClock())],
  ['in Redis', createInRedis],
]

describe.each(implementations)('a book of gaps %s', (_, create) => {
  let book: MemoryGapBook
  let fence: number
  beforeEach(async () => {
    book = create()
    fence = await book.fence(UNIT)
  })
  const owe = (id: string) => book.owe(UNIT, fence, gap(id), HOUR_MS)

  test('knows of nothing that is owed at first', async () => {
    expect(await book.owed(UNIT)).toEqual([])
  })

  test('gives back what is owed, of each unit its own', async () => {
    expect([await owe('one'), await owe('two')]).toEqual(['owed', 'owed'])
    await book.owe('bastion/3', 1, gap('three'), HOUR_MS)
    expect((await book.owed(UNIT)).toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
      gap('one'),
      gap('two'),
    ])
    expect(await book.owed('bastion/3')).toEqual([gap('three')])
  })

  test('takes a gap that is owed already for known, and leaves it as far as it is', async () => {
    await owe('one')
    await book.note(UNIT, fence, gap('one', 'half of it is done'), HOUR_MS)
    expect(await owe('one')).toBe('known')
    expect(await book.owed(UNIT)).toEqual([gap('one', 'half of it is done')])
  })

  test('owes nothing any more of a gap that was settled, also when it is announced again', async () => {
    await owe('one')
    expect(await book.settle(UNIT, fence, 'one', HOUR_MS)).toBe('noted')
    expect(await owe('one')).toBe('known')
    expect(await book.owed(UNIT)).toEqual([])
  })

  test('notes and settles nothing that is not owed', async () => {
    expect(await book.note(UNIT, fence, gap('one'), HOUR_MS)).toBe('unknown')
    expect(await book.settle(UNIT, fence, 'one', HOUR_MS)).toBe('unknown')
    expect(await book.owed(UNIT)).toEqual([])
  })

  test('forgets what was settled once its window is over', async () => {
    await owe('one')
    await book.settle(UNIT, fence, 'one', 0)
    expect(await owe('one')).toBe('owed')
  })

  test('refuses whatever an owner writes after a newer one has its number, and the newer goes on', async () => {
    await owe('one')
    const newer = await book.fence(UNIT)
    expect(await owe('two')).toBe('refused')
    expect(await book.note(UNIT, fence, gap('one', 'older'), HOUR_MS)).toBe('refused')
    expect(await book.settle(UNIT, fence, 'one', HOUR_MS)).toBe('refused')
    expect(await book.owed(UNIT)).toEqual([gap('one')])
    expect(await book.note(UNIT, newer, gap('one', 'newer'), HOUR_MS)).toBe('noted')
    expect(await book.owed(UNIT)).toEqual([gap('one', 'newer')])
  })

  test('is full at its bound, and takes one more for each that is settled', async () => {
    for (let n = 0; n < 100; n++) expect(await owe(`gap ${n}`)).toBe('owed')
    expect(await owe('one more')).toBe('full')
    await book.settle(UNIT, fence, 'gap 7', HOUR_MS)
    expect(await owe('one more')).toBe('owed')
  })
})
