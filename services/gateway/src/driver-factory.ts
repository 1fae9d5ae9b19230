import { type Clock, type DiscordConfig, intentBits } from '@holdfast/runtime'
import type { BackfillTools } from './backfill/backfill-tools.ts'
import { DiscordHistory } from './backfill/discord-history.ts'
import { Filler, type FillerOptions } from './backfill/filler.ts'
import { FillingDriver } from './backfill/filling-driver.ts'
import { SlackHistory } from './backfill/slack-history.ts'
import { getGatewayBot } from './drivers/discord-api.ts'
import { createDiscordDriver, type DiscordDriverOptions } from './drivers/discord-driver.ts'
import { inflated } from './drivers/inflated-socket.ts'
import { type IdentifyPermits, LocalPermits } from './drivers/permits.ts'
import { ShardHearings } from './drivers/shard-hearings.ts'
import { createSlackRtmDriver } from './drivers/slack-rtm-driver.ts'
import { createSlackSocketModeDriver } from './drivers/slack-socket-mode-driver.ts'
import type { OpenSocket } from './drivers/socket.ts'
import { TokenCheck } from './drivers/token-check.ts'
import { tokenDigest } from './drivers/token-digest.ts'
import type { Backfill, ConnectionDriver, DriverTools } from './ports.ts'
import type { UnitTools } from './tenure/candidate.ts'
import type { DriverFactory } from './units.ts'

/** What the shards of one bot share, whatever connection they are of. */
interface Bot {
  /** The connection shows from now on whether its identifies are held back. */
  readonly shownBy: (connection: string) => void
  readonly permits: IdentifyPermits
  readonly tokenCheck: TokenCheck
  /** By connection. */
  readonly hearings: Map<string, ShardHearings>
}

/** What drivers are made with. */
export interface FactoryTools extends DriverTools {
  /** Absent: nothing is filled in from history. */
  readonly filling?: BackfillTools | undefined
}

/** The drivers of real connections. */
export function createDrivers({ filling, ...tools }: FactoryTools): DriverFactory {
  const bots = new Map<string, Bot>()

  function botOf(connection: DiscordConfig): Bot {
    const name = `${connection.apiUrl} ${connection.token.reveal()}`
    const bot = bots.get(name) ?? createBot(connection, tools)
    bots.set(name, bot)
    bot.shownBy(connection.id)
    return bot
  }

  /** The driver beside what fills in its gaps. */
  function filled(
    name: Pick<FillerOptions, 'connection' | 'unit' | 'history'>,
    { onFenced }: UnitTools,
    make: (own: { backfill?: Backfill }) => ConnectionDriver,
  ): ConnectionDriver {
    if (!filling) return make({})
    return new FillingDriver(new Filler({ ...filling, ...name, onFenced }), (backfill) => make({ backfill }))
  }

  return {
    slackRtm({ id, apiUrl, botToken }, unit) {
      const own = { connection: id, apiUrl, token: botToken.reveal(), fetch: tools.fetch }
      const history = new SlackHistory({ ...own, transport: 'rtm' })
      return filled({ connection: id, unit: id, history }, unit, (backfill) =>
        createSlackRtmDriver({ ...tools, ...unit, ...own, ...backfill }),
      )
    },
    slackSocketMode({ id, apiUrl, appToken, botToken, sockets }, unit) {
      const own = { connection: id, apiUrl, botToken: botToken.reveal() }
      const history = new SlackHistory({
        ...{ connection: id, apiUrl, token: own.botToken, fetch: tools.fetch },
        transport: 'socket-mode',
      })
      return filled({ connection: id, unit: id, history }, unit, (backfill) =>
        createSlackSocketModeDriver({
          ...tools,
          ...unit,
          ...own,
          ...backfill,
          appToken: appToken.reveal(),
          sockets,
        }),
      )
    },
    discord(connection, shard, shardCount, unit) {
      const bot = botOf(connection)
      const own = {
        connection: connection.id,
        apiUrl: connection.apiUrl,
        token: connection.token.reveal(),
        intents: intentBits(connection.intents),
        shard: [shard, shardCount] as const,
        fetch: tools.fetch,
      }
      const openSocket = socketsOf(connection, unit.openSocket)
      const name = { connection: connection.id, unit: `${connection.id}/${shard}` }
      return filled({ ...name, history: new DiscordHistory(own) }, unit, (backfill) =>
        createDiscordDriver({
          ...{ ...tools, ...unit, ...own, ...backfill, openSocket },
          permits: bot.permits,
          tokenCheck: bot.tokenCheck,
          hearings: hearingsOf(bot, connection.id, tools.clock),
          ...presenceOf(connection),
        }),
      )
    },
  }
}

function socketsOf({ compress }: DiscordConfig, openSocket: OpenSocket): OpenSocket {
  return compress === 'none' ? openSocket : inflated(openSocket, compress)
}

function createBot(connection: DiscordConfig, { clock, log, fetch, budget, metrics }: DriverTools): Bot {
  const token = connection.token.reveal()
  const api = { apiUrl: connection.apiUrl, token, fetch }
  const connections = new Set<string>()
  let held = false
  const permits = new LocalPermits({
    clock,
    log,
    calls: budget,
    key: `discord-identify:${tokenDigest(token)}`,
    onStorm(holds) {
      held = holds
      for (const id of connections) metrics.identifyBreaker(id, holds)
    },
    async readLimit(signal) {
      const answer = await getGatewayBot(api, signal)
      return answer.kind === 'answer' ? answer.limit : undefined
    },
  })
  return {
    shownBy(id) {
      connections.add(id)
      metrics.identifyBreaker(id, held)
    },
    permits,
    tokenCheck: new TokenCheck(api, clock),
    hearings: new Map(),
  }
}

function hearingsOf({ hearings }: Bot, connection: string, clock: Clock): ShardHearings {
  const known = hearings.get(connection) ?? new ShardHearings(clock)
  hearings.set(connection, known)
  return known
}

type Presence = NonNullable<DiscordDriverOptions['presence']>

/** As the identify wants it. https://docs.discord.com/developers/events/gateway-events#update-presence */
function presenceOf({ presence }: DiscordConfig): { presence?: Presence } {
  if (!presence) return {}
  // The configuration's schema has let only Discord's own words through.
  const status = presence.status as Presence['status']
  return { presence: { since: null, afk: false, status, activities: [...presence.activities] } }
}
