import { z } from 'zod'
import { READABLE_EVENT_VERSIONS } from './event.ts'
import { ID_PATTERN } from './identity.ts'
import { RFC_3339 } from './instant.ts'

/*
 * The narrow waist: what every event on a queue has, whatever platform and version wrote it. The published JSON Schema is
 * made from this (see test/schema.test.ts), so readers in other languages and ours hold the same rules.
 */

/** `platform.type`, further parts allowed. */
const TYPE = /^(slack|discord|holdfast)(\.[A-Za-z0-9_-]+)+$/

function text(expected: string, description: string, pattern?: RegExp) {
  const error = `expected ${expected}`
  const schema = z.string({ error })
  return (pattern ? schema.regex(pattern, { error }) : schema.min(1, { error })).meta({ description })
}

function oneOf<const Values extends readonly string[]>(values: Values, description: string) {
  return z.enum(values, { error: `expected one of ${values.join(', ')}` }).meta({ description })
}

const instant = (description: string) =>
  text('an RFC 3339 time such as "2026-01-31T12:00:00.000Z"', description, RFC_3339)

/** Any JSON value: the platform's business. Only that it is there. */
const data = z
  .custom<unknown>((value) => value !== undefined, { error: 'expected the payload of the platform' })
  .meta({ description: "The platform's own payload, unchanged." })

/** What a reader may rely on. Attributes it does not know pass: a newer gateway may write more. */
export const EVENT_SCHEMA = z
  .object({
    specversion: z
      .literal('1.0', { error: 'expected "1.0"' })
      .meta({ description: 'Version of CloudEvents.' }),
    id: text(
      'URL-safe text that is no bare number',
      'The identity of the fact: all that deduplication looks at.',
      ID_PATTERN,
    ),
    source: text(
      '"/slack/<connection>", "/discord/<connection>/<shard>" or "/holdfast/<queue>"',
      'Where it came from: /slack/<connection>, /discord/<connection>/<shard>, or /holdfast/<queue> for what is announced of a queue itself.',
      /^\/(slack|discord|holdfast)\/[^/]+(\/\d+)?$/,
    ),
    type: text(
      '"<platform>.<type>" such as "slack.message"',
      'slack.message, discord.MESSAGE_CREATE, slack.interactive.block_actions, holdfast.gap, …',
      TYPE,
    ),
    time: z.exactOptional(
      instant('When it happened on the platform; absent where the payload does not say.'),
    ),
    subject: z.exactOptional(
      text('the conversation', 'The conversation that orders it; absent where there is none.'),
    ),
    datacontenttype: z
      .literal('application/json', { error: 'expected "application/json"' })
      .meta({ description: 'Always JSON.' }),
    slackcallback: z.exactOptional(
      text(
        'the outer callback as a JSON string',
        'Events API only: the outer event_callback without its event, as a JSON string.',
      ),
    ),
    hfversion: z
      .literal(READABLE_EVENT_VERSIONS, { error: `expected ${READABLE_EVENT_VERSIONS.join(' or ')}` })
      .meta({ description: 'Version of the attributes that are not of CloudEvents.' }),
    platform: oneOf(
      ['slack', 'discord', 'holdfast'],
      'The platform; `holdfast` for what is announced of a queue itself.',
    ),
    connection: text('the id of a connection', "The connection's id in the configuration."),
    workspace: z.exactOptional(text('a team or guild id', 'Team or guild id.')),
    actor: z.exactOptional(text('a user id', 'The user who did it.')),
    receivedat: instant('When the gateway read it.'),
    delivery: oneOf(['live', 'initial', 'replay', 'retry', 'backfill'], 'How it came.'),
    replyto: z.exactOptional(
      text('where an answer goes', 'Interactive events: where an answer for the socket goes.'),
    ),
    traceparent: z.exactOptional(text('a W3C trace context', 'W3C trace context.')),
    data,
  })
  .meta({
    title: 'Holdfast event, version 1',
    description: 'A CloudEvents 1.0 object, as it lies on a queue.',
  })
