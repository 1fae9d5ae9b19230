import type {
  GatewayPresenceUpdateData,
  GatewayRequestChannelInfo,
  GatewayRequestGuildMembers,
  GatewayRequestSoundboardSounds,
  GatewayUpdatePresence,
  GatewayVoiceStateUpdate,
} from 'discord-api-types/v10'
import { asObject, type JsonObject } from '../json.ts'

/** What a worker may have sent on a shard's socket: op 3, 4, 8, 31 and 43. Source: docs.discord.com/developers/events/gateway-events#send-events */
export type ShardCommand =
  | GatewayUpdatePresence
  | GatewayVoiceStateUpdate
  | GatewayRequestGuildMembers
  | GatewayRequestSoundboardSounds
  | GatewayRequestChannelInfo

/** A command as it may be sent, by the limit that it falls under beside that of the socket; or why Discord would not take it. */
export type CheckedCommand =
  | { readonly kind: 'presence'; readonly text: string; readonly presence: GatewayPresenceUpdateData }
  /** All members of a guild: once per guild in 30 s. */
  | { readonly kind: 'allMembers'; readonly text: string; readonly guildId: string }
  | { readonly kind: 'other'; readonly text: string }
  /** One sentence, without any of the command's text. */
  | { readonly kind: 'refused'; readonly why: string }

const OPS: ReadonlySet<unknown> = new Set([3, 4, 8, 31, 43])
const STATUSES: ReadonlySet<unknown> = new Set(['online', 'dnd', 'idle', 'invisible', 'offline'])
const PRESENCE = 3
const MEMBERS = 8
/** A longer payload is answered with close 4002. https://docs.discord.com/developers/events/gateway#sending-events */
const MAX_PAYLOAD_BYTES = 4_096
/** A longer nonce is ignored without a word. https://docs.discord.com/developers/events/gateway-events#request-guild-members */
const MAX_NONCE_BYTES = 32
const MAX_USER_COUNT = 100

const utf8 = new TextEncoder()

/** Checks a command of JSON values before it is sent, since Discord ends the connection of one that is wrong. Never throws. */
export function checkCommand(command: unknown): CheckedCommand {
  const { op, d } = asObject(command) ?? {}
  if (!OPS.has(op)) return refused('only op 3, 4, 8, 31 and 43 may be sent')
  const data = asObject(d)
  if (!data) return refused(`op ${op} needs a d that is an object`)
  const text = JSON.stringify({ op, d })
  const bytes = utf8.encode(text).length
  if (bytes > MAX_PAYLOAD_BYTES)
    return refused(`op ${op} has ${bytes} bytes, Discord takes ${MAX_PAYLOAD_BYTES}`)
  if (op === PRESENCE) return checkPresence(data, text)
  return op === MEMBERS ? checkMembers(data, text) : { kind: 'other', text }
}

/** A wrong one would be sent again with the next identify, and end that connection too. */
function checkPresence(data: JsonObject, text: string): CheckedCommand {
  const { status, activities } = data
  const named =
    Array.isArray(activities) && activities.every((each) => typeof asObject(each)?.name === 'string')
  if (!STATUSES.has(status) || !named)
    return refused('op 3 needs a status of Discord’s and activities with names')
  return { kind: 'presence', text, presence: data as unknown as GatewayPresenceUpdateData }
}

function checkMembers({ guild_id, query, limit, user_ids, nonce }: JsonObject, text: string): CheckedCommand {
  if (typeof guild_id !== 'string') return refused('op 8 needs a guild_id')
  if ((query === undefined) === (user_ids === undefined))
    return refused('op 8 needs either query or user_ids')
  if (query !== undefined && typeof limit !== 'number') return refused('op 8 with a query needs a limit')
  if (Array.isArray(user_ids) && user_ids.length > MAX_USER_COUNT)
    return refused(`op 8 names ${user_ids.length} user_ids, Discord takes ${MAX_USER_COUNT}`)
  if (nonce !== undefined && !isNonce(nonce))
    return refused(
      `op 8 has a nonce that is no text of at most ${MAX_NONCE_BYTES} bytes, Discord would ignore it`,
    )
  return query === '' && limit === 0
    ? { kind: 'allMembers', text, guildId: guild_id }
    : { kind: 'other', text }
}

function isNonce(nonce: unknown): boolean {
  return typeof nonce === 'string' && utf8.encode(nonce).length <= MAX_NONCE_BYTES
}

function refused(why: string): CheckedCommand {
  return { kind: 'refused', why }
}
