import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readDiscordDispatch } from '../src/index.ts'
import { dispatch, eventOf, idOf, received, shard } from './sample.ts'

const message = {
  id: '1477953611798413313',
  channel_id: '400',
  guild_id: '200',
  author: { id: '301' },
  timestamp: '2026-03-02T09:00:00.103000+00:00',
  content: 'hello',
}

describe('a Discord message', () => {
  test('becomes an event with every attribute that the dispatch gives', () => {
    const { data, ...attributes } = received(dispatch('MESSAGE_CREATE', message))
    expect(attributes).toEqual({
      specversion: '1.0',
      id: 'discord~1180000000000000001~message~1477953611798413313',
      source: '/discord/kelp-discord/0',
      type: 'discord.MESSAGE_CREATE',
      time: '2026-03-02T09:00:00.103000+00:00',
      subject: '400',
      datacontenttype: 'application/json',
      hfversion: 1,
      platform: 'discord',
      connection: 'kelp-discord',
      workspace: '200',
      actor: '301',
      receivedat: '2026-03-02T09:00:00.250Z',
      delivery: 'live',
    })
    expect(data).toEqual(message)
  })

  test('carries d byte for byte, big integers included', () => {
    const dataText = '{ "id":"1","nonce":9007199254740993,"content":"\\ud83c\\udf0a" }'
    const found = { type: 'MESSAGE_CREATE', sequence: 1, dataText }
    expect(eventOf(readDiscordDispatch(found, shard)).text.endsWith(`,"data":${dataText}}`)).toBe(true)
  })

  test('is one fact, live, replayed and in another session', () => {
    const again = { ...shard, delivery: 'replay', sessionId: 'another', shard: 3 } as const
    expect(idOf(dispatch('MESSAGE_CREATE', message, 99, again))).toBe(
      idOf(dispatch('MESSAGE_CREATE', message)),
    )
  })

  test('of a webhook was written by no user', () => {
    const hook = { ...message, webhook_id: '301' }
    expect(eventOf(dispatch('MESSAGE_CREATE', hook)).actor).toBeUndefined()
  })

  test('and its update are two facts', () => {
    expect(idOf(dispatch('MESSAGE_UPDATE', message))).not.toBe(idOf(dispatch('MESSAGE_CREATE', message)))
  })
})

describe('an interaction', () => {
  const pressed = {
    id: '1477953689946685443',
    channel_id: '400',
    guild_id: '200',
    member: { user: { id: '302' } },
  }

  test('is interactive, one fact in every session, and can be answered', () => {
    const event = eventOf(dispatch('INTERACTION_CREATE', pressed))
    expect(event).toMatchObject({ interactive: true, subject: '400', actor: '302' })
    expect(idOf(dispatch('INTERACTION_CREATE', pressed, 9, { ...shard, sessionId: 'another' }))).toBe(
      event.id,
    )
    expect(received(dispatch('INTERACTION_CREATE', pressed))).toMatchObject({
      replyto: 'discord/kelp-discord/1477953689946685443/payload',
      time: '2026-03-02T09:00:18.735Z',
    })
  })

  test('in a direct message names its user elsewhere', () => {
    const direct = { id: '1', channel: { id: '401' }, user: { id: '303' } }
    expect(eventOf(dispatch('INTERACTION_CREATE', direct))).toMatchObject({ subject: '401', actor: '303' })
  })
})

