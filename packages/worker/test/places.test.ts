import { afterEach, expect, test } from 'vitest'
import { discordChannel, slackChannel } from '../src/places.ts'
import { type FakePlatform, startFakePlatform } from './fake-platform.ts'
import { replyBench } from './reply-bench.ts'
import { discordMessage, slackMessage } from './sample-events.ts'
import { HeldJob } from './taken-job.ts'

let platform: FakePlatform
afterEach(() => platform.close())

test('what is heard on Slack is said in a channel of Discord, with the nonce of a reply', async () => {
  platform = await startFakePlatform(() => ({ json: { channel_id: '77', id: '1' } }))
  const bench = replyBench(platform.url, (ctx) => ctx.reply('ahoy', { to: discordChannel('77') }))
  expect(await bench.run(new HeldJob({ event: slackMessage() }))).toEqual({ kind: 'completed' })
  bench.close()
  expect(platform.calls).toMatchObject([
    { path: 'v10/channels/77/messages', body: { content: 'ahoy', enforce_nonce: true } },
  ])
})

test('what is heard on Discord is said in a channel of Slack, and looked for there by a later run', async () => {
  platform = await startFakePlatform(({ path }) =>
    path === 'chat.postMessage' ? 'hang up' : { json: { ok: true, messages: [] } },
  )
  const bench = replyBench(platform.url, (ctx) => ctx.reply('ahoy', { to: slackChannel('C7') }))
  const job = new HeldJob({ event: discordMessage() })
  const beganAt = bench.clock.wallAt()
  await bench.run(job)
  await bench.run(job.again(2))
  bench.close()
  expect(platform.calls.map(({ path, body }) => [path, body.channel])).toEqual([
    ['chat.postMessage', 'C7'],
    ['conversations.history', 'C7'],
    ['chat.postMessage', 'C7'],
  ])
  expect(platform.calls[1]?.body.oldest).toBe(String(beganAt / 1_000 - 60))
})
