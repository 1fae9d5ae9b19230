import { ManualClock } from '@holdfast/runtime'
import { afterEach, describe, expect, test } from 'vitest'
import { askShardCount, refuseShardCount } from '../src/shard-count.ts'

const clock = new ManualClock()
afterEach(() => expect(clock.timerCount).toBe(0))

const ask = (fetch: typeof globalThis.fetch) =>
  askShardCount(
    { apiUrl: 'https://discord.test/api/v10', token: 'abc', fetch },
    clock,
    new AbortController().signal,
  )

const answerOf = (shards: unknown, limit = {}) =>
  JSON.stringify({
    url: 'wss://gateway.discord.gg',
    shards,
    session_start_limit: { total: 1_000, remaining: 999, reset_after: 1, max_concurrency: 1, ...limit },
  })

describe('asking Discord for the number of shards', () => {
  test('asks GET /gateway/bot with the token', async () => {
    const asked: unknown[] = []
    const count = await ask(async (url, init) => {
      asked.push(url, init?.headers)
      return new Response(answerOf(9))
    })
    expect(count).toEqual({ kind: 'count', count: 9, large: false })
    expect(asked).toEqual(['https://discord.test/api/v10/gateway/bot', { authorization: 'Bot abc' }])
  })

  test.each([
    ['more than one identify at a time', { max_concurrency: 16 }],
    ['more than a thousand identifies a day', { total: 2_000 }],
  ])('knows a large bot by %s', async (_, limit) => {
    expect(await ask(async () => new Response(answerOf(64, limit)))).toMatchObject({ large: true })
  })

  test('takes 401 as final and says what to do', async () => {
    expect(await ask(async () => new Response('{"message":"401: Unauthorized"}', { status: 401 }))).toEqual({
      kind: 'refused',
      why: expect.stringMatching(
        /^Discord refuses the token \(401\): .* in the connection’s `token`: a changed configuration file is taken over while/,
      ),
    })
  })

  test.each<[why: string, response: () => Response, afterMs: number]>([
    ['429', () => new Response('', { status: 429, headers: { 'retry-after': '1.5' } }), 1_500],
    ['503', () => new Response('upstream connect error', { status: 503 }), 0],
    ['no shards', () => new Response(answerOf(0)), 0],
    ['text for shards', () => new Response(answerOf('9')), 0],
    ['no JSON', () => new Response('<html>'), 0],
  ])('takes %s as reason to ask again', async (_, response, afterMs) => {
    expect(await ask(async () => response())).toMatchObject({ kind: 'unavailable', afterMs })
  })

  test('tells the error of the network itself', async () => {
    const failing = () =>
      Promise.reject(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') }))
    expect(await ask(failing)).toMatchObject({ why: expect.stringContaining('connect ECONNREFUSED') })
  })

  test('gives up on an answer that does not come', async () => {
    const asking = ask(
      (_, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
        }),
    )
    clock.advance(10_000)
    expect(await asking).toMatchObject({ kind: 'unavailable', why: expect.stringContaining('within 10 s') })
  })
})

describe('a configured number of shards', () => {
  const large = { kind: 'count', count: 16, large: true } as const

  test.each([
    [1, /16 or 32/],
    [20, /32 or 48/],
    [17, /32 or 48/],
  ])('of %i is refused for a large bot of 16, with the next two that Discord takes', (configured, next) => {
    expect(refuseShardCount(configured, large)).toMatch(next)
    expect(refuseShardCount(configured, large)).toContain(`\`shards: ${configured}\``)
  })

  test.each([16, 32, 160])('of %i is taken for a large bot of 16', (configured) => {
    expect(refuseShardCount(configured, large)).toBeUndefined()
  })

  test('is free for a bot that is not large', () => {
    expect(refuseShardCount(3, { ...large, large: false })).toBeUndefined()
  })
})
