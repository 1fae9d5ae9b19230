import type { Platform } from './event.ts'
import { fieldAt, type JsonObject, parseObject, textAt } from './field.ts'
import { type Identity, identify } from './identity.ts'
import { slackInstant } from './instant.ts'
import { malformed, type Reading, type SlackEnvelopeOrigin } from './origin.ts'
import { type Finding, outgoing, sourceOf } from './outgoing.ts'
import { formatReplyTo } from './reply-to.ts'
import { actorOf, channelOf, subjectOf, typeOf } from './slack-payload.ts'

const PLATFORM: Platform = 'slack'

/**
 * Reads the payload of an `interactive` envelope: buttons, menus, shortcuts, modals. Never throws. The event's data is
 * the payload, byte for byte. https://docs.slack.dev/reference/interaction-payloads
 */
export function readSlackInteractive(text: string, origin: SlackEnvelopeOrigin): Reading {
  const what = 'Slack interactive payload'
  const payload = parseObject(text)
  if (!payload) return malformed(what, text, 'expected a JSON object')
  const type = typeOf(payload)
  if (type === undefined) return malformed(what, text, 'expected "type" to be a word')
  const organisation =
    payload.is_enterprise_install === true ? textAt(payload, 'enterprise', 'id') : undefined
  const workspace = textAt(payload, 'team', 'id') ?? origin.teamId ?? textAt(payload, 'user', 'team_id')
  return interaction(text, origin, {
    identity: interactiveIdentity(payload, type, text, origin),
    type: `slack.interactive.${type}`,
    time: slackInstant(stampOf(payload)),
    subject: subjectOf(organisation ?? workspace, channelOf(payload)),
    workspace,
    actor: actorOf(payload),
  })
}

/**
 * Reads the payload of a `slash_commands` envelope. Never throws. The event's data is the payload, byte for byte.
 * https://docs.slack.dev/interactivity/implementing-slash-commands
 */
export function readSlackSlashCommand(text: string, origin: SlackEnvelopeOrigin): Reading {
  const what = 'Slack slash command'
  const payload = parseObject(text)
  if (!payload) return malformed(what, text, 'expected a JSON object')
  if (textAt(payload, 'command') === undefined) return malformed(what, text, 'expected "command" to be text')
  // Once a form, now JSON: the flag is the text "true".
  const ofOrganisation = payload.is_enterprise_install === true || payload.is_enterprise_install === 'true'
  const organisation = ofOrganisation ? textAt(payload, 'enterprise_id') : undefined
  const workspace = textAt(payload, 'team_id') ?? origin.teamId
  return interaction(text, origin, {
    identity: commandIdentity(payload, text, origin),
    type: 'slack.slash_commands',
    subject: subjectOf(organisation ?? workspace, channelOf(payload)),
    workspace,
    actor: textAt(payload, 'user_id'),
  })
}

function interaction(text: string, origin: SlackEnvelopeOrigin, found: Omit<Finding, 'dataText'>): Reading {
  const { connection, envelope } = origin
  const replyto = envelope && formatReplyTo({ platform: PLATFORM, connection, ...envelope })
  const finding = { ...found, dataText: text, interactive: true, replyto }
  return { kind: 'event', event: outgoing(PLATFORM, sourceOf(PLATFORM, connection), origin, finding) }
}

/**
 * What a second delivery repeats: the trigger, single-use and new for each act, and the act's own marks. A payload with
 * neither trigger nor stamp (`block_suggestion`, `view_closed`) may come again word for word and be another act (the same
 * letters typed twice): there only the envelope tells.
 */
function interactiveIdentity(
  payload: JsonObject,
  type: string,
  text: string,
  origin: SlackEnvelopeOrigin,
): Identity {
  const trigger = textAt(payload, 'trigger_id')
  const stamp = stampOf(payload)
  const marks =
    trigger === undefined && stamp === undefined
      ? [origin.envelope?.id, text]
      : [
          trigger,
          stamp,
          actionMarks(payload),
          actorOf(payload),
          markAt(payload, 'callback_id'),
          viewMarks(payload),
        ]
  return identify(PLATFORM, origin.bot, 'slack-interactive', { type, marks })
}

/** When it was done: shortcuts and old attachments say so themselves, blocks with each element. */
function stampOf(payload: JsonObject): string | undefined {
  return textAt(payload, 'action_ts') ?? textAt(payload, 'actions', 0, 'action_ts')
}

/** The pressed elements. Those of old attachments have a name in place of ids and a stamp. */
function actionMarks(payload: JsonObject): readonly unknown[] {
  const actions = Array.isArray(payload.actions) ? payload.actions : []
  return actions.map((action: unknown) =>
    ['block_id', 'action_id', 'action_ts', 'name', 'value'].map((field) => textAt(action, field)),
  )
}

function viewMarks(payload: JsonObject): readonly unknown[] {
  return [markAt(payload, 'view', 'id'), markAt(payload, 'view', 'hash')]
}

function commandIdentity(payload: JsonObject, text: string, origin: SlackEnvelopeOrigin): Identity {
  const trigger = textAt(payload, 'trigger_id')
  const marks =
    trigger === undefined
      ? [origin.envelope?.id, text]
      : [trigger, markAt(payload, 'command'), markAt(payload, 'channel_id'), markAt(payload, 'user_id')]
  return identify(PLATFORM, origin.bot, 'slack-command', { marks })
}

/** A mark is a word. A container in its place could be nested more deeply than can be written out. */
function markAt(payload: JsonObject, ...path: readonly string[]): unknown {
  const found = fieldAt(payload, ...path)
  return typeof found === 'object' ? undefined : found
}
