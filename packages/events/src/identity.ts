import { createHash } from 'node:crypto'
import type { EventPlatform } from './event.ts'

/*
 * The identity of a fact: the same fact has the same id whichever socket, transport, replay, retry or replica delivered
 * it, and two facts have two ids. Deduplication looks at nothing else, and gateways of different versions run side by
 * side: changing a row below makes one fact two, for as long as its window.
 *
 * An id is `<platform>~<bot>~<kind>~<part>~…`, of the characters that URLs and queue keys leave alone (RFC 3986's
 * unreserved), so it can be read, typed and put into an address. A part that is long or has other characters is replaced
 * by its hash, which begins with `_`; parts that begin so by themselves are hashed too, so nothing can pose as a hash.
 */

const HOUR_MS = 3_600_000

/** What RTM, interactions and Discord may repeat within minutes: overlapping sockets, a resumed session, a lost reply of Redis. */
const SHORT_WINDOW_MS = HOUR_MS

/** Slack's retries: minutes, and hourly for a day with "Delayed Events". https://docs.slack.dev/apis/events-api */
const EVENTS_API_WINDOW_MS = 26 * HOUR_MS

/** What tells one fact of a kind from another. */
export interface Facts {
  /** A message as posted, and the mention that came with it: two facts with one `ts`, told apart by their type. */
  'slack-posted': {
    readonly type: 'message' | 'app_mention'
    readonly team: string | undefined
    readonly channel: string
    readonly ts: string
    readonly via: 'rtm' | 'events-api' | 'history'
  }
  /** Anything else of the Events API. Without an `event_id` (Slack always sends one) its own text stands in. */
  'slack-event': { readonly eventId: string | undefined; readonly text: string }
  /** An interactive payload. `marks` is what a second delivery of it would repeat. */
  'slack-interactive': { readonly type: string; readonly marks: readonly unknown[] }
  'slack-command': { readonly marks: readonly unknown[] }
  /** An envelope that no reader understands: nothing but its content tells it from another. */
  'slack-envelope': { readonly type: string; readonly text: string }
  /** Any other RTM frame that has a stamp. */
  'slack-rtm': {
    readonly type: string
    readonly subtype: string | undefined
    readonly team: string
    readonly channel: string | undefined
    readonly item: string | undefined
    readonly ts: string | undefined
    readonly eventTs: string | undefined
    readonly user: string | undefined
    readonly reaction: string | undefined
  }
  /** An RTM frame without a stamp: nothing tells it from the next one, so the gateway's nonce does. */
  'slack-ephemeral': { readonly nonce: string }
  'discord-message': { readonly id: string }
  'discord-interaction': { readonly id: string }
  'discord-dispatch': { readonly sessionId: string; readonly sequence: number }
  gap: {
    readonly connection: string
    readonly shard: number | undefined
    readonly from: number
    readonly to: number
    /** What was not filled in of an earlier one, which may have been of the very same time. */
    readonly left: boolean
  }
}

/** An id, and how long a second sighting of it is refused. */
export interface Identity {
  readonly id: string
  readonly dedupeWindowMs: number
}

interface Row<Fact> {
  readonly windowMs: (fact: Fact) => number
  /** The kind and what tells facts of that kind apart, each part made safe. */
  readonly parts: (fact: Fact) => readonly string[]
}

const short = () => SHORT_WINDOW_MS
const long = () => EVENTS_API_WINDOW_MS

const TABLE: { readonly [Kind in keyof Facts]: Row<Facts[Kind]> } = {
  // `ts` is unique in its channel (https://docs.slack.dev/reference/events/message). History gets the long window: what
  // was filled in from there may still be delivered by the Events API.
  'slack-posted': {
    windowMs: ({ via }) => (via === 'rtm' ? SHORT_WINDOW_MS : EVENTS_API_WINDOW_MS),
    parts: ({ type, team, channel, ts }) => [type, plain(team), plain(channel), plain(ts)],
  },
  // "A unique identifier for this specific event, globally unique across all workspaces."
  'slack-event': {
    windowMs: long,
    parts: ({ eventId, text }) => ['event', eventId === undefined ? hashed(text) : plain(eventId)],
  },
  // Hashed: a trigger id is a right to open a modal, and marks can be many.
  'slack-interactive': {
    windowMs: short,
    parts: ({ type, marks }) => ['interactive', plain(type), hashed(JSON.stringify(marks))],
  },
  'slack-command': { windowMs: short, parts: ({ marks }) => ['command', hashed(JSON.stringify(marks))] },
  // Short, for two such facts may have the same words: long enough for Slack's redeliveries of minutes.
  'slack-envelope': {
    windowMs: short,
    parts: ({ type, text }) => ['envelope', plain(type), hashed(text)],
  },
  // "The combination of event_ts, team_id, user_id or channel_id is intended to be unique."
  // https://docs.slack.dev/apis/events-api
  'slack-rtm': {
    windowMs: short,
    parts: (fact) => [
      'rtm',
      plain(fact.type),
      plain(fact.subtype),
      plain(fact.team),
      plain(fact.channel),
      plain(fact.item),
      plain(fact.ts),
      plain(fact.eventTs),
      plain(fact.user),
      plain(fact.reaction),
    ],
  },
  // The window serves the sink alone, which sends again what Redis may have taken already.
  'slack-ephemeral': { windowMs: short, parts: ({ nonce }) => ['ephemeral', plain(nonce)] },
  'discord-message': { windowMs: short, parts: ({ id }) => ['message', plain(id)] },
  'discord-interaction': { windowMs: short, parts: ({ id }) => ['interaction', plain(id)] },
  // Sequences count within a session. With the bot's token, a session id is the right to resume it: never shown.
  'discord-dispatch': {
    windowMs: short,
    parts: ({ sessionId, sequence }) => ['dispatch', hashed(sessionId), plain(String(sequence))],
  },
  // Long: a gap may be announced again by whoever takes over from a gateway that died while announcing it.
  gap: {
    windowMs: long,
    parts: ({ connection, shard, from, to, left }) => [
      'gap',
      plain(connection),
      plain(shard === undefined ? undefined : String(shard)),
      plain(String(from)),
      plain(String(to)),
      ...(left ? ['left'] : []),
    ],
  },
}

/**
 * The identity of a fact. Deterministic; at most 480 characters of `A-Za-z0-9._~-`, never a bare number, never with `:`
 * (a queue refuses both as a job id). `bot` is the app or application id: two bots in one channel each get their own event.
 */
export function identify<Kind extends keyof Facts>(
  platform: EventPlatform,
  bot: string,
  kind: Kind,
  fact: Facts[Kind],
): Identity {
  const row: Row<Facts[Kind]> = TABLE[kind]
  return { id: [platform, plain(bot), ...row.parts(fact)].join('~'), dedupeWindowMs: row.windowMs(fact) }
}

/** What an id looks like: URL-safe, with at least one character that is no digit. Without look-ahead, so that RE2 reads it too. */
export const ID_PATTERN = /^[0-9]*[A-Za-z._~-][A-Za-z0-9._~-]*$/

const PLAIN_PART = /^[A-Za-z0-9.-][A-Za-z0-9._-]{0,39}$/

/** The part itself where that is safe, else its hash. An absent part is empty: the position still tells it. */
function plain(part: string | undefined): string {
  if (part === undefined || part === '') return ''
  return PLAIN_PART.test(part) ? part : hashed(part)
}

/** 132 bits of SHA-256: nobody finds two texts for one id. */
function hashed(text: string): string {
  return `_${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`
}
