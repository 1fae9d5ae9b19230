import { describe, expect, it } from 'vitest'
import { makeSlackWorkspace } from '../src/index.ts'
import { setStage } from './stage.ts'
import type { Frame } from './wire.ts'

const textsOf = ({ messages }: Frame) => (messages as Frame[]).map(({ text }) => text)

/** A stage whose channel holds the texts 1…count, oldest first. */
async function withHistory(count: number) {
  const stage = await setStage()
  const say = (text: string) =>
    stage.simulator.slack.say({ channel: stage.slackChannel, user: 'U1', text }).ts
  const stamps = Array.from({ length: count }, (_, index) => say(String(index + 1)))
  const history = (args: Frame = {}) =>
    stage.slack('conversations.history', { channel: stage.slackChannel, ...args })
  return { ...stage, stamps, history }
}

describe('Web API: identity', () => {
  it.each([
    ['no token', undefined, 'not_authed'],
    ['a wrong token', 'Bearer xoxb-wrong', 'invalid_auth'],
  ])('answers %s with its error and HTTP 200', async (_, authorization, error) => {
    const { at } = await setStage()
    const headers = authorization ? { authorization } : {}
    const response = await fetch(`${at.slackApiUrl}auth.test`, { method: 'POST', headers })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ ok: false, error })
  })

  it('takes the token from the form as well as from the header', async () => {
    const { at, slackBot } = await setStage()
    const body = new URLSearchParams({ token: slackBot.token })
    const response = await fetch(`${at.slackApiUrl}auth.test`, { method: 'POST', body })
    expect(await response.json()).toMatchObject({
      ok: true,
      user_id: slackBot.userId,
      bot_id: slackBot.botId,
      team_id: slackBot.teamId,
    })
  })

  it('tells the app of a bot, and users of both kinds', async () => {
    const { slack, slackBot, at } = await setStage()
    const bot = { id: slackBot.botId, app_id: slackBot.appId, user_id: slackBot.userId }
    expect(await slack('bots.info', { bot: slackBot.botId })).toMatchObject({ ok: true, bot })
    expect(await slack('bots.info', { bot: 'B0' })).toEqual({ ok: false, error: 'bot_not_found' })
    const user = at.slack.users[0]
    expect(await slack('users.info', { user: user?.id })).toMatchObject({
      user: { name: user?.name, is_bot: false },
    })
    expect(await slack('users.info', { user: slackBot.userId })).toMatchObject({ user: { is_bot: true } })
    expect(await slack('users.info', { user: 'U0' })).toEqual({ ok: false, error: 'user_not_found' })
  })

  it('answers an unknown method with unknown_method', async () => {
    expect(await (await setStage()).slack('no.such')).toMatchObject({ ok: false, error: 'unknown_method' })
  })

  it('takes bot tokens and app-level tokens each for its own methods', async () => {
    const { slack, slackBot } = await setStage()
    const wrongType = { ok: false, error: 'not_allowed_token_type' }
    expect(await slack('apps.connections.open', {}, slackBot.token)).toEqual(wrongType)
    expect(await slack('auth.test', {}, slackBot.appToken)).toEqual(wrongType)
    expect(await slack('apps.connections.open', {}, 'xapp-unknown')).toMatchObject({ error: 'invalid_auth' })
  })
})

