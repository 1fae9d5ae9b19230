import { describe, expect, test } from 'vitest'
import { readSlackInteractive, readSlackSlashCommand } from '../src/index.ts'
import { callback, command, eventOf, idOf, interactive, received, socket } from './sample.ts'

const pressed = {
  type: 'block_actions',
  user: { id: 'U1', team_id: 'T06KELPBED1' },
  team: { id: 'T06KELPBED1' },
  channel: { id: 'C1' },
  trigger_id: '667.1.abc',
  actions: [{ action_id: 'beach', block_id: 'beaches', action_ts: '1772442018.735109' }],
}
const typed = {
  type: 'block_suggestion',
  user: { id: 'U1' },
  team: { id: 'T06KELPBED1' },
  container: { type: 'message', channel_id: 'C1' },
  action_id: 'species',
  block_id: 'species',
  value: 'urch',
}
const ran = {
  command: '/tides',
  text: 'saturday',
  team_id: 'T06KELPBED1',
  channel_id: 'C1',
  user_id: 'U1',
  trigger_id: '667.2.abc',
}
const inEnvelope = (id: string, acceptsPayload = false) => ({ ...socket, envelope: { id, acceptsPayload } })

describe('an interactive payload', () => {
  test('is an interactive event named after its kind', () => {
    expect(interactive(pressed)).toMatchObject({
      kind: 'event',
      event: { type: 'slack.interactive.block_actions', interactive: true, dedupeWindowMs: 3_600_000 },
    })
    expect(received(interactive(pressed))).toMatchObject({
      workspace: 'T06KELPBED1',
      actor: 'U1',
      time: '2026-03-02T09:00:18.735109Z',
      data: pressed,
    })
  })

  test('belongs to the conversation of the message it was pressed on', () => {
    const message = { type: 'message', channel: 'C1', ts: '1.2' }
    expect(eventOf(interactive(pressed)).subject).toBe(eventOf(callback(message)).subject)
    expect(eventOf(interactive(typed)).subject).toBe(eventOf(callback(message)).subject)
  })

  test('of an app on a whole organisation belongs to the conversation that its events name', () => {
    const wide = { ...pressed, team: null, enterprise: { id: 'E1' }, is_enterprise_install: true }
    expect(received(interactive(wide))).toMatchObject({ subject: 'E1/C1', workspace: 'T06KELPBED1' })
  })

  test('belongs to the workspace that it names, else to that of the bot token', () => {
    const known = { ...socket, teamId: 'T3' }
    expect(received(interactive(pressed, known)).subject).toBe('T06KELPBED1/C1')
    expect(received(interactive({ ...pressed, team: null }, known)).subject).toBe('T3/C1')
    expect(received(command({ ...ran, team_id: undefined }, known)).subject).toBe('T3/C1')
  })

  test('from a modal has no conversation', () => {
    const submitted = { type: 'view_submission', view: { id: 'V1' }, trigger_id: '1.2.x' }
    expect(eventOf(interactive(submitted)).subject).toBeUndefined()
  })

  test('carries the payload byte for byte', () => {
    const text = '{ "type":"shortcut", "n":12345678901234567891, "trigger_id":"1.2" }'
    expect(eventOf(readSlackInteractive(text, socket)).text.endsWith(`,"data":${text}}`)).toBe(true)
  })

  test('delivered twice is one fact, in whatever envelope', () => {
    expect(idOf(interactive(pressed, inEnvelope('e-2')))).toBe(idOf(interactive(pressed, inEnvelope('e-1'))))
  })

  test.each([
    ['trigger', { trigger_id: '667.9.abc' }],
    ['kind', { type: 'interactive_message' }],
    ['element', { actions: [{ action_id: 'tide', block_id: 'beaches', action_ts: '1772442018.735109' }] }],
    ['instant', { actions: [{ action_id: 'beach', block_id: 'beaches', action_ts: '1772442019.735109' }] }],
    ['user', { user: { id: 'U2' } }],
    ['view', { view: { id: 'V1', hash: '1.x' } }],
  ])('of another %s is another fact', (_, change) => {
    expect(idOf(interactive({ ...pressed, ...change }))).not.toBe(idOf(interactive(pressed)))
  })

  test('without trigger or stamp is told from its like by the envelope: the same letters may be typed twice', () => {
    const first = idOf(interactive(typed, inEnvelope('e-1')))
    expect(idOf(interactive(typed, inEnvelope('e-2')))).not.toBe(first)
    expect(idOf(interactive(typed, inEnvelope('e-1')))).toBe(first)
  })

  test('never shows its trigger in the id', () => {
    expect(idOf(interactive(pressed))).not.toContain('667')
  })
})

describe('a slash command', () => {
  test('is an interactive event of one type, in its conversation', () => {
    expect(received(command(ran))).toMatchObject({
      type: 'slack.slash_commands',
      subject: 'T06KELPBED1/C1',
      workspace: 'T06KELPBED1',
      actor: 'U1',
      data: ran,
    })
    expect(eventOf(command(ran)).interactive).toBe(true)
  })

  test('given twice is two facts, delivered twice is one', () => {
    expect(idOf(command(ran, inEnvelope('e-2')))).toBe(idOf(command(ran)))
    expect(idOf(command({ ...ran, trigger_id: '667.3.abc' }))).not.toBe(idOf(command(ran)))
  })

  test('without a trigger is told from its like by the envelope', () => {
    const { trigger_id: _, ...bare } = ran
    expect(idOf(command(bare, inEnvelope('e-1')))).not.toBe(idOf(command(bare, inEnvelope('e-2'))))
  })

  test('of an app on a whole organisation belongs to the conversation that its events name', () => {
    const wide = { ...ran, is_enterprise_install: 'true', enterprise_id: 'E1' }
    expect(eventOf(command(wide)).subject).toBe('E1/C1')
  })
})

describe('where an answer goes', () => {
  test('is the envelope, and whether it takes more than an acknowledgement', () => {
    expect(received(interactive(pressed, inEnvelope('e-1'))).replyto).toBe('slack/kelp-socket/e-1')
    expect(received(command(ran, inEnvelope('e-1', true))).replyto).toBe('slack/kelp-socket/e-1/payload')
  })

  test('is nowhere without an envelope', () => {
    expect(received(command(ran))).not.toHaveProperty('replyto')
  })
})

test('what is nested too deeply to be written out does not stop the reader', () => {
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
  const withDeep = (payload: object, field: string) =>
    `${JSON.stringify({ ...payload, [field]: undefined }).slice(0, -1)},"${field}":${deep}}`
  for (const field of ['callback_id', 'view', 'user'])
    expect(readSlackInteractive(withDeep(pressed, field), socket).kind).toBe('event')
  for (const field of ['user_id', 'channel_id', 'is_enterprise_install'])
    expect(readSlackSlashCommand(withDeep(ran, field), socket).kind).toBe('event')
})

test.each([
  [readSlackInteractive, '[1]', 'Slack interactive payload (3 characters): expected a JSON object'],
  [readSlackInteractive, '{}', 'Slack interactive payload (2 characters): expected "type" to be a word'],
  [readSlackSlashCommand, 'x', 'Slack slash command (1 characters): expected a JSON object'],
  [readSlackSlashCommand, '{}', 'Slack slash command (2 characters): expected "command" to be text'],
])('%o says in one line what is wrong with %s', (read, text, problem) => {
  expect(read(text, socket)).toEqual({ kind: 'malformed', problem })
})
