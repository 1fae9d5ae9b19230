import type { Platform } from './event.ts'
import { isObject, type JsonObject, parseJson, textAt } from './field.ts'
import { identify } from './identity.ts'
import { malformed, type Reading, type SlackEnvelopeOrigin } from './origin.ts'
import { outgoing, sourceOf } from './outgoing.ts'
import { actorOf, channelOf, subjectOf, typeOf } from './slack-payload.ts'

const PLATFORM: Platform = 'slack'

/**
 * Reads the payload of an envelope that no other reader understands: of a type that this version does not know, or of a
 * known type and an unexpected shape. Never throws. The event is `slack.envelope.<type>`, its data the payload, byte for
 * byte; it is identified by its content, which a second delivery repeats.
 */
export function readSlackEnvelope(type: string, text: string, origin: SlackEnvelopeOrigin): Reading {
  const payload = parseJson(text)
  if (payload === undefined) return malformed('Slack envelope', text, 'expected "payload" to be JSON')
  const name = typeOf({ type }) ?? 'unnamed'
  const fields = isObject(payload) ? payload : {}
  const workspace = workspaceOf(fields) ?? origin.teamId
  const event = outgoing(PLATFORM, sourceOf(PLATFORM, origin.connection), origin, {
    identity: identify(PLATFORM, origin.bot, 'slack-envelope', { type: name, text }),
    type: `slack.envelope.${name}`,
    dataText: text,
    subject: subjectOf(workspace, channelOf(fields)),
    workspace,
    actor: actorOf(fields),
  })
  return { kind: 'event', event }
}

function workspaceOf(payload: JsonObject): string | undefined {
  return textAt(payload, 'team', 'id') ?? textAt(payload, 'team_id')
}
