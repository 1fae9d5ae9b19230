import { conversationOf, DISCORD_TYPE, doerOf, guildOf, instantOf } from './discord-payload.ts'
import type { Platform } from './event.ts'
import { isObject, type JsonObject, parseJson, textAt } from './field.ts'
import { type Identity, identify } from './identity.ts'
import { type DiscordOrigin, malformed, type Reading } from './origin.ts'
import { outgoing, sourceOf } from './outgoing.ts'
import { formatReplyTo } from './reply-to.ts'

const PLATFORM: Platform = 'discord'

/** A frame with op 0, taken apart by whoever owns the socket. */
export interface DiscordDispatch {
  /** `t`, such as `MESSAGE_CREATE`. */
  readonly type: string
  /** `s` */
  readonly sequence: number
  /** `d` as it stood in the frame. */
  readonly dataText: string
}

/**
 * Reads one Discord dispatch. Never throws. The event's data is `d`, byte for byte. A message created has the same id
 * live, replayed by any session, and in history; an interaction has its own; all else is identified by its place in the
 * session. READY and RESUMED are events like any other.
 * https://docs.discord.com/developers/events/gateway-events#receive-events
 */
export function readDiscordDispatch(dispatch: DiscordDispatch, origin: DiscordOrigin): Reading {
  const { type, sequence, dataText } = dispatch
  const what = 'Discord dispatch'
  if (!DISCORD_TYPE.test(type)) return malformed(what, dataText, 'expected "t" to be a word of capitals')
  const data = parseJson(dataText)
  if (data === undefined) return malformed(`${what} ${type}`, dataText, 'expected "d" to be JSON')
  const fields = isObject(data) ? data : {}
  const interactive = type === 'INTERACTION_CREATE'
  const event = outgoing(PLATFORM, sourceOf(PLATFORM, origin.connection, origin.shard), origin, {
    identity: dispatchIdentity(type, sequence, fields, origin),
    type: `discord.${type}`,
    dataText,
    interactive,
    time: instantOf(type, fields),
    subject: conversationOf(type, fields),
    workspace: guildOf(type, fields),
    actor: doerOf(type, fields),
    replyto: interactive ? interactionAddress(fields, origin) : undefined,
  })
  return { kind: 'event', event }
}

function dispatchIdentity(type: string, sequence: number, data: JsonObject, origin: DiscordOrigin): Identity {
  const id = textAt(data, 'id')
  if (type === 'MESSAGE_CREATE' && id !== undefined)
    return identify(PLATFORM, origin.bot, 'discord-message', { id })
  if (type === 'INTERACTION_CREATE' && id !== undefined)
    return identify(PLATFORM, origin.bot, 'discord-interaction', { id })
  return identify(PLATFORM, origin.bot, 'discord-dispatch', { sessionId: origin.sessionId, sequence })
}

function interactionAddress(data: JsonObject, origin: DiscordOrigin): string | undefined {
  const id = textAt(data, 'id')
  const { connection } = origin
  return id && formatReplyTo({ platform: PLATFORM, connection, id, acceptsPayload: true })
}
