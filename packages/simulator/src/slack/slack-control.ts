import { SimulatorError } from '../errors.ts'
import type { Fields } from '../fields.ts'
import type { FakeSlack } from './fake-slack.ts'

/** What people do on Slack beside messages and reactions, by the path below `/control/slack`. */
export function slackDeeds(slack: FakeSlack): Readonly<Record<string, (fields: Fields) => unknown>> {
  return {
    'slack/command': (fields) =>
      slack.useCommand({
        bot: fields.text('bot'),
        channel: fields.text('channel'),
        user: fields.text('user'),
        command: readCommand(fields.text('command')),
        text: fields.optionalText('text') ?? '',
      }),
    'slack/action': (fields) =>
      slack.press({
        channel: fields.text('channel'),
        user: fields.text('user'),
        ts: fields.text('ts'),
        actionId: fields.text('action_id'),
        value: fields.optionalText('value'),
      }),
    'slack/view': (fields) =>
      slack.submit({
        view: fields.text('view'),
        user: fields.text('user'),
        values: fields.optionalObject('values') ?? {},
      }),
    'slack/typing': (fields) => slack.type(fields.text('channel'), fields.text('user')),
    'slack/presence': (fields) => {
      slack.setPresence(fields.text('user'), readPresence(fields.text('presence')))
      return { ok: true }
    },
    'slack/envelope': (fields) =>
      slack.sendEnvelope(fields.text('bot'), fields.text('type'), fields.text('payload')),
  }
}

function readCommand(command: string): string {
  return command.startsWith('/') ? command : `/${command}`
}

function readPresence(presence: string): 'active' | 'away' {
  if (presence === 'active' || presence === 'away') return presence
  throw new SimulatorError('bad-request', `presence "${presence}" is unknown: use active or away`)
}
