import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readSlackRtmFrame } from '../src/index.ts'
import { eventOf, idOf, received, rtm, rtmFrame } from './sample.ts'

const posted = {
  type: 'message',
  channel: 'C1',
  user: 'U1',
  text: 'hello',
  ts: '1772442000.103459',
  event_ts: '1772442000.103459',
}

describe('an RTM message', () => {
  test('becomes an event with every attribute that the frame gives', () => {
    const { data, ...attributes } = received(rtmFrame(posted))
    expect(attributes).toEqual({
      specversion: '1.0',
      id: 'slack~A06HOLDAPP1~message~T06KELPBED1~C1~1772442000.103459',
      source: '/slack/kelp-rtm',
      type: 'slack.message',
      time: '2026-03-02T09:00:00.103459Z',
      subject: 'T06KELPBED1/C1',
      datacontenttype: 'application/json',
      hfversion: 1,
      platform: 'slack',
      connection: 'kelp-rtm',
      workspace: 'T06KELPBED1',
      actor: 'U1',
      receivedat: '2026-03-02T09:00:00.250Z',
      delivery: 'live',
    })
    expect(data).toEqual(posted)
  })

  test('carries the frame byte for byte, big integers and odd spacing included', () => {
    const text =
      '{ "type":"message",\t"channel":"C1","ts":"1.000002","big":12345678901234567891,"text":"\\u00e9" }'
    expect(eventOf(readSlackRtmFrame(text, rtm)).text.endsWith(`,"data":${text}}`)).toBe(true)
  })

  test('tells the queue what it needs without being parsed again', () => {
    expect(rtmFrame(posted)).toMatchObject({
      kind: 'event',
      event: { subject: 'T06KELPBED1/C1', actor: 'U1', delivery: 'live', interactive: false },
    })
  })

  test.each(['bot_message', 'file_share', 'thread_broadcast', 'me_message', 'channel_topic'])(
    'of subtype %s is a post, known by its ts alone',
    (subtype) => {
      expect(idOf(rtmFrame({ ...posted, subtype, event_ts: '1772442999.000001' }))).toBe(
        idOf(rtmFrame(posted)),
      )
    },
  )

  test.each(['message_changed', 'message_deleted', 'message_replied'])(
    'of subtype %s is another fact, though it may name the ts of the post',
    (subtype) => {
      const about = rtmFrame({ ...posted, subtype, deleted_ts: posted.ts })
      expect(idOf(about)).not.toBe(idOf(rtmFrame(posted)))
      expect(eventOf(about).type).toBe('slack.message')
      expect(eventOf(about).subject).toBe('T06KELPBED1/C1')
    },
  )

  test('has another identity in another channel, workspace or app', () => {
    const ids = [
      rtmFrame(posted),
      rtmFrame({ ...posted, channel: 'C2' }),
      rtmFrame(posted, { ...rtm, teamId: 'T2' }),
      rtmFrame(posted, { ...rtm, bot: 'A2' }),
    ].map(idOf)
    expect(new Set(ids).size).toBe(4)
  })

  test('seen by two sockets of one connection has one identity', () => {
    expect(idOf(rtmFrame(posted, { ...rtm, nonce: 'other', receivedAt: rtm.receivedAt + 900 }))).toBe(
      idOf(rtmFrame(posted)),
    )
  })
})

