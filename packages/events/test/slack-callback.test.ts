import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readSlackEventCallback } from '../src/index.ts'
import { callback, eventOf, idOf, received, rtmFrame, socket } from './sample.ts'

const message = {
  type: 'message',
  channel: 'C1',
  user: 'U1',
  text: 'hello',
  ts: '1772442000.103459',
  event_ts: '1772442000.103459',
}
const mention = { ...message, type: 'app_mention' }

describe('an Events API callback', () => {
  test('carries the inner event byte for byte, and the rest beside it', () => {
    const inner =
      '{ "type":"reaction_added","big":12345678901234567891,"item":{"channel":"C1"},"s":"\\u00e9}" }'
    const text = `{"token":"t", "event":${inner} ,"type":"event_callback","event_id":"Ev1"}`
    const reading = readSlackEventCallback(text, socket)
    expect(eventOf(reading).text.endsWith(`,"data":${inner}}`)).toBe(true)
    expect(received(reading).slackcallback).toBe('{"token":"t","type":"event_callback","event_id":"Ev1"}')
  })

  test('finds the inner event behind an escaped key', () => {
    const reading = readSlackEventCallback(
      '{"type":"event_callback","event_id":"Ev1","\\u0065vent":{"type":"emoji_changed"}}',
      socket,
    )
    expect(received(reading)).toMatchObject({ type: 'slack.emoji_changed', data: { type: 'emoji_changed' } })
  })

  test('is told from others by its event id, and its retry is the same fact', () => {
    const joined = { type: 'member_joined_channel', user: 'U1', channel: 'C1' }
    const first = idOf(callback(joined))
    expect(idOf(callback(joined, {}, { ...socket, delivery: 'retry', nonce: 'other' }))).toBe(first)
    expect(idOf(callback(joined, { event_id: 'Ev2' }))).not.toBe(first)
  })

  test('takes its time from the event, else from the callback', () => {
    expect(received(callback(message)).time).toBe('2026-03-02T09:00:00.103459Z')
    expect(received(callback({ type: 'app_uninstalled' })).time).toBe('2026-03-02T09:00:12Z')
    expect(
      received(callback({ type: 'app_mention', edited: {}, ts: '1.000001', event_ts: '1515449522000016' }))
        .time,
    ).toBe('1970-01-01T00:00:01.000001Z')
  })

  test('says how it was delivered', () => {
    expect(received(callback(message, {}, { ...socket, delivery: 'retry' })).delivery).toBe('retry')
  })

  test('typed into the composer has no conversation', () => {
    expect(
      eventOf(callback({ type: 'link_shared', channel: 'COMPOSER', user: 'U1' })).subject,
    ).toBeUndefined()
  })
})

describe('a message over two transports', () => {
  test('is one fact with one subject', () => {
    const overRtm = eventOf(rtmFrame(message))
    const overSocket = eventOf(callback(message, { event_id: 'Ev7' }))
    expect(overSocket.id).toBe(overRtm.id)
    expect(overSocket.subject).toBe(overRtm.subject)
    expect(received(callback(message)).data).toEqual(received(rtmFrame(message)).data)
  })

  test('and the mention in it are two facts', () => {
    expect(idOf(callback(mention))).not.toBe(idOf(callback(message)))
  })

  test('is remembered as long as its own transport may repeat it', () => {
    expect(eventOf(rtmFrame(message)).dedupeWindowMs).toBe(3_600_000)
    expect(eventOf(callback(message)).dedupeWindowMs).toBe(26 * 3_600_000)
  })
})

describe('a mention', () => {
  test('delivered twice is one fact', () => {
    expect(idOf(callback(mention, { event_id: 'Ev2' }))).toBe(idOf(callback(mention)))
  })

  test('that comes again because its message was edited is another fact', () => {
    const edited = { ...mention, edited: { user: 'U1', ts: '1772442003.000000' } }
    expect(idOf(callback(edited, { event_id: 'Ev2' }))).not.toBe(idOf(callback(mention)))
    expect(idOf(callback(edited, { event_id: 'Ev3' }))).not.toBe(idOf(callback(edited, { event_id: 'Ev2' })))
  })
})

