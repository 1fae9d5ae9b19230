import { ManualClock } from '@holdfast/runtime'
import { afterEach, describe, expect, test } from 'vitest'
import { askShardCount } from '../src/shard-count.ts'

const clock = new ManualClock()
afterEach(() => expect(clock.timerCount).toBe(0))

const ask = (answer: typeof fetch, signal = new AbortController().signal) =>
  askShardCount({ apiUrl: 'https://discord.test/api/v10', token: 'abc', fetch: answer, clock, signal })

const answering = (status: number, body: string) => async () => new Response(body, { status })

describe('asking Discord for the number of shards', () => {
  test('asks GET /gateway/bot with the token', async () => {
    const asked: unknown[] = []
    const count = await ask(async (url, init) => {
      asked.push(url, init?.headers)
      return new Response('{"url":"wss://gateway.discord.gg","shards":9}')
    })
    expect(count).toEqual({ kind: 'count', count: 9 })
    expect(asked).toEqual(['https://discord.test/api/v10/gateway/bot', { authorization: 'Bot abc' }])
  })

  test('takes 401 as final and says what to do', async () => {
    const answer = await ask(answering(401, '{"message":"401: Unauthorized","code":0}'))
    expect(answer).toEqual({
      kind: 'refused',
      why: 'Discord refuses the token (401): set the bot token shown under Bot in the developer portal',
    })
  })

  test.each([
    [429, '{"retry_after":1.5}', 1_500],
    [500, 'upstream connect error', 0],
    [503, '', 0],
    [200, '{"shards":0}', 0],
    [200, '[]', 0],
    [200, 'null', 0],
  ])('takes %i %s as reason to ask again', async (status, body, afterMs) => {
    expect(await ask(answering(status, body))).toMatchObject({ kind: 'unavailable', afterMs })
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
