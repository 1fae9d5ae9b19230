import { asObject, parseObject } from '../json.ts'
import { memberTexts } from '../json-members.ts'

/** What a shard needs of READY. Source: docs.discord.com/developers/events/gateway-events#ready */
export interface Ready {
  readonly sessionId: string
  /** Absent where the server does not name one: then the generic address serves. */
  readonly resumeUrl: string | undefined
  readonly applicationId: string
  readonly botUserId: string
  /** Guilds whose GUILD_CREATE follows as part of the flood after an identify. */
  readonly guildIds: readonly string[]
}

/** Reads the `d` of a READY; `undefined` when it names no session, application or user. Never throws. */
export function readReady(dataText: string): Ready | undefined {
  const ready = parseObject(dataText)
  const sessionId = text(ready?.session_id)
  const applicationId = text(asObject(ready?.application)?.id)
  const botUserId = text(asObject(ready?.user)?.id)
  if (!sessionId || !applicationId || !botUserId) return undefined
  return {
    sessionId,
    resumeUrl: text(ready?.resume_gateway_url),
    applicationId,
    botUserId,
    guildIds: readGuildIds(ready?.guilds),
  }
}

/** The guild's id in the `d` of a GUILD_CREATE. Reads no further than to it: these payloads can have megabytes. */
export function readGuildId(dataText: string): string | undefined {
  const idText = memberTexts(dataText, 'id')?.get('id')
  return idText?.startsWith('"') ? idText.slice(1, -1) : undefined
}

function readGuildIds(guilds: unknown): readonly string[] {
  if (!Array.isArray(guilds)) return []
  return guilds.flatMap((guild: unknown) => text(asObject(guild)?.id) ?? [])
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
