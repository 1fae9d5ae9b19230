import { describe, expect, it } from 'vitest'
import { pingText, readRtmFrame, readSocketModeFrame } from '../src/index.ts'

describe('an RTM frame', () => {
  it.each<[string, object]>([
    ['{"type":"hello","region":"eu","start":true}', { kind: 'hello' }],
    ['{"type":"goodbye"}', { kind: 'farewell', why: 'Slack said goodbye' }],
    ['{"type":"team_migration_started"}', { kind: 'farewell', why: expect.stringContaining('moves') }],
    ['{"type":"reconnect_url","url":"wss://x"}', { kind: 'aside', why: expect.any(String) }],
    ['{"type":"pong","reply_to":7,"time":1}', { kind: 'pong', id: 7 }],
    ['{"type":"message","channel":"C1","ts":"1.1"}', { kind: 'event', stamped: true }],
    ['{"type":"star_added","event_ts":"1.1"}', { kind: 'event', stamped: true }],
    ['{"type":"user_typing","channel":"C1"}', { kind: 'event', stamped: false }],
    ['{"type":"im_open","ts":"","event_ts":null}', { kind: 'event', stamped: false }],
  ])('%s is read as what it is', (text, frame) => {
    expect(readRtmFrame(text)).toEqual(frame)
  })

  it.each<[string, object]>([
    ['{"ok":true,"reply_to":1,"ts":"1.1","text":"hi"}', { replyTo: 1, ok: true, ts: '1.1' }],
    ['{"type":"message","reply_to":8,"ts":"1.3"}', { replyTo: 8, ok: true, ts: '1.3' }],
    [
      '{"ok":false,"reply_to":2,"error":{"code":2,"msg":"message text is missing"}}',
      { replyTo: 2, ok: false, error: 'message text is missing' },
    ],
  ])('%s is a reply, never an event', (text, reply) => {
    expect(readRtmFrame(text)).toEqual({ kind: 'reply', ...reply })
  })

  it.each(['{"reply_to":null,"ok":true}', '{"reply_to":"x","type":"message","ts":"1.1"}', '{"ok":true}'])(
    '%s is a reply to nobody, and no event',
    (text) => {
      expect(readRtmFrame(text).kind).toBe('aside')
    },
  )

  it('of type error says why Slack refuses, and that asking again may help', () => {
    const text = '{"type":"error","error":{"code":1,"msg":"Socket URL has expired"}}'
    expect(readRtmFrame(text)).toEqual({
      kind: 'refusal',
      patience: 'short',
      why: 'Slack refuses the socket: Socket URL has expired (1)',
    })
    expect(readRtmFrame('{"type":"error"}')).toMatchObject({ kind: 'refusal', patience: 'short' })
  })

  it.each([
    '',
    '{',
    '7',
    'null',
    '[]',
    '{}',
    '{"type":7}',
    '{"type":"pong"}',
    '{"type":"pong","reply_to":"7"}',
  ])('that is none (%s) is malformed, and the problem quotes nothing of it', (text) => {
    expect(readRtmFrame(text)).toEqual({
      kind: 'malformed',
      problem: expect.stringMatching(/^[a-zA-Z_ ]+$/),
    })
  })

  it('that pings carries its number', () => {
    expect(JSON.parse(pingText(7))).toEqual({ id: 7, type: 'ping' })
  })
})

describe('a Socket Mode frame', () => {
  it('of type hello tells how many sockets the app has, and whose they are', () => {
    const text =
      '{"type":"hello","num_connections":2,"debug_info":{"host":"applink-1","approximate_connection_time":18060},"connection_info":{"app_id":"A1"}}'
    expect(readSocketModeFrame(text)).toEqual({
      kind: 'hello',
      socketCount: 2,
      appId: 'A1',
    })
    expect(readSocketModeFrame('{"type":"hello"}')).toEqual({ kind: 'hello' })
    expect(readSocketModeFrame('{"type":"hello","num_connections":"2","debug_info":7}')).toEqual({
      kind: 'hello',
    })
  })

  it.each([
    ['warning', 'farewell', undefined],
    ['refresh_requested', 'farewell', undefined],
    ['link_disabled', 'refusal', 'long'],
    ['too_many_websockets', 'refusal', 'long'],
    ['a_new_reason', 'farewell', undefined],
  ])('of type disconnect for %s is a %s', (reason, kind, patience) => {
    const frame = readSocketModeFrame(`{"type":"disconnect","reason":"${reason}","debug_info":{}}`)
    expect(frame).toMatchObject({ kind, why: expect.stringContaining(reason), ...(patience && { patience }) })
  })

  it('of type disconnect without a reason is a farewell', () => {
    expect(readSocketModeFrame('{"type":"disconnect"}').kind).toBe('farewell')
    expect(readSocketModeFrame('{"type":"disconnect","reason":7}').kind).toBe('farewell')
  })

  it('with an envelope_id is an envelope, and its payload is kept byte for byte', () => {
    const payload = '{ "id":12345678901234567890,"z":1, "a":"\\u00e9\\/","a":"twice" }'
    const text = `{"envelope_id":"e1","payload":${payload},"type":"events_api","accepts_response_payload":true,"retry_attempt":2,"retry_reason":"timeout"}`
    expect(readSocketModeFrame(text)).toEqual({
      kind: 'envelope',
      id: 'e1',
      type: 'events_api',
      payloadText: payload,
      acceptsPayload: true,
      retryAttempt: 2,
    })
  })

  it('that leaves out what a first delivery needs no word for is one', () => {
    expect(readSocketModeFrame('{"envelope_id":"e1","type":"slash_commands","payload":{}}')).toMatchObject({
      acceptsPayload: false,
      retryAttempt: 0,
    })
    expect(
      readSocketModeFrame(
        '{"envelope_id":"e1","type":"x","payload":{},"retry_attempt":"1","retry_reason":null}',
      ),
    ).toMatchObject({ retryAttempt: 0 })
  })

  it.each([
    ['"text"', '"text"'],
    ['[1, 2]', '[1, 2]'],
    ['null', 'null'],
  ])('is an envelope too where its payload is %s', (payload, payloadText) => {
    const text = `{"envelope_id":"e1","type":"events_api","payload":${payload}}`
    expect(readSocketModeFrame(text)).toMatchObject({ kind: 'envelope', payloadText })
  })

  it.each([
    ['hello', 'hello'],
    ['disconnect', 'disconnect'],
    ['something_new', 'something_new'],
    [7, 'unknown'],
    [undefined, 'unknown'],
  ])('with an envelope_id and the type %s must be acknowledged like any other', (type, read) => {
    const text = JSON.stringify({ envelope_id: 'e1', type })
    expect(readSocketModeFrame(text)).toMatchObject({ kind: 'envelope', type: read, payloadText: 'null' })
  })

  it('of another type, without an envelope_id, says nothing that happened', () => {
    expect(readSocketModeFrame('{"type":"something_new"}').kind).toBe('aside')
  })

  it.each(['', '{', '7', '[]', '{}', '{"type":7}', '{"envelope_id":7,"payload":{}}', '{"envelope_id":""}'])(
    'that is none (%s) is malformed, and the problem quotes nothing of it',
    (text) => {
      expect(readSocketModeFrame(text)).toEqual({
        kind: 'malformed',
        problem: expect.stringMatching(/^[a-zA-Z_ ]+$/),
      })
    },
  )
})
