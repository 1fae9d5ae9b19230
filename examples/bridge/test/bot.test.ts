import { createTestBench } from '@holdfast/worker/testing'
import { describe, expect, test } from 'vitest'
import { createBridge } from '../src/bot.ts'
import { toMarkdown, toMrkdwn } from '../src/translation.ts'

const bench = () => createTestBench(createBridge({ slack: 'C1', discord: '7' }))
const texts = ({ replies }: ReturnType<typeof bench>) => replies.map(({ text }) => text)
const knowsMason = { steps: new Map([['step:who speaks', '{"result":"Mason"}']]) }
const mason = { id: '2', username: 'mason', discriminator: '0', global_name: 'Mason', avatar: null }

describe('the bridge', () => {
  test('carries a message from Slack to Discord, where it calls nobody', async () => {
    const { deliver, replies } = bench()
    const data = { channel: 'C1', user: 'U1', text: '*high* tide @everyone', ts: '1.0' }
    const { outcome } = await deliver({ type: 'slack.message', data }, knowsMason)
    expect(outcome).toEqual({ kind: 'completed' })
    const message = { content: '**Mason**: **high** tide @everyone', allowed_mentions: { parse: [] } }
    expect(replies).toMatchObject([{ platform: 'discord', channel: '7', message }])
  })

  test('carries a message from Discord to Slack', async () => {
    const harbour = bench()
    await harbour.deliver({
      type: 'discord.MESSAGE_CREATE',
      data: { channel_id: '7', content: '**low** tide <!channel>', author: mason },
    })
    const text = '*Mason*: *low* tide &lt;!channel&gt;'
    expect(harbour.replies).toMatchObject([{ platform: 'slack', channel: 'C1', text }])
  })

  test('carries nothing back that it brought, and nothing from other channels', async () => {
    const harbour = bench()
    const author = { ...mason, bot: true }
    await harbour.deliver({ type: 'slack.message', data: { channel: 'C1', bot_id: 'B1', text: 'echo' } })
    await harbour.deliver({ type: 'slack.message', data: { channel: 'C2', user: 'U1', text: 'elsewhere' } })
    await harbour.deliver({
      type: 'discord.MESSAGE_CREATE',
      data: { channel_id: '7', author, content: 'echo' },
    })
    await harbour.deliver({
      type: 'discord.MESSAGE_CREATE',
      data: { channel_id: '8', author: mason, content: 'elsewhere' },
    })
    expect(texts(harbour)).toEqual([])
  })
})

test.each([
  ['*bold* _slanted_ ~gone~', '**bold** _slanted_ ~~gone~~'],
  [
    '<https://example.com|a page> &amp; <https://example.com>',
    '[a page](https://example.com) & https://example.com',
  ],
  ['2*3*4', '2*3*4'],
])('what Slack writes as %s, Discord writes as %s', (mrkdwn, markdown) => {
  expect(toMarkdown(mrkdwn)).toBe(markdown)
})

test.each([
  ['**bold** _slanted_ ~~gone~~', '*bold* _slanted_ ~gone~'],
  ['[a page](https://example.com) & <@2>', '<https://example.com|a page> &amp; &lt;@2&gt;'],
])('what Discord writes as %s, Slack writes as %s', (markdown, mrkdwn) => {
  expect(toMrkdwn(markdown)).toBe(mrkdwn)
})