describe('Web API: posting', () => {
  it('posts, records the post and answers the message', async () => {
    const { slack, slackBot, slackChannel, simulator } = await setStage()
    const answer = await slack('chat.postMessage', {
      channel: slackChannel,
      text: 'hi',
      thread_ts: '1.000001',
    })
    const message = {
      type: 'message',
      text: 'hi',
      bot_id: slackBot.botId,
      thread_ts: '1.000001',
      ts: answer.ts,
    }
    expect(answer).toMatchObject({ ok: true, channel: slackChannel, message })
    expect(simulator.record.of('post')).toMatchObject([
      { bot: slackBot.userId, method: 'chat.postMessage', id: answer.ts, text: 'hi', outcome: 'created' },
    ])
  })

  it('posts as the bot user with as_user', async () => {
    const { slack, slackBot, slackChannel } = await setStage()
    const { message } = await slack('chat.postMessage', { channel: slackChannel, text: 'hi', as_user: true })
    expect(message).toMatchObject({ user: slackBot.userId, bot_id: slackBot.botId })
    expect(message).not.toHaveProperty('subtype')
  })

  it.each([
    ['channel_not_found', { channel: 'C0', text: 'x' }],
    ['no_text', { text: '' }],
    ['invalid_blocks_format', { blocks: 'not json' }],
    ['invalid_metadata_format', { text: 'x', metadata: '{' }],
    ['invalid_metadata_schema', { text: 'x', metadata: { event_type: 1 } }],
  ])('refuses with %s', async (error, args) => {
    const { slack, slackChannel, simulator } = await setStage()
    expect(await slack('chat.postMessage', { channel: slackChannel, ...args })).toEqual({ ok: false, error })
    expect(simulator.record.of('refusal')).toMatchObject([{ error, status: 200 }])
  })

  it('refuses with not_in_channel where the bot is no member, and gives it no events from there', async () => {
    const workspace = makeSlackWorkspace()
    const channels = [{ id: 'C0PRIVATE', name: 'private', members: ['U1'] }]
    const { slack, simulator } = await setStage({ slack: { workspaces: [{ ...workspace, channels }] } })
    const args = { channel: 'C0PRIVATE', text: 'x' }
    expect(await slack('chat.postMessage', args)).toEqual({ ok: false, error: 'not_in_channel' })
    expect(simulator.slack.say({ channel: 'C0PRIVATE', user: 'U1', text: 'x' }).deliveredTo).toEqual([])
  })

  it('keeps workspaces apart', async () => {
    const workspaces = [makeSlackWorkspace({ number: 1 }), makeSlackWorkspace({ number: 2 })]
    const { slack, at } = await setStage({ slack: { workspaces } })
    const foreign = at.slack.channels.find(({ teamId }) => teamId === workspaces[1]?.id)?.id
    const refused = { ok: false, error: 'channel_not_found' }
    expect(await slack('chat.postMessage', { channel: foreign, text: 'x' })).toEqual(refused)
    const token = workspaces[1]?.bots[0]?.token
    expect(await slack('chat.postMessage', { channel: foreign, text: 'x' }, token)).toMatchObject({
      ok: true,
    })
  })

  it('truncates a text beyond 40,000 characters and refuses an update beyond 4,000', async () => {
    const { slack, slackChannel: channel } = await setStage()
    const { message, ts } = await slack('chat.postMessage', { channel, text: 'x'.repeat(40_001) })
    expect(message).toMatchObject({ text: 'x'.repeat(40_000) })
    const update = await slack('chat.update', { channel, ts, text: 'x'.repeat(4_001) })
    expect(update).toEqual({ ok: false, error: 'msg_too_long' })
  })

  it('limits posting to one a second per channel, other channels unaffected', async () => {
    const { slack, at, clock } = await setStage()
    const postTo = (index: number) =>
      slack('chat.postMessage', { channel: at.slack.channels[index]?.id, text: 'x' })
    expect(await postTo(0)).toMatchObject({ ok: true })
    expect(await postTo(0)).toEqual({ ok: false, error: 'ratelimited' })
    expect(await postTo(1)).toMatchObject({ ok: true })
    clock.advance(1_000)
    expect(await postTo(0)).toMatchObject({ ok: true })
  })

  it('does not limit posting with the limits of a demo', async () => {
    const { slack, slackChannel: channel } = await setStage({ limits: 'demo' })
    for (let n = 0; n < 20; n++)
      expect(await slack('chat.postMessage', { channel, text: 'x' })).toMatchObject({ ok: true })
  })

  it('edits own messages only, and shows the change', async () => {
    const { slack, rtm, at, slackChannel: channel } = await setStage()
    const { ts } = await slack('chat.postMessage', { channel, text: 'before' })
    const wire = await rtm()
    expect(await slack('chat.update', { channel, ts, text: 'after' })).toMatchObject({
      ok: true,
      ts,
      text: 'after',
    })
    expect(await wire.next({ subtype: 'message_changed' })).toMatchObject({
      type: 'message',
      channel,
      message: { ts, text: 'after' },
      previous_message: { ts, text: 'before' },
    })
    const foreign = await slack('chat.update', { channel, ts, text: 'x' }, at.slack.bots[1]?.token)
    expect(foreign).toEqual({ ok: false, error: 'cant_update_message' })
  })

  it('deletes own messages, and shows that', async () => {
    const { slack, rtm, slackChannel: channel } = await setStage()
    const { ts } = await slack('chat.postMessage', { channel, text: 'x' })
    const wire = await rtm()
    await slack('chat.delete', { channel, ts })
    expect(await wire.next({ subtype: 'message_deleted' })).toMatchObject({ deleted_ts: ts })
    expect(textsOf(await slack('conversations.history', { channel }))).toEqual([])
  })

  it('adds a reaction once, and shows it', async () => {
    const { slack, rtm, slackBot, slackChannel: channel } = await setStage()
    const { ts: timestamp } = await slack('chat.postMessage', { channel, text: 'x' })
    const wire = await rtm()
    const react = () => slack('reactions.add', { channel, timestamp, name: 'wave' })
    expect(await react()).toEqual({ ok: true })
    expect(await wire.next({ type: 'reaction_added' })).toMatchObject({
      user: slackBot.userId,
      reaction: 'wave',
      item: { type: 'message', channel, ts: timestamp },
      event_ts: expect.any(String),
    })
    expect(await react()).toEqual({ ok: false, error: 'already_reacted' })
  })
})

