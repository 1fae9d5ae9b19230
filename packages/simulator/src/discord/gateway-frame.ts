import { readPresence, type WishedPresence } from './presence.ts'

/** Opcodes a bot may send. Source: docs.discord.com, Opcodes and Status Codes. */
const BOT_OPS: ReadonlySet<number> = new Set([1, 2, 3, 4, 6, 8, 31, 43])

/** A payload as a bot sends it. */
export interface BotFrame {
  readonly op: number
  readonly d: unknown
}

/** Reads a frame; answers the close code it deserves when it can't be read. */
export function readBotFrame(text: string): BotFrame | 4001 | 4002 {
  const frame = parse(text)
  if (typeof frame !== 'object' || frame === null || !('op' in frame)) return 4002
  if (typeof frame.op !== 'number' || !BOT_OPS.has(frame.op)) return 4001
  return { op: frame.op, d: 'd' in frame ? frame.d : undefined }
}

/** The `d` of an IDENTIFY. */
export interface Identify {
  readonly token: string
  readonly intents: number
  readonly shard: readonly [id: number, count: number]
  readonly presence: WishedPresence | undefined
}

/** Reads an IDENTIFY; answers the close code it deserves when it is malformed. Without a shard it is `[0, 1]`. */
export function readIdentify(d: unknown): Identify | 4002 | 4010 | 4013 {
  if (!isObject(d) || typeof d.token !== 'string' || !isObject(d.properties)) return 4002
  if (typeof d.intents !== 'number') return 4013
  const shard = d.shard === undefined ? [0, 1] : d.shard
  if (!isShard(shard)) return 4010
  const presence = d.presence === undefined ? undefined : readPresence(d.presence)
  if (presence === 4002) return 4002
  return { token: bare(d.token), intents: d.intents, shard, presence }
}

/** The `d` of a RESUME. */
export interface Resume {
  readonly token: string
  readonly session: string
  readonly sequence: number
}

/** The `d` of op 6, or the code to close with. */
export function readResume(d: unknown): Resume | 4002 {
  if (!isObject(d) || typeof d.token !== 'string' || typeof d.session_id !== 'string') return 4002
  if (typeof d.seq !== 'number' || !Number.isInteger(d.seq) || d.seq < 0) return 4002
  return { token: bare(d.token), session: d.session_id, sequence: d.seq }
}

/** The `d` of REQUEST_GUILD_MEMBERS, as far as it is simulated. */
export interface MemberRequest {
  readonly guildId: string
  readonly limit: number
  readonly query: string | undefined
  readonly userIds: readonly string[] | undefined
  readonly nonce: string | undefined
}

/** The `d` of op 8, or the code to close with. */
export function readMemberRequest(d: unknown): MemberRequest | 4002 {
  if (!isObject(d) || typeof d.guild_id !== 'string') return 4002
  const userIds = typeof d.user_ids === 'string' ? [d.user_ids] : d.user_ids
  return {
    guildId: d.guild_id,
    limit: typeof d.limit === 'number' ? d.limit : 0,
    query: typeof d.query === 'string' ? d.query : undefined,
    userIds: Array.isArray(userIds) ? userIds.map(String) : undefined,
    nonce: typeof d.nonce === 'string' && Buffer.byteLength(d.nonce) <= 32 ? d.nonce : undefined,
  }
}

/** The `d` of REQUEST_SOUNDBOARD_SOUNDS: the guilds; or the code to close with. */
export function readSoundRequest(d: unknown): readonly string[] | 4002 {
  return isObject(d) && Array.isArray(d.guild_ids) ? d.guild_ids.map(String) : 4002
}

/** The `d` of REQUEST_CHANNEL_INFO. */
export interface ChannelInfoRequest {
  readonly guildId: string
  readonly fields: readonly string[]
}

/** The `d` of op 43, or the code to close with. */
export function readChannelInfoRequest(d: unknown): ChannelInfoRequest | 4002 {
  if (!isObject(d) || typeof d.guild_id !== 'string' || !Array.isArray(d.fields)) return 4002
  return { guildId: d.guild_id, fields: d.fields.map(String) }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** With its type before it or without: the gateway takes both. Source: discord/discord-api-docs, issue 119. */
function bare(token: string): string {
  return token.replace(/^Bot /, '')
}

function isShard(value: unknown): value is readonly [number, number] {
  if (!Array.isArray(value) || value.length !== 2) return false
  const [id, count] = value as unknown[]
  if (!Number.isInteger(id) || !Number.isInteger(count)) return false
  return Number(id) >= 0 && Number(id) < Number(count)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // Not JSON: 4002.
  }
}
