import { createTestBench } from '@holdfast/worker/testing'
import { expect, test } from 'vitest'
import { bot } from '../src/bot.ts'

test('repeats a message on Slack, with the version that answers', async () => {
  const bench = createTestBench(bot)
  const { outcome } = await bench.deliver({
    type: 'slack.message',
    data: { channel: 'C024BE91L', user: 'U2147483697', text: 'tide is in', ts: '1767225600.000100' },
  })
  expect(outcome).toEqual({ kind: 'completed' })
  expect(bench.replies.map(({ text }) => text)).toEqual(['echo v1: tide is in'])
})

test('repeats a message on Discord', async () => {
  const bench = createTestBench(bot)
  const author = {
    id: '53908232506183680',
    username: 'mason',
    discriminator: '0',
    global_name: null,
    avatar: null,
  }
  await bench.deliver({
    type: 'discord.MESSAGE_CREATE',
    data: { channel_id: '7', content: 'tide is out', author },
  })
  expect(bench.replies.map(({ text }) => text)).toEqual(['echo v1: tide is out'])
})

test('hears no bots, so that it never answers itself', async () => {
  const bench = createTestBench(bot)
  const author = { id: '2', username: 'echo', discriminator: '0', global_name: null, avatar: null, bot: true }
  await bench.deliver({ type: 'discord.MESSAGE_CREATE', data: { channel_id: '7', content: 'echo', author } })
  await bench.deliver({ type: 'slack.message', data: { channel: 'C1', text: 'echo', bot_id: 'B1' } })
  await bench.deliver({ type: 'slack.message', data: { channel: 'C1', subtype: 'message_changed' } })
  expect(bench.replies).toEqual([])
})
