import { createMemoryCallBudget } from '@holdfast/ownership'
import { expect, test } from 'vitest'
import { Asking, type AskingOptions } from '../../src/backfill/asking.ts'
import { discordQuestion } from '../../src/backfill/discord-questions.ts'
import { slackQuestion } from '../../src/backfill/slack-questions.ts'
import { Turns } from '../../src/backfill/turns.ts'
import { SwiftClock } from './swift-clock.ts'

const discord = { apiUrl: 'https://discord/api', token: 'x', fetch }
const slack = { apiUrl: 'https://slack/api/', token: 'x', fetch }
const messagesOf = (channel: string) => discordQuestion(discord, `channels/${channel}/messages`, '?limit=100')

/** Asks with these answers, one after the other; the last stays. */
function open(responses: readonly (() => Response)[], more: Partial<AskingOptions> = {}) {
  const clock = new SwiftClock()
  const requests: { at: number; url: string }[] = []
  const halt = new AbortController()
  const shared = {
    turns: new Turns(),
    budget: createMemoryCallBudget(clock),
    rests: new Map<string, number>(),
  }
  const make = () =>
    new Asking({
      bounds: { maxRequests: 100, maxTimeMs: 300_000 },
      account: { requestCount: 0, messageCount: 0, askedMs: 0 },
      ...shared,
      fetch: async (url) => {
        requests.push({ at: clock.monotonicMs(), url: String(url) })
        const respond = responses[Math.min(requests.length, responses.length) - 1]
        return respond ? respond() : Response.json([])
      },
      clock,
      signal: halt.signal,
      charge: async () => true,
      ...more,
    })
  async function all(asked: readonly Promise<unknown>[]): Promise<void> {
    let isDone = false
    void Promise.all(asked).then(() => {
      isDone = true
    })
    await clock.until(() => isDone)
  }
  return { clock, requests, halt, make, all, ...shared }
}

const fine = () => Response.json([])
const tooMany =
  (retryAfter: number, headers: Record<string, string> = {}) =>
  () =>
    Response.json(
      { retry_after: retryAfter },
      { status: 429, headers: { 'retry-after': String(retryAfter), ...headers } },
    )

test('a route that has none left is left alone until its window ends, and others are not', async () => {
  const spent = () =>
    Response.json([], { headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '4.5' } })
  const { make, all, requests } = open([spent, fine])
  const { ask } = make()
  await all([
    ask(messagesOf('1'))
      .then(() => ask(messagesOf('2')))
      .then(() => ask(messagesOf('1'))),
  ])
  expect(requests.map(({ at }) => at)).toEqual([0, 0, 4_500])
})

test('a limit that is told for one route holds for that, and one for the whole bot for all', async () => {
  const one = open([tooMany(3), fine])
  const asking = one.make()
  await one.all([asking.ask(messagesOf('1')).then(() => asking.ask(messagesOf('1')))])
  expect(one.requests.map(({ at }) => at)).toEqual([0, 3_000, 3_000])

  const all = open([tooMany(3, { 'x-ratelimit-global': 'true' }), fine])
  const [first, second] = [all.make(), all.make()]
  await all.all([first.ask(messagesOf('1')), second.ask(messagesOf('2'))])
  expect(all.requests.filter(({ at }) => at < 3_000)).toHaveLength(2)
  expect(all.requests).toHaveLength(3)
})

test('Slack is called at most as often as its tier allows, method by method, and waits as it asks', async () => {
  const ok = () => Response.json({ ok: true })
  const { make, all, requests } = open([ok])
  const { ask } = make()
  const history = slackQuestion(slack, 'conversations.history', {})
  let asked: Promise<unknown> = Promise.resolve()
  for (let n = 0; n < 10; n++) asked = asked.then(() => ask(history))
  await all([asked.then(() => ask(slackQuestion(slack, 'auth.test', {})))])
  const at = requests.map((request) => request.at)
  expect(at.slice(0, 3)).toEqual([0, 0, 0])
  expect(at.slice(3, 10).map((each, n) => each - (at[n + 2] ?? 0))).toEqual(Array(7).fill(1_250))
  expect(at[10]).toBe(at[9])

  const limited = open([tooMany(60), ok])
  await limited.all([limited.make().ask(history), limited.make().ask(history)])
  expect(limited.requests.map((request) => request.at)).toEqual([0, expect.any(Number), expect.any(Number)])
  expect(limited.requests[2]?.at).toBeGreaterThanOrEqual(60_000)
})

test('what a bot is asked for several gaps is shared out evenly', async () => {
  const { make, all, requests } = open([fine])
  const busy = async (channel: string) => {
    const { ask } = make()
    for (let n = 0; n < 20; n++) await ask(messagesOf(channel))
  }
  await all([busy('1'), busy('2')])
  const half = requests.slice(0, 20).filter(({ url }) => url.includes('channels/1/'))
  expect(half.length).toBeGreaterThanOrEqual(9)
  expect(half.length).toBeLessThanOrEqual(11)
  const spanMs = (requests.at(-1)?.at ?? 0) - (requests[0]?.at ?? 0)
  expect(spanMs).toBeGreaterThanOrEqual((requests.length - 6) * 200)
})

test('time that is over ends it, however long the platform wants to be left alone', async () => {
  const { make, all, requests } = open([tooMany(301)])
  const asking = make()
  const answer = asking.ask(messagesOf('1'))
  await all([answer])
  expect(await answer).toEqual({ kind: 'over' })
  expect(requests).toHaveLength(1)
})

test('what was spent before counts', async () => {
  const { make, all, requests } = open([fine], { account: { requestCount: 98, messageCount: 0, askedMs: 0 } })
  const { ask } = make()
  const answers: unknown[] = []
  await all([
    (async () => {
      for (let n = 0; n < 4; n++) answers.push((await ask(messagesOf('1'))).kind)
    })(),
  ])
  expect(answers).toEqual(['answer', 'answer', 'over', 'over'])
  expect(requests).toHaveLength(2)
})

test('a platform that is away is asked less and less often', async () => {
  const { make, all, requests } = open([() => new Response('', { status: 503 })])
  await all([make().ask(messagesOf('1'))])
  const waits = requests.slice(1).map(({ at }, n) => at - (requests[n]?.at ?? 0))
  expect(waits.slice(0, 6)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000])
})

test('told to stop, it ends at once, and no request begins afterwards', async () => {
  const { make, halt, requests, turns, clock } = open([tooMany(60)])
  const asked = [make().ask(messagesOf('1')), make().ask(messagesOf('1'))]
  await new Promise(setImmediate)
  halt.abort()
  expect((await Promise.all(asked)).map(({ kind }) => kind)).toEqual(['over', 'over'])
  const count = requests.length
  await new Promise(setImmediate)
  expect([requests.length, turns.busyCount, clock.timerCount]).toEqual([count, 0, 0])
})