describe('Web API: reactions and threads of people', () => {
  it('shows reactions of people and bots together, in threads too', async () => {
    const { slack, simulator, slackBot, slackChannel: channel } = await setStage()
    const { ts: threadTs } = simulator.slack.say({ channel, user: 'U1', text: 'parent' })
    const { ts } = simulator.slack.say({ channel, user: 'U1', text: 'reply', threadTs })
    simulator.slack.react(channel, 'U2', ts, 'wave')
    await slack('reactions.add', { channel, timestamp: ts, name: 'wave' })
    const users = ['U2', slackBot.userId]
    const { messages } = await slack('conversations.replies', { channel, ts: threadTs })
    expect(messages).toMatchObject([{}, { reactions: [{ name: 'wave', users, count: 2 }] }])
    expect(() => simulator.slack.react(channel, 'U2', ts, 'wave')).toThrow(/^U2 has already reacted/)
    const events = simulator.record.of('event').filter(({ type }) => type === 'reaction_added')
    expect(events).toMatchObject([
      { user: 'U2', name: 'wave', message: ts },
      { user: slackBot.userId, name: 'wave', message: ts },
    ])
    expect(simulator.record.of('post')).toMatchObject([{ outcome: 'reacted', name: 'wave', id: ts }])
  })

  it('shows a reply in the channel too when the bot broadcasts it', async () => {
    const { slack, simulator, clock, slackChannel: channel } = await setStage()
    const { ts: thread_ts } = simulator.slack.say({ channel, user: 'U1', text: 'parent' })
    await slack('chat.postMessage', { channel, text: 'quiet', thread_ts })
    clock.advance(1_000)
    await slack('chat.postMessage', { channel, text: 'loud', thread_ts, reply_broadcast: true })
    const { messages } = await slack('conversations.history', { channel })
    const loud = { text: 'loud', subtype: 'thread_broadcast', thread_ts, root: { text: 'parent' } }
    expect(messages).toMatchObject([loud, { text: 'parent', reply_count: 2 }])
    expect(textsOf(await slack('conversations.replies', { channel, ts: thread_ts }))).toHaveLength(3)
  })
})