describe('the conversation', () => {
  const unnamed = { authorizations: undefined }

  test('is named by the installation, not by the workspace of whoever spoke', () => {
    const guest = callback(message, { team_id: 'T9VISITOR', context_team_id: 'T06KELPBED1' })
    expect(eventOf(guest).subject).toBe('T06KELPBED1/C1')
  })

  test('is named by the installation that the callback names, where the app has several', () => {
    expect(received(callback(message, {}, { ...socket, teamId: 'T3' }))).toMatchObject({
      subject: 'T06KELPBED1/C1',
      workspace: 'T06KELPBED1',
    })
  })

  test('is named by the organisation where the app is installed on all of it', () => {
    const wide = callback(message, {
      authorizations: [{ enterprise_id: 'E1', team_id: null, is_enterprise_install: true }],
      context_team_id: 'T5',
    })
    expect(received(wide)).toMatchObject({ subject: 'E1/C1', workspace: 'T5' })
  })

  test.each([
    ['the workspace of the bot token', unnamed, { ...socket, teamId: 'T3' }, 'T3/C1'],
    ['the context', { ...unnamed, context_team_id: 'T4' }, socket, 'T4/C1'],
    ['the callback itself', { ...unnamed, team_id: 'T5' }, socket, 'T5/C1'],
    ['nothing but the channel', { ...unnamed, team_id: undefined }, socket, 'C1'],
  ])('falls back on %s', (_, outer, origin, subject) => {
    expect(eventOf(callback(message, outer, origin)).subject).toBe(subject)
  })
})

describe('a payload without an inner event', () => {
  test('is an event of its own type when Slack says it left events out', () => {
    const text =
      '{"type":"app_rate_limited","team_id":"T1","minute_rate_limited":1772442120,"api_app_id":"A1"}'
    const event = received(readSlackEventCallback(text, socket))
    expect(event).toMatchObject({
      type: 'slack.app_rate_limited',
      workspace: 'T1',
      time: '2026-03-02T09:02:00Z',
    })
    expect(event.data).toEqual(JSON.parse(text))
    expect(idOf(readSlackEventCallback(text, socket))).not.toBe(
      idOf(readSlackEventCallback(text.replace('2120', '2180'), socket)),
    )
  })

  test('is no event when Slack checks an address', () => {
    expect(readSlackEventCallback('{"type":"url_verification","challenge":"x"}', socket).kind).toBe(
      'not-event',
    )
  })

  test.each([
    ['[]', 'expected a JSON object'],
    ['{"event":{"type":"message"}}', 'expected "type" to be a word'],
    ['{"type":"event_callback"}', 'expected "event" to be an object'],
    ['{"type":"event_callback","event":[]}', 'expected "event" to be an object'],
    ['{"type":"event_callback","event":{}}', 'expected "event.type" to be a word'],
  ])('%s says in one line what is wrong', (text, problem) => {
    expect(readSlackEventCallback(text, socket)).toEqual({
      kind: 'malformed',
      problem: `Slack Events API payload (${text.length} characters): ${problem}`,
    })
  })
})

test('every callback with a typed event can be decoded, whatever else it holds', () => {
  const anything = fc.jsonValue({ maxDepth: 3 })
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), anything),
      fc.dictionary(fc.string(), anything),
      (inner, outer) => {
        const event = { ...inner, type: 'thing' }
        const reading = callback(event, { ...outer, type: 'event_callback', event })
        const { data, slackcallback = '' } = received(reading)
        expect(data).toEqual(JSON.parse(JSON.stringify(event)))
        expect(JSON.parse(slackcallback)).not.toHaveProperty('event')
      },
    ),
    { numRuns: 500 },
  )
})
