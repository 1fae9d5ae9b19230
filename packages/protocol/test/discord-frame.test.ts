import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { readDiscordFrame } from '../src/index.ts'
import { memberTexts } from '../src/json-members.ts'

const D =
  '{"id":"1455000000000000000","n":18446744073709551615,"text":"a \\"s\\":9 } ] {","x":[1, 2],"é":"\\u00e9"}'

describe('a dispatch', () => {
  it('is read by its head, its d byte for byte', () => {
    expect(readDiscordFrame(`{"t":"MESSAGE_CREATE","s":12,"op":0,"d":${D}}`)).toEqual({
      kind: 'dispatch',
      type: 'MESSAGE_CREATE',
      sequence: 12,
      dataText: D,
    })
  })

  it.each([
    ['op first', `{"op":0,"s":12,"t":"MESSAGE_CREATE","d":${D}}`],
    ['d before t', `{"d":${D},"op":0,"t":"MESSAGE_CREATE","s":12}`],
    ['a member after d', `{"t":"MESSAGE_CREATE","s":12,"op":0,"d":${D},"extra":1}`],
    ['spaces', ` { "t" : "MESSAGE_CREATE" , "s" : 12 , "op" : 0 , "d" : ${D} } `],
  ])('is read the same with %s', (_, text) => {
    expect(readDiscordFrame(text)).toEqual({
      kind: 'dispatch',
      type: 'MESSAGE_CREATE',
      sequence: 12,
      dataText: D,
    })
  })

  it('is not fooled by content that looks like a head', () => {
    const text = `{"op":0,"d":{"content":"\\",\\"s\\":99,\\"t\\":\\"READY\\""},"s":3,"t":"MESSAGE_CREATE"}`
    expect(readDiscordFrame(text)).toMatchObject({ type: 'MESSAGE_CREATE', sequence: 3 })
  })

  it.each([
    ['in its text', '{"content":"\\"op\\":0,\\"s\\":99,\\"t\\":\\"READY\\",\\"d\\":{}"}'],
    ['as members of its own', '{"op":0,"s":99,"t":"READY","d":{"op":9}}'],
    ['as its whole end', '{"content":"x","nested":{"t":"READY","s":99,"op":0,"d":{}}}'],
  ])('whose body has `"op":0,"s":` %s is read as what it is, in any order', (_, body) => {
    const read = { kind: 'dispatch', type: 'MESSAGE_CREATE', sequence: 12, dataText: body }
    for (const text of [
      `{"t":"MESSAGE_CREATE","s":12,"op":0,"d":${body}}`,
      `{"op":0,"d":${body},"s":12,"t":"MESSAGE_CREATE"}`,
      `{"d":${body},"t":"MESSAGE_CREATE","s":12,"op":0}`,
      `{"s":12,"t":"MESSAGE_CREATE","d":${body},"op":0}`,
    ])
      expect(readDiscordFrame(text)).toEqual(read)
  })

  it('is read without a parse in Discord’s order, and by one parse in any other', () => {
    const parse = vi.spyOn(JSON, 'parse')
    onTestFinished(() => parse.mockRestore())
    readDiscordFrame(`{"t":"MESSAGE_CREATE","s":12,"op":0,"d":${D}}`)
    expect(parse).not.toHaveBeenCalled()
    readDiscordFrame(`{"s":12,"t":"MESSAGE_CREATE","op":0,"d":${D}}`)
    expect(parse).toHaveBeenCalledTimes(1)
  })

  it.each([
    ['no t', '{"t":null,"s":1,"op":0,"d":{}}'],
    ['no s', '{"t":"X","s":null,"op":0,"d":{}}'],
    ['no d', '{"t":"X","s":1,"op":0}'],
  ])('with %s is malformed', (_, text) => {
    expect(readDiscordFrame(text).kind).toBe('malformed')
  })
})

describe('other frames', () => {
  it.each([
    [
      '{"t":null,"s":null,"op":10,"d":{"heartbeat_interval":41250,"_trace":["x"]}}',
      { kind: 'hello', heartbeatIntervalMs: 41250 },
    ],
    ['{"op":11}', { kind: 'heartbeatAcknowledged' }],
    ['{"op":1,"d":251}', { kind: 'heartbeatRequest' }],
    ['{"op":7,"d":null}', { kind: 'reconnect' }],
    ['{"op":9,"d":false}', { kind: 'invalidSession', resumable: false }],
    ['{"op":9,"d":true}', { kind: 'invalidSession', resumable: true }],
    ['{"op":99,"d":{}}', { kind: 'unknown', op: 99 }],
  ])('%s is read', (text, frame) => {
    expect(readDiscordFrame(text)).toEqual(frame)
  })

  it.each([
    '',
    'null',
    '7',
    '[]',
    '{}',
    '{"op":"0"}',
    '{"op":10,"d":{}}',
    '{"op":10,"d":null}',
    '{"op":10,"d":{"heartbeat_interval":1e-320}}',
    '{"op":10,"d":{"heartbeat_interval":1e400}}',
    '{"t":"X","s"',
  ])('%j is malformed, and the problem quotes nothing of it', (text) => {
    const frame = readDiscordFrame(text)
    expect(frame.kind).toBe('malformed')
  })

  it('never make the reader throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), mangledDispatch()), (text) => {
        expect(readDiscordFrame(text).kind).toBeTypeOf('string')
      }),
    )
  })
})

describe('member texts', () => {
  it('join to what JSON.parse reads, byte for byte', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 2), (value, indent) => {
        const members = memberTexts(JSON.stringify(value, undefined, indent))
        const read = Object.fromEntries([...(members ?? [])].map(([key, text]) => [key, JSON.parse(text)]))
        expect(read).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('take the last of a repeated key, as JSON.parse does', () => {
    expect(memberTexts('{"a":1,"a":2}')?.get('a')).toBe('2')
  })

  it('end, with or without a result, on any text', () => {
    fc.assert(
      fc.property(mangledDispatch(), (text) => {
        memberTexts(text)
      }),
    )
  })
})

function mangledDispatch() {
  const text = `{"t":"X","s":1,"op":0,"d":${D}}`
  return fc
    .tuple(fc.nat(text.length), fc.nat(8), fc.string({ maxLength: 3 }))
    .map(([at, count, instead]) => text.slice(0, at) + instead + text.slice(at + count))
}
