import { describe, expect, test } from 'vitest'
import { decodeEvent, type EventAttributes, encodeEvent } from '../src/index.ts'

const attributes: EventAttributes = {
  specversion: '1.0',
  id: 'slack~A1~message~T1~C1~1.2',
  source: '/slack/kelp',
  type: 'slack.message',
  datacontenttype: 'application/json',
  hfversion: 1,
  platform: 'slack',
  connection: 'kelp',
  receivedat: '2026-03-02T09:00:00.250Z',
  delivery: 'live',
}
const event = { ...attributes, data: { type: 'message' } }

function problemWith(change: object): string {
  const decoded = decodeEvent({ ...event, ...change })
  return decoded.ok ? 'none' : decoded.problem
}

describe('encodeEvent', () => {
  test('puts the payload in as it stands', () => {
    const dataText = '{"n": 12345678901234567891, "n": 1.0, "s":"\\u00e9"}'
    const text = encodeEvent(attributes, dataText)
    expect(text.endsWith(`"data":${dataText}}`)).toBe(true)
    expect(JSON.parse(text)).toEqual({ ...attributes, data: JSON.parse(dataText) })
  })
})

describe('decodeEvent', () => {
  test('reads the object that a queue parsed, and the text itself', () => {
    expect(decodeEvent(event)).toEqual({ ok: true, event })
    expect(decodeEvent(JSON.stringify(event))).toEqual({ ok: true, event })
  })

  test('reads every optional attribute', () => {
    const full = {
      ...event,
      time: '2026-03-02T09:00:00.103459Z',
      subject: 'T1/C1',
      slackcallback: '{}',
      workspace: 'T1',
      actor: 'U1',
      replyto: 'slack/kelp/e-1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    }
    expect(decodeEvent(full)).toEqual({ ok: true, event: full })
  })

  test('leaves out attributes that it does not know, so that newer gateways may add some', () => {
    expect(decodeEvent({ ...event, novelty: 1 })).toEqual({ ok: true, event })
  })

  test('refuses a version that is newer than it knows, and says what to do', () => {
    expect(problemWith({ hfversion: 2, type: 7 })).toBe(
      'event attribute "hfversion" is 2, and this reader knows versions up to 1: update @holdfast/worker',
    )
  })

  test.each([
    [{ specversion: '0.3' }, 'event attribute "specversion": expected "1.0", found text'],
    [{ id: '123' }, 'event attribute "id": expected URL-safe text that is no bare number, found text'],
    [{ id: 'a:b' }, 'event attribute "id": expected URL-safe text that is no bare number, found text'],
    [
      { source: 'slack' },
      'event attribute "source": expected "/slack/<connection>", "/discord/<connection>/<shard>" or "/holdfast/<queue>", found text',
    ],
    [
      { type: 'message' },
      'event attribute "type": expected "<platform>.<type>" such as "slack.message", found text',
    ],
    [
      { receivedat: 7 },
      'event attribute "receivedat": expected an RFC 3339 time such as "2026-01-31T12:00:00.000Z", found a number',
    ],
    [
      { time: 'noon' },
      'event attribute "time": expected an RFC 3339 time such as "2026-01-31T12:00:00.000Z", found text',
    ],
    [{ subject: '' }, 'event attribute "subject": expected the conversation, found empty text'],
    [{ actor: null }, 'event attribute "actor": expected a user id, found null'],
    [{ workspace: ['T1'] }, 'event attribute "workspace": expected a team or guild id, found a list'],
    [{ platform: 'irc' }, 'event attribute "platform": expected one of slack, discord, holdfast, found text'],
    [
      { delivery: undefined },
      'event attribute "delivery": expected one of live, initial, replay, retry, backfill, found nothing',
    ],
    [{ hfversion: '1' }, 'event attribute "hfversion": expected 1, found text'],
    [{ connection: {} }, 'event attribute "connection": expected the id of a connection, found an object'],
    [{ data: undefined }, 'event attribute "data": expected the payload of the platform, found nothing'],
  ])('explains %j', (change, problem) => {
    expect(problemWith(change)).toBe(problem)
  })

  test.each([
    ['{"type":', 'an event must be JSON'],
    [undefined, 'an event must be JSON'],
    [null, 'an event must be an object, not null'],
    [[event], 'an event must be an object, not a list'],
    ['7', 'an event must be an object, not a number'],
  ])('explains %j', (value, problem) => {
    expect(decodeEvent(value)).toEqual({ ok: false, problem })
  })

  test('shows nothing of the payload', () => {
    expect(problemWith({ connection: '', data: 'private' })).not.toContain('private')
  })
})
