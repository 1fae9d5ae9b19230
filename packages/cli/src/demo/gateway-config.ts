import type { SimulatedPlatforms } from './simulated-platforms.ts'

export interface GatewayConfigOptions {
  readonly redis: { readonly url: string; readonly prefix: string }
  readonly platforms: SimulatedPlatforms
  /** Discord's, by name. */
  readonly intents: readonly string[]
  readonly port: number
}

/** Ids of the two connections, as events, logs and gaps name them. */
export const CONNECTIONS = { slack: 'demo-slack', discord: 'demo-discord' } as const

/** A configuration file for one bot on both simulated platforms, as a person would write it. */
export function gatewayConfig({ redis, platforms, intents, port }: GatewayConfigOptions): string {
  const { slack, discord } = platforms
  return `# Written by the demo. What each value means: holdfast.config.schema.json
redis:
  url: ${quoted(redis.url)}
  prefix: ${quoted(redis.prefix)}
connections:
  - id: ${CONNECTIONS.slack}
    platform: slack
    transport: rtm
    botToken: ${quoted(slack.token)}
    apiUrl: ${quoted(slack.apiUrl)}
  - id: ${CONNECTIONS.discord}
    platform: discord
    token: ${quoted(discord.token)}
    intents: [${intents.join(', ')}]
    shards: 1
    apiUrl: ${quoted(discord.apiUrl)}
http:
  host: 127.0.0.1
  port: ${port}
gateway:
  replicaId: demo
`
}

/** JSON strings are YAML strings. */
function quoted(text: string): string {
  return JSON.stringify(text)
}
