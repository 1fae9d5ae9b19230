import { describe, expect, it } from 'vitest'
import type { ChatChange, ChatMessage } from '../src/page/feed.ts'
import { slackButtonsIn } from '../src/page/slack-buttons.ts'
import { FeedReader } from './feed-reader.ts'
import { setStage } from './stage.ts'

/** A stage with an open page; `seen` is what the page is told next of messages. */
async function withPage() {
  const stage = await setStage()
  const page = new FeedReader(`${stage.at.url}/page/feed`)
  await page.next('hello')
  const changes = async (): Promise<readonly ChatChange[]> => {
    stage.clock.advance(60)
    return page.next('chat')
  }
  const seen = async (): Promise<ChatMessage[]> =>
    (await changes()).flatMap((change) => (change.what === 'message' ? [change.message] : []))
  return { ...stage, page, changes, seen }
}

describe('a Slack message on the page', () => {
  it('of the bot shows its buttons, and its edit', async () => {
    const { slack, seen, slackBot, slackChannel: channel } = await withPage()
    const text = { type: 'plain_text', text: 'Show the tide' }
    const blocks = [
      { type: 'actions', elements: [{ type: 'button', action_id: 'tide', text, style: 'primary' }] },
    ]
    const { ts } = await slack('chat.postMessage', { channel, text: 'hello', blocks })
    const [message] = await seen()
    const author = { id: slackBot.userId, name: 'otter', bot: true }
    const buttons = [{ customId: 'tide', label: 'Show the tide', style: 'primary' }]
    expect(message).toMatchObject({ platform: 'slack', channel, id: ts, author, buttons, edited: false })
    expect(message).not.toHaveProperty('reach')
    await slack('chat.update', { channel, ts, text: 'hello again' })
    expect(await seen()).toMatchObject([{ id: ts, text: 'hello again', edited: true, buttons }])
  })

  it('is gone when the bot deletes it', async () => {
    const { slack, changes, slackChannel: channel } = await withPage()
    const { ts: id } = await slack('chat.postMessage', { channel, text: 'hello' })
    await changes()
    await slack('chat.delete', { channel, ts: id })
    expect(await changes()).toEqual([{ what: 'deleted', platform: 'slack', channel, id }])
  })

  it('in a thread says so, and whether it shows in the channel too', async () => {
    const { slack, simulator, changes, seen, slackChannel: channel } = await withPage()
    const { ts: thread } = simulator.slack.say({ channel, user: 'U1', text: 'parent' })
    await changes()
    simulator.slack.say({ channel, user: 'U1', text: 'reply', threadTs: thread })
    expect(await changes()).toMatchObject([
      { what: 'thread', thread: { platform: 'slack', channel, id: thread } },
      { what: 'message', message: { thread, text: 'reply' } },
    ])
    await slack('chat.postMessage', { channel, text: 'loud', thread_ts: thread, reply_broadcast: true })
    expect(await seen()).toMatchObject([{ thread, text: 'loud', alsoInChannel: true }])
  })

  it('shows reactions, and whether the one that looks on is among them', async () => {
    const { slack, simulator, at, seen, slackChannel: channel } = await withPage()
    const { ts } = simulator.slack.say({ channel, user: 'U9', text: 'look' })
    simulator.slack.react(channel, at.slack.users[0]?.id ?? '', ts, 'wave')
    await slack('reactions.add', { channel, timestamp: ts, name: 'eyes' })
    const reactions = [
      { name: 'wave', count: 1, mine: true },
      { name: 'eyes', count: 1, mine: false },
    ]
    expect(await seen()).toMatchObject([{ author: { id: 'U9', name: 'U9', bot: false }, reactions }])
  })

  it.each([
    [undefined, []],
    ['text', []],
    [[null, { type: 'divider' }, { type: 'actions' }], []],
    [[{ type: 'actions', elements: [{ type: 'button', url: 'https://x', text: { text: 'Out' } }] }], []],
    [
      [{ type: 'section', accessory: { type: 'button', text: { text: 'Go' }, style: 'danger' } }],
      [{ customId: 'Go', label: 'Go', style: 'danger' }],
    ],
  ])('finds in the blocks %j the buttons %j', (blocks, buttons) => {
    expect(slackButtonsIn(blocks)).toEqual(buttons)
  })
})