describe('an RTM frame that is no message', () => {
  const reaction = {
    type: 'reaction_added',
    user: 'U1',
    reaction: 'ocean',
    item: { type: 'message', channel: 'C1', ts: '1772442000.103459' },
    event_ts: '1772442041.000300',
  }

  test.each([
    ['reaction', { reaction: 'wave' }],
    ['user', { user: 'U2' }],
    ['message', { item: { type: 'message', channel: 'C1', ts: '1772442000.999999' } }],
    ['channel', { item: { type: 'message', channel: 'C2', ts: '1772442000.103459' } }],
    ['instant', { event_ts: '1772442041.000301' }],
    ['type', { type: 'reaction_removed' }],
  ])('differs by its %s', (_, change) => {
    expect(idOf(rtmFrame({ ...reaction, ...change }))).not.toBe(idOf(rtmFrame(reaction)))
  })

  test.each([
    ['message', (id: string) => ({ item: { message: { ts: id } } })],
    ['starred file', (id: string) => ({ item: { file: id } })],
    ['pinned file', (id: string) => ({ item: { file: { id } } })],
    ['changed message', (id: string) => ({ message: { ts: id } })],
    ['deleted message', (id: string) => ({ deleted_ts: id })],
    ['shared file', (id: string) => ({ file_id: id })],
    ['file', (id: string) => ({ file: { id } })],
    ['user group', (id: string) => ({ subteam: { id } })],
    ['own user group', (id: string) => ({ subteam_id: id })],
    ['bot', (id: string) => ({ bot: { id } })],
    ['app', (id: string) => ({ app: { id } })],
    ['app by id', (id: string) => ({ app_id: id })],
  ])('of the same instant differs by its %s', (_, about) => {
    const [one, other] = ['X1', 'X2'].map((id) =>
      idOf(rtmFrame({ type: 'thing', event_ts: '1.2', ...about(id) })),
    )
    expect(one).not.toBe(other)
  })

  test('happened when it was dispatched, and a post when it was posted', () => {
    const stamps = { channel: 'C1', ts: '1772442000.000100', event_ts: '1772442030.000200' }
    const edited = { type: 'message', subtype: 'message_changed', ...stamps }
    expect(received(rtmFrame(edited)).time).toBe('2026-03-02T09:00:30.000200Z')
    expect(received(rtmFrame({ type: 'message', ...stamps })).time).toBe('2026-03-02T09:00:00.000100Z')
  })

  test.each([
    ['channel', { channel: 'C1' }],
    ['channel.id', { channel: { id: 'C1' } }],
    ['channel_id', { channel_id: 'C1' }],
    ['item.channel', { item: { channel: 'C1' } }],
  ])('finds its conversation in %s', (_, place) => {
    expect(eventOf(rtmFrame({ type: 'thing', event_ts: '1.2', ...place })).subject).toBe('T06KELPBED1/C1')
  })

  test.each([
    ['user', { user: 'U1' }, 'U1'],
    ['user.id', { user: { id: 'U1' } }, 'U1'],
    ['user_id', { user_id: 'U1' }, 'U1'],
    ['actor_id', { actor_id: 'U1' }, 'U1'],
    [
      'the editor',
      { type: 'message', subtype: 'message_changed', message: { user: 'U2', edited: { user: 'U1' } } },
      'U1',
    ],
    [
      'the author of what was changed by itself',
      { type: 'message', subtype: 'message_changed', message: { user: 'U2' } },
      'U2',
    ],
    ['the creator of a channel', { type: 'channel_created', channel: { id: 'C1', creator: 'U1' } }, 'U1'],
    [
      'nobody for a deletion',
      { type: 'message', subtype: 'message_deleted', previous_message: { user: 'U2' } },
      undefined,
    ],
  ])('finds its actor: %s', (_, place, actor) => {
    expect(eventOf(rtmFrame({ type: 'thing', event_ts: '1.2', ...place })).actor).toBe(actor)
  })

  test('without a conversation has no subject', () => {
    const event = received(rtmFrame({ type: 'team_join', user: { id: 'U1' }, event_ts: '1772442000.000100' }))
    expect(event).not.toHaveProperty('subject')
  })

  test('without a stamp is ephemeral, and only its nonce identifies it', () => {
    const typing = { type: 'user_typing', channel: 'C1', user: 'U1' }
    const reading = rtmFrame(typing)
    expect(reading.kind).toBe('ephemeral')
    expect(idOf(rtmFrame(typing, { ...rtm, nonce: 'f-9' }))).not.toBe(idOf(reading))
    expect(received(reading)).toMatchObject({
      type: 'slack.user_typing',
      subject: 'T06KELPBED1/C1',
      actor: 'U1',
    })
    expect(received(reading)).not.toHaveProperty('time')
  })
})

describe('an RTM frame about the socket', () => {
  test.each([
    { type: 'hello' },
    { type: 'goodbye' },
    { type: 'pong', reply_to: 4 },
    { type: 'reconnect_url', url: 'wss://example' },
    { type: 'error', error: { code: 1, msg: 'Socket URL has expired' } },
    { type: 'team_migration_started' },
    { ok: true, reply_to: 1, ts: '1.2', text: 'x' },
    { ok: false, reply_to: 1, error: { code: 2, msg: 'message text is missing' } },
    { type: 'message', reply_to: 1, channel: 'C1', ts: '1.2' },
  ])('is no event: %j', (frame) => {
    expect(rtmFrame(frame).kind).toBe('not-event')
  })
})

describe('a frame that can not be read', () => {
  test.each([
    ['', 'expected a JSON object'],
    ['{"type":"message"', 'expected a JSON object'],
    ['[]', 'expected a JSON object'],
    ['null', 'expected a JSON object'],
    ['{}', 'expected "type" to be a word'],
    ['{"type":7}', 'expected "type" to be a word'],
    ['{"type":"two words"}', 'expected "type" to be a word'],
    ['{"type":"a..b"}', 'expected "type" to be a word'],
  ])('%j says in one line what is wrong', (text, problem) => {
    expect(readSlackRtmFrame(text, rtm)).toEqual({
      kind: 'malformed',
      problem: `Slack RTM frame (${text.length} characters): ${problem}`,
    })
  })

  test('never shows what it held', () => {
    const reading = readSlackRtmFrame('{"type":"message","text":"private"', rtm)
    expect(JSON.stringify(reading)).not.toContain('private')
  })

  test('never makes the reader throw, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(['event', 'ephemeral', 'not-event', 'malformed']).toContain(readSlackRtmFrame(text, rtm).kind)
      }),
    )
  })
})

test('every event that is read can be decoded, whatever the fields hold', () => {
  const anything = fc.oneof(fc.string(), fc.stringMatching(/^[\w.]{1,12}$/), fc.jsonValue({ maxDepth: 2 }))
  const fields = ['type', 'subtype', 'channel', 'user', 'ts', 'event_ts', 'item', 'message', 'channel_id']
  fc.assert(
    fc.property(fc.record(Object.fromEntries(fields.map((field) => [field, anything]))), (frame) => {
      const reading = rtmFrame({ ...frame })
      if (reading.kind === 'event' || reading.kind === 'ephemeral')
        expect(received(reading).data).toEqual(JSON.parse(JSON.stringify(frame)))
    }),
    { numRuns: 1_000 },
  )
})
