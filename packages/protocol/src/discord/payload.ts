import type { GatewayIdentifyData, GatewayPresenceUpdateData } from 'discord-api-types/v10'
import type { Shard } from './shard-state.ts'

/** What IDENTIFY tells of us. https://docs.discord.com/developers/events/gateway-events#identify */
export interface Identity {
  readonly token: string
  readonly intents: number
  readonly shard: Shard
  readonly presence?: GatewayPresenceUpdateData
}

/** Op 2 as text. Contains the token: never log it. */
export function identifyText({ token, intents, shard, presence }: Identity): string {
  const d: GatewayIdentifyData = {
    token,
    intents,
    shard: [shard[0], shard[1]],
    // Discord counts a guild as large above this many members and leaves the offline ones out of GUILD_CREATE.
    large_threshold: 50,
    properties: { os: 'linux', browser: 'holdfast', device: 'holdfast' },
    ...(presence && { presence }),
  }
  return JSON.stringify({ op: 2, d })
}

/** Op 6 as text. Contains the token: never log it. */
export function resumeText(token: string, sessionId: string, sequence: number): string {
  return JSON.stringify({ op: 6, d: { token, session_id: sessionId, seq: sequence } })
}

/** Op 1 as text. `null` before the first dispatch. */
export function heartbeatText(sequence: number | null): string {
  return JSON.stringify({ op: 1, d: sequence })
}
