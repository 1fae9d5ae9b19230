import { describe, expect, test } from 'vitest'
import { readSlackEnvelope } from '../src/index.ts'
import { eventOf, idOf, received, socket } from './sample.ts'

const PAYLOAD = '{ "team_id":"T1", "channel":{"id":"C1"}, "user":"U1", "n":12345678901234567891 }'

const read = (type: string, text = PAYLOAD, origin = socket) => readSlackEnvelope(type, text, origin)

describe('an envelope that no reader understands', () => {
  test('is an event of its own type, with the payload byte for byte', () => {
    const { type, text, interactive } = eventOf(read('workflow_steps'))
    expect({ type, interactive }).toEqual({ type: 'slack.envelope.workflow_steps', interactive: false })
    expect(text.endsWith(`,"data":${PAYLOAD}}`)).toBe(true)
    expect(received(read('workflow_steps'))).toMatchObject({
      source: '/slack/kelp-socket',
      workspace: 'T1',
      subject: 'T1/C1',
      actor: 'U1',
    })
  })

  test('delivered again is the same fact, and with other content another', () => {
    const again = { ...socket, delivery: 'retry', nonce: 'f-9' } as const
    expect(idOf(read('new', PAYLOAD, again))).toBe(idOf(read('new')))
    expect(idOf(read('new', '{"n":1}'))).not.toBe(idOf(read('new', '{"n":2}')))
    expect(idOf(read('new'))).not.toBe(idOf(read('newer')))
  })

  test('belongs to the workspace of the bot token where it names none', () => {
    expect(received(read('new', '{}', { ...socket, teamId: 'T3' })).workspace).toBe('T3')
  })

  test.each(['[1]', '"text"', 'null', '7'])('may hold %s, which is JSON', (text) => {
    expect(received(read('new', text)).data).toEqual(JSON.parse(text))
  })

  test.each(['', 'a b', 'x'.repeat(101), 'ünder'])(
    'of the type "%s", which is no word, has a name',
    (type) => {
      expect(eventOf(read(type)).type).toBe('slack.envelope.unnamed')
    },
  )

  test('without a payload is malformed, and nothing of it is told', () => {
    expect(read('new', '')).toEqual({
      kind: 'malformed',
      problem: 'Slack envelope (0 characters): expected "payload" to be JSON',
    })
  })
})