describe('a Discord message on the page', () => {
  it('of the bot shows its buttons and what it quotes', async () => {
    const { discord, simulator, seen, discordChannel: channel } = await withPage()
    const { message } = simulator.discord.say({ channel, user: '42', text: 'when?' })
    const components = [
      {
        type: 1,
        components: [
          { type: 2, style: 4, label: 'Stop', custom_id: 'stop' },
          { type: 2, style: 5, label: 'Read', url: 'https://x' },
        ],
      },
    ]
    const message_reference = { message_id: message.id }
    await discord('POST', `/channels/${channel}/messages`, {
      content: 'at six',
      components,
      message_reference,
    })
    expect(await seen()).toMatchObject([
      { text: 'when?', author: { id: '42' }, reach: 'missed' },
      { text: 'at six', quotes: message.id, buttons: [{ customId: 'stop', label: 'Stop', style: 'danger' }] },
    ])
  })

  it('was kept for the bot when its session waits for a resume', async () => {
    const { ready, simulator, discordChannel: channel, seen } = await withPage()
    const { wire } = await ready()
    const closed = simulator.record.until((entry) => entry.kind === 'socket' && entry.what === 'closed')
    wire.ws.terminate()
    await closed
    simulator.discord.say({ channel, user: '42', text: 'are you there?' })
    expect(await seen()).toMatchObject([{ reach: 'kept' }])
  })

  it('answers a command: the page is told that it waits, what answers it, and that it is answered', async () => {
    const { discord, simulator, changes, seen, discordBot, discordChannel: channel } = await withPage()
    const deed = { command: 'tide' }
    const asked = simulator.discord.interact({ bot: discordBot.userId, channel, user: '42', deed })
    expect(await changes()).toMatchObject([
      { interaction: { id: asked.id, what: '/tide', state: 'waiting' } },
    ])
    const path = `/interactions/${asked.id}/${asked.token}/callback`
    await discord('POST', path, { type: 4, data: { content: 'at six', flags: 64 } })
    expect(await changes()).toMatchObject([
      { message: { text: 'at six', interaction: { user: '42', what: '/tide' } } },
      { interaction: { id: asked.id, state: 'answered' } },
    ])
    const webhook = `/webhooks/${discordBot.applicationId}/${asked.token}/messages/@original`
    await discord('PATCH', webhook, { content: 'at seven' })
    expect(await seen()).toMatchObject([{ text: 'at seven', edited: true }])
  })

  it('never comes when nobody answers: the page is told that the interaction failed', async () => {
    const { simulator, clock, changes, page, discordBot, discordChannel: channel } = await withPage()
    const deed = { command: 'tide' }
    simulator.discord.interact({ bot: discordBot.userId, channel, user: '42', deed })
    await changes()
    clock.advance(3_001)
    clock.advance(60)
    expect(await page.next('chat')).toMatchObject([{ interaction: { state: 'failed' } }])
  })

  it('in a thread stands with the channel of the thread', async () => {
    const { simulator, changes, discordChannel: channel } = await withPage()
    const { id: thread } = simulator.discord.say({ channel, user: '42', text: 'when?' }).message
    simulator.discord.startThread({ channel, user: '42', message: thread, name: 'tides' })
    simulator.discord.say({ channel: thread, user: '42', text: 'in here' })
    expect(await changes()).toMatchObject([
      { message: { id: thread, channel } },
      { what: 'thread', thread: { channel, id: thread, name: 'tides' } },
      { message: { channel, thread, text: 'in here' } },
    ])
  })
})