describe('any other dispatch', () => {
  test('is told from others by session and sequence', () => {
    const ids = [
      dispatch('TYPING_START', {}, 1),
      dispatch('TYPING_START', {}, 2),
      dispatch('TYPING_START', {}, 1, { ...shard, sessionId: 'another' }),
    ].map(idOf)
    expect(new Set(ids).size).toBe(3)
    expect(idOf(dispatch('TYPING_START', {}, 1, { ...shard, delivery: 'replay' }))).toBe(ids[0])
  })

  test('never shows the session in its id', () => {
    expect(idOf(dispatch('TYPING_START', {}))).not.toContain(shard.sessionId.slice(0, 6))
  })

  test.each([
    ['MESSAGE_REACTION_ADD', { channel_id: '400', message_id: '1' }, '400'],
    ['CHANNEL_UPDATE', { id: '400' }, '400'],
    ['CHANNEL_PINS_UPDATE', { channel_id: '400' }, '400'],
    ['THREAD_CREATE', { id: '450', parent_id: '400' }, '450'],
    ['THREAD_MEMBERS_UPDATE', { id: '450' }, '450'],
    ['VOICE_CHANNEL_STATUS_UPDATE', { id: '400' }, '400'],
    ['VOICE_STATE_UPDATE', { channel_id: null }, undefined],
    ['GUILD_MEMBER_ADD', { guild_id: '200' }, undefined],
    ['GUILD_CREATE', { id: '200' }, undefined],
    ['ENTITLEMENT_CREATE', { id: '7' }, undefined],
  ])('%s finds its conversation', (type, data, subject) => {
    expect(eventOf(dispatch(type, data)).subject).toBe(subject)
  })

  test.each([
    ['TYPING_START', { user_id: '301' }, '301'],
    ['GUILD_MEMBER_ADD', { user: { id: '301' } }, '301'],
    ['THREAD_CREATE', { owner_id: '301' }, '301'],
    ['THREAD_UPDATE', { owner_id: '301' }, undefined],
    ['GUILD_BAN_ADD', { user: { id: '301' } }, undefined],
    ['READY', { user: { id: '100' } }, undefined],
    ['INVITE_CREATE', { inviter: { id: '301' } }, '301'],
    ['MESSAGE_DELETE', { id: '1' }, undefined],
  ])('%s names who did it, or nobody', (type, data, actor) => {
    expect(eventOf(dispatch(type, data)).actor).toBe(actor)
  })

  test.each([
    [
      'MESSAGE_UPDATE',
      { edited_timestamp: '2026-03-02T09:00:30.000000+00:00' },
      '2026-03-02T09:00:30.000000+00:00',
    ],
    ['MESSAGE_UPDATE', { timestamp: '2026-03-02T09:00:00+00:00', edited_timestamp: null }, undefined],
    ['TYPING_START', { timestamp: 1_772_442_006 }, '2026-03-02T09:00:06Z'],
    ['THREAD_CREATE', { id: '1477953712029696004', newly_created: true }, '2026-03-02T09:00:24.000Z'],
    ['THREAD_CREATE', { id: '1477953712029696004' }, undefined],
    ['GUILD_MEMBER_ADD', { joined_at: 'yesterday' }, undefined],
    ['CHANNEL_CREATE', { id: 'none' }, undefined],
  ])('%s says when it happened, or nothing', (type, data, time) => {
    expect(received(dispatch(type, data)).time).toBe(time)
  })

  test.each(['GUILD_CREATE', 'GUILD_UPDATE', 'GUILD_DELETE'])(
    '%s has its own id for its workspace',
    (type) => {
      expect(received(dispatch(type, { id: '200' })).workspace).toBe('200')
    },
  )

  test('may have any JSON for its data', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        expect(received(dispatch('SOMETHING_NEW', data)).data).toEqual(JSON.parse(JSON.stringify(data)))
      }),
    )
  })
})

test.each([
  [
    { type: 'lower', dataText: '{}' },
    'Discord dispatch (2 characters): expected "t" to be a word of capitals',
  ],
  [{ type: '', dataText: '{}' }, 'Discord dispatch (2 characters): expected "t" to be a word of capitals'],
  [{ type: 'READY', dataText: '{"a"' }, 'Discord dispatch READY (4 characters): expected "d" to be JSON'],
])('%j says in one line what is wrong', (found, problem) => {
  expect(readDiscordDispatch({ sequence: 1, ...found }, shard)).toEqual({ kind: 'malformed', problem })
})
