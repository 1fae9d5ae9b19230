import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { openDeadLetters } from '../src/index.ts'

const url = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'

test('a program looks after the dead letters of its subscription', async () => {
  const redis = { url, prefix: `{dead-${randomUUID()}}` }
  const letters = await openDeadLetters({ subscription: 'commands', redis })
  expect(await letters.count()).toBe(0)
  expect(await letters.list()).toEqual({ letters: [] })
  expect(await letters.get('e.1')).toBeUndefined()
  expect(await letters.retry({ reason: 'no-handler' })).toBe(0)
  expect(await letters.drop({ ids: ['e.1'] })).toBe(0)
  await expect(letters.list({ type: 'slak.*' })).rejects.toMatchObject({ code: 'filter' })
  await letters.close()
})

test('who opens them is told what is wrong with the options', async () => {
  const opening = openDeadLetters({ subscription: 'commands', redis: { url: 'http://x' } })
  await expect(opening).rejects.toMatchObject({ code: 'dead-letters' })
})
