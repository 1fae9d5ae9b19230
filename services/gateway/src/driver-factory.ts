import { type DiscordConfig, intentBits } from '@holdfast/runtime'
import { getGatewayBot } from './drivers/discord-api.ts'
import { createDiscordDriver, type DiscordDriverOptions } from './drivers/discord-driver.ts'
import { inflated } from './drivers/inflated-socket.ts'
import { type IdentifyPermits, LocalPermits } from './drivers/permits.ts'
import { createSlackRtmDriver } from './drivers/slack-rtm-driver.ts'
import { createSlackSocketModeDriver } from './drivers/slack-socket-mode-driver.ts'
import type { OpenSocket } from './drivers/socket.ts'
import { tokenDigest } from './drivers/token-digest.ts'
import type { DriverTools } from './ports.ts'
import type { DriverFactory } from './units.ts'

/** The drivers of real connections. The shards of one bot share its permits to identify, whatever connection they are of. */
export function createDrivers(tools: DriverTools): DriverFactory {
  const permits = new Map<string, IdentifyPermits>()

  function permitsOf(connection: DiscordConfig): IdentifyPermits {
    const bot = `${connection.apiUrl} ${connection.token.reveal()}`
    const own = permits.get(bot) ?? createPermits(connection, tools)
    permits.set(bot, own)
    return own
  }

  return {
    slackRtm: ({ id, apiUrl, botToken }, unit) =>
      createSlackRtmDriver({ ...tools, ...unit, connection: id, apiUrl, token: botToken.reveal() }),
    slackSocketMode: ({ id, apiUrl, appToken, botToken, sockets }, unit) =>
      createSlackSocketModeDriver({
        ...tools,
        ...unit,
        connection: id,
        apiUrl,
        appToken: appToken.reveal(),
        botToken: botToken.reveal(),
        sockets,
      }),
    discord: (connection, shard, shardCount, unit) =>
      createDiscordDriver({
        ...tools,
        ...unit,
        connection: connection.id,
        apiUrl: connection.apiUrl,
        token: connection.token.reveal(),
        intents: intentBits(connection.intents),
        shard: [shard, shardCount],
        permits: permitsOf(connection),
        openSocket: socketsOf(connection, unit.openSocket),
        ...presenceOf(connection),
      }),
  }
}

function socketsOf({ compress }: DiscordConfig, openSocket: OpenSocket): OpenSocket {
  return compress === 'none' ? openSocket : inflated(openSocket, compress)
}

function createPermits(
  { apiUrl, token }: DiscordConfig,
  { clock, log, fetch, budget }: DriverTools,
): IdentifyPermits {
  return new LocalPermits({
    clock,
    log,
    calls: budget,
    key: `discord-identify:${tokenDigest(token.reveal())}`,
    async readLimit(signal) {
      const answer = await getGatewayBot({ apiUrl, token: token.reveal(), fetch }, signal)
      return answer.kind === 'answer' ? answer.limit : undefined
    },
  })
}

type Presence = NonNullable<DiscordDriverOptions['presence']>

/** As the identify wants it. https://docs.discord.com/developers/events/gateway-events#update-presence */
function presenceOf({ presence }: DiscordConfig): { presence?: Presence } {
  if (!presence) return {}
  // The configuration's schema has let only Discord's own words through.
  const status = presence.status as Presence['status']
  return { presence: { since: null, afk: false, status, activities: [...presence.activities] } }
}
