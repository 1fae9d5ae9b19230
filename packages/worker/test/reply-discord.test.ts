import { afterEach, expect, test } from 'vitest'
import type { Context } from '../src/context.ts'
import { type Answer, type FakePlatform, startFakePlatform } from './fake-platform.ts'
import { replyBench } from './reply-bench.ts'
import { discordMessage } from './sample-events.ts'
import { HeldJob } from './taken-job.ts'

let discord: FakePlatform
let bench: ReturnType<typeof replyBench>

afterEach(async () => {
  bench.close()
  await discord.close()
})

const POSTED: Answer = { json: { id: '900', channel_id: '77', content: 'ahoy' } }

async function start(answer: (count: number) => Answer, handle: (ctx: Context) => unknown = greet) {
  let count = 0
  discord = await startFakePlatform(() => answer(++count))
  bench = replyBench(discord.url, handle)
}

const greet = (ctx: Context) => ctx.reply('ahoy')
const job = () => new HeldJob({ event: discordMessage() })

test('posts in the channel of the event with an enforced nonce, and records where', async () => {
  await start(() => POSTED)
  const taken = job()
  expect(await bench.run(taken)).toEqual({ kind: 'completed' })
  expect(discord.calls).toMatchObject([
    {
      path: 'v10/channels/77/messages',
      body: { content: 'ahoy', nonce: expect.stringMatching(/^[\w-]{25}$/), enforce_nonce: true },
      authorization: 'Bot discord-test',
    },
  ])
  expect(discord.calls[0]?.body).not.toHaveProperty('message_reference')
  expect(taken.recorded.get('reply#1')).toBe('{"result":{"channel_id":"77","id":"900"}}')
})

test('a later run repeats the nonce, so that Discord gives the message that is there', async () => {
  await start((count) => (count === 1 ? 'hang up' : POSTED))
  const first = job()
  expect(await bench.run(first)).toMatchObject({ kind: 'retry' })
  expect(await bench.run(first.again(2))).toEqual({ kind: 'completed' })
  const nonces = discord.calls.map(({ body }) => body.nonce)
  expect(nonces).toHaveLength(2)
  expect(nonces[0]).toBe(nonces[1])
})

test('nonces differ between replies, events and subscriptions', async () => {
  await start(
    () => POSTED,
    async (ctx) => {
      await ctx.reply('one')
      await ctx.reply('two')
    },
  )
  await bench.run(job())
  await bench.run(new HeldJob({ event: { ...discordMessage(), id: 'another' } }))
  const other = job()
  await bench.run(Object.assign(other, { queue: 'audit' }))
  expect(new Set(discord.calls.map(({ body }) => body.nonce)).size).toBe(6)
})

test('quotes the message when asked to, without failing if it is gone', async () => {
  await start(
    () => POSTED,
    (ctx) => ctx.reply({ content: 'ahoy', quote: true }),
  )
  await bench.run(job())
  expect(discord.calls[0]?.body).toMatchObject({
    message_reference: { message_id: '1456000000000000001', fail_if_not_exists: false },
  })
  expect(discord.calls[0]?.body).not.toHaveProperty('quote')
})

test('tries once: HTTP 500 leaves the next try to the queue', async () => {
  await start(() => ({ status: 500, json: {} }))
  expect(await bench.run(job())).toMatchObject({ kind: 'retry' })
  expect(discord.calls).toHaveLength(1)
})

test('a long limit gives the slot back for as long as Discord asks', async () => {
  const headers = { 'retry-after': '30', 'x-ratelimit-scope': 'user' }
  await start(() => ({ status: 429, headers, json: { retry_after: 30, global: false, message: 'slow' } }))
  const outcome = await bench.run(job())
  expect(outcome).toMatchObject({ kind: 'retry', reason: expect.stringContaining('Discord limits the rate') })
  expect(outcome).toHaveProperty(
    'delayMs',
    expect.toSatisfy((ms: number) => ms >= 30_000 && ms <= 33_000),
  )
  expect(discord.calls).toHaveLength(1)
})

test('a refusal is a dead letter at once, with the words of Discord', async () => {
  await start(() => ({ status: 403, json: { code: 50001, message: 'Missing Access' } }))
  expect(await bench.run(job())).toMatchObject({
    kind: 'dead',
    reason: 'NonRetryableError: the reply was refused: 50001 Missing Access (HTTP 403)',
  })
})

test('a refused token is named as such, also by the reply after it, and the job waits', async () => {
  await start(() => ({ status: 401, json: { code: 0, message: '401: Unauthorized' } }))
  const refused = {
    kind: 'retry',
    reason: 'TokenError: Discord refuses the token (HTTP 401): set DISCORD_TOKEN and restart; the job waits',
  }
  expect(await bench.run(job())).toMatchObject(refused)
  expect(await bench.run(job())).toMatchObject(refused)
})

test('refuses to post for all to see what was meant for one', async () => {
  await start(
    () => POSTED,
    (ctx) => ctx.reply({ content: 'ahoy', flags: 64 }),
  )
  expect(await bench.run(job())).toMatchObject({ kind: 'dead', reason: expect.stringContaining('ephemeral') })
  expect(discord.calls).toEqual([])
})

test('says what to use for an event without a channel', async () => {
  await start(() => POSTED)
  const event = { ...discordMessage(), type: 'discord.GUILD_MEMBER_ADD', data: { guild_id: '1' } }
  const outcome = await bench.run(new HeldJob({ event }))
  expect(outcome).toMatchObject({ kind: 'dead', reason: expect.stringContaining('use ctx.discord') })
})
