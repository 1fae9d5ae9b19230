import { describe, expect, test } from 'vitest'
import { readDiscordHistoryMessage, readSlackHistoryMessage, type SlackHistoryOrigin } from '../src/index.ts'
import { callback, dispatch, eventOf, idOf, received, rtm, rtmFrame, shard } from './sample.ts'

const inChannel: SlackHistoryOrigin = { ...rtm, channel: 'C1' }
const posted = { type: 'message', user: 'U1', text: 'hello', ts: '1772442000.103459' }
const slack = (message: object, origin = inChannel) =>
  readSlackHistoryMessage(JSON.stringify(message), origin)

describe('a Slack message from history', () => {
  test('is the fact that RTM and the Events API would have delivered', () => {
    const live = { ...posted, channel: 'C1', event_ts: posted.ts }
    expect(idOf(slack(posted))).toBe(idOf(rtmFrame(live)))
    expect(idOf(slack(posted))).toBe(idOf(callback(live)))
    expect(eventOf(slack(posted)).subject).toBe(eventOf(rtmFrame(live)).subject)
  })

  test('has the channel that history leaves out, and is otherwise byte for byte', () => {
    const text = '{"type":"message","ts":"1.000002","big":12345678901234567891}'
    expect(
      eventOf(readSlackHistoryMessage(text, inChannel)).text.endsWith(
        '"data":{"channel":"C1","type":"message","ts":"1.000002","big":12345678901234567891}}',
      ),
    ).toBe(true)
  })

  test('is marked as filled in, and remembered as long as Slack may still deliver it', () => {
    expect(eventOf(slack(posted))).toMatchObject({ delivery: 'backfill', dedupeWindowMs: 26 * 3_600_000 })
  })

  test('stays the post after it was edited', () => {
    expect(idOf(slack({ ...posted, edited: { user: 'U1', ts: '1772442030.000000' } }))).toBe(
      idOf(slack(posted)),
    )
  })

  test('of an app on a whole organisation is the fact that its events name', () => {
    const live = callback(
      { ...posted, channel: 'C1' },
      { authorizations: [{ enterprise_id: 'E1', team_id: null, is_enterprise_install: true }] },
    )
    expect(idOf(slack(posted, { ...inChannel, organisationId: 'E1' }))).toBe(idOf(live))
  })

  test.each(['[]', '{"type":"message"}', '{"ts":"1.2"}'])('%s is malformed', (text) => {
    expect(readSlackHistoryMessage(text, inChannel).kind).toBe('malformed')
  })
})

describe('a Discord message from history', () => {
  const message = { id: '1477953611798413313', channel_id: '400', author: { id: '301' }, content: 'hello' }
  const read = (text: string, guildId?: string) => readDiscordHistoryMessage(text, { ...shard, guildId })

  test('is the fact that the session would have delivered', () => {
    const live = dispatch('MESSAGE_CREATE', { ...message, guild_id: '200' })
    const filled = read(JSON.stringify(message), '200')
    expect(idOf(filled)).toBe(idOf(live))
    expect(received(filled)).toMatchObject({
      type: 'discord.MESSAGE_CREATE',
      delivery: 'backfill',
      subject: '400',
      workspace: '200',
      actor: '301',
      data: { guild_id: '200' },
    })
  })

  test('of a direct message has no guild, and stands byte for byte', () => {
    const text = '{ "id":"1","nonce":9007199254740993 }'
    expect(eventOf(read(text)).text.endsWith(`"data":${text}}`)).toBe(true)
    expect(received(read(text))).not.toHaveProperty('workspace')
  })

  test.each(['', '[]', '{"id":1}'])('%j is malformed', (text) => {
    expect(read(text).kind).toBe('malformed')
  })
})