describe('Web API: history', () => {
  it('pages backwards with a cursor, newest first', async () => {
    const { history } = await withHistory(5)
    const one = await history({ limit: 2 })
    expect([textsOf(one), one.has_more]).toEqual([['5', '4'], true])
    const next = ({ response_metadata }: Frame) => (response_metadata as Frame).next_cursor
    const two = await history({ limit: 2, cursor: next(one) })
    expect([textsOf(two), two.has_more]).toEqual([['3', '2'], true])
    const three = await history({ limit: 2, cursor: next(two) })
    expect([textsOf(three), three.has_more, three.response_metadata]).toEqual([['1'], false, undefined])
  })

  it('takes a stretch of time, its ends excluded unless inclusive', async () => {
    const { history, stamps } = await withHistory(5)
    const stretch = { oldest: stamps[1], latest: stamps[3] }
    expect(textsOf(await history(stretch))).toEqual(['3'])
    expect(textsOf(await history({ ...stretch, inclusive: true }))).toEqual(['4', '3', '2'])
    expect(textsOf(await history({ oldest: '0' }))).toHaveLength(5)
  })

  it('refuses a cursor it did not give', async () => {
    const { history } = await withHistory(1)
    expect(await history({ cursor: 'bm9uc2Vuc2U=' })).toEqual({ ok: false, error: 'invalid_cursor' })
  })

  it('shows metadata only when all of it is asked for', async () => {
    const { slack, history, slackChannel: channel } = await withHistory(0)
    const metadata = { event_type: 'holdfast', event_payload: { step: 'one' } }
    await slack('chat.postMessage', { channel, text: 'x', metadata: JSON.stringify(metadata) })
    const first = async (args: Frame) => ((await history(args)).messages as Frame[])[0]
    expect(await first({})).not.toHaveProperty('metadata')
    expect(await first({ include_all_metadata: true })).toMatchObject({ metadata })
  })

  it('keeps replies out of history; replies come with their parent, oldest first', async () => {
    const { slack, history, simulator, stamps, slackChannel: channel } = await withHistory(1)
    const threadTs = String(stamps[0])
    for (const text of ['a', 'b', 'c']) simulator.slack.say({ channel, user: 'U1', text, threadTs })
    expect(textsOf(await history())).toEqual(['1'])
    const one = await slack('conversations.replies', { channel, ts: threadTs, limit: 2 })
    expect([textsOf(one), one.has_more]).toEqual([['1', 'a', 'b'], true])
    expect((one.messages as Frame[])[0]).toMatchObject({ reply_count: 3, thread_ts: threadTs })
    const { next_cursor: cursor } = one.response_metadata as Frame
    const two = await slack('conversations.replies', { channel, ts: threadTs, limit: 2, cursor })
    expect([textsOf(two), two.has_more]).toEqual([['1', 'c'], false])
    const missing = await slack('conversations.replies', { channel, ts: '1.000001' })
    expect(missing).toEqual({ ok: false, error: 'thread_not_found' })
  })

  it('lists channels by pages and tells one by its id', async () => {
    const { slack, at } = await setStage({ slack: { workspaces: [makeSlackWorkspace({ channels: 3 })] } })
    const one = await slack('conversations.list', { limit: 2 })
    const { next_cursor: cursor } = one.response_metadata as Frame
    const two = await slack('conversations.list', { limit: 2, cursor })
    const ids = [...(one.channels as Frame[]), ...(two.channels as Frame[])].map(({ id }) => id)
    expect(ids).toEqual(at.slack.channels.map(({ id }) => id))
    expect(two.response_metadata).toEqual({ next_cursor: '' })
    const info = await slack('conversations.info', { channel: ids[0] })
    expect(info).toMatchObject({ ok: true, channel: { id: ids[0], is_member: true } })
  })
})
