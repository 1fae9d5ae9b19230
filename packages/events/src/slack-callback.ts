import type { Platform } from './event.ts'
import { fieldAt, isObject, type JsonObject, numberAt, parseObject, textAt } from './field.ts'
import { type Identity, identify } from './identity.ts'
import { secondsInstant } from './instant.ts'
import { memberText, withoutMember } from './member.ts'
import { malformed, type Reading, type SlackEnvelopeOrigin } from './origin.ts'
import { outgoing, sourceOf } from './outgoing.ts'
import { actorOf, channelOf, postOf, subjectOf, timeOf, typeOf } from './slack-payload.ts'

const PLATFORM: Platform = 'slack'
const WHAT = 'Slack Events API payload'

/**
 * Reads the payload of an `events_api` envelope. Never throws. The event's data is the inner `event`, byte for byte;
 * `slackcallback` is the rest. A callback without an inner event (`app_rate_limited`) is an event of its own type, with
 * the whole payload as data. https://docs.slack.dev/apis/events-api
 */
export function readSlackEventCallback(text: string, origin: SlackEnvelopeOrigin): Reading {
  const outer = parseObject(text)
  if (!outer) return malformed(WHAT, text, 'expected a JSON object')
  const outerType = typeOf(outer)
  if (outerType === 'url_verification') return { kind: 'not-event', why: 'a check of a request address' }
  if (outerType === 'event_callback') return readInner(text, outer, origin)
  if (outerType === undefined) return malformed(WHAT, text, 'expected "type" to be a word')
  const event = outgoing(PLATFORM, sourceOf(PLATFORM, origin.connection), origin, {
    identity: eventIdentity(outer, text, origin),
    type: `slack.${outerType}`,
    dataText: text,
    time: eventTime(outer),
    workspace: workspaceOf(outer, origin),
  })
  return { kind: 'event', event }
}

function readInner(text: string, outer: JsonObject, origin: SlackEnvelopeOrigin): Reading {
  const inner = outer.event
  const innerText = memberText(text, 'event')
  if (!isObject(inner) || innerText === undefined)
    return malformed(WHAT, text, 'expected "event" to be an object')
  const type = typeOf(inner)
  if (type === undefined) return malformed(WHAT, text, 'expected "event.type" to be a word')
  const installation = installationOf(outer, origin)
  const event = outgoing(PLATFORM, sourceOf(PLATFORM, origin.connection), origin, {
    identity: postIdentity(inner, installation, origin) ?? eventIdentity(outer, innerText, origin),
    type: `slack.${type}`,
    dataText: innerText,
    slackcallback: withoutMember(text, 'event'),
    time: timeOf(inner) ?? eventTime(outer),
    subject: subjectOf(installation, channelOf(inner)),
    workspace: workspaceOf(outer, origin),
    actor: actorOf(inner),
  })
  return { kind: 'event', event }
}

function postIdentity(
  inner: JsonObject,
  installation: string | undefined,
  origin: SlackEnvelopeOrigin,
): Identity | undefined {
  const post = postOf(inner)
  return (
    post && identify(PLATFORM, origin.bot, 'slack-posted', { ...post, team: installation, via: 'events-api' })
  )
}

function eventIdentity(outer: JsonObject, text: string, origin: SlackEnvelopeOrigin): Identity {
  return identify(PLATFORM, origin.bot, 'slack-event', { eventId: textAt(outer, 'event_id'), text })
}

function eventTime(outer: JsonObject): string | undefined {
  return secondsInstant(numberAt(outer, 'event_time') ?? numberAt(outer, 'minute_rate_limited'))
}

/**
 * Whose eyes the event was seen with: the organisation for an app installed on all of it, else the workspace. RTM and
 * interactive payloads name the same, whoever acted; the outer `team_id` may be the actor's, in a channel shared between
 * workspaces. https://docs.slack.dev/apis/events-api
 */
function installationOf(outer: JsonObject, origin: SlackEnvelopeOrigin): string | undefined {
  const organisation = isOrganisationWide(outer)
    ? textAt(outer, 'authorizations', 0, 'enterprise_id')
    : undefined
  return organisation ?? workspaceOf(outer, origin)
}

function workspaceOf(outer: JsonObject, origin: SlackEnvelopeOrigin): string | undefined {
  const installed = isOrganisationWide(outer) ? undefined : textAt(outer, 'authorizations', 0, 'team_id')
  return installed ?? origin.teamId ?? textAt(outer, 'context_team_id') ?? textAt(outer, 'team_id')
}

function isOrganisationWide(outer: JsonObject): boolean {
  return fieldAt(outer, 'authorizations', 0, 'is_enterprise_install') === true
}
