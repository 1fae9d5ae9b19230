import {
  type DiscordConfig,
  intentBits,
  type SlackRtmConfig,
  type SlackSocketModeConfig,
} from '@holdfast/runtime'
import type { BackfillTools } from './backfill/backfill-tools.ts'
import { DiscordHistory } from './backfill/discord-history.ts'
import { Filler, type FillerOptions } from './backfill/filler.ts'
import { FillingDriver } from './backfill/filling-driver.ts'
import { SlackHistory } from './backfill/slack-history.ts'
import { DiscordBots } from './discord-bots.ts'
import { createDiscordDriver, type DiscordDriverOptions } from './drivers/discord-driver.ts'
import { inflated } from './drivers/inflated-socket.ts'
import { createSlackRtmDriver } from './drivers/slack-rtm-driver.ts'
import { createSlackSocketModeDriver } from './drivers/slack-socket-mode-driver.ts'
import type { OpenSocket } from './drivers/socket.ts'
import type { Backfill, ConnectionDriver, DriverTools } from './ports.ts'
import type { UnitTools } from './tenure/candidate.ts'
import type { DriverFactory } from './units.ts'

/** What drivers are made with. */
export interface FactoryTools extends DriverTools {
  /** Absent: nothing is filled in from history. */
  readonly filling?: BackfillTools | undefined
}

/** The drivers of real connections. */
export function createDrivers(tools: FactoryTools): DriverFactory {
  return new RealDrivers(tools)
}

class RealDrivers implements DriverFactory {
  readonly #tools: DriverTools
  readonly #filling: BackfillTools | undefined
  readonly #bots: DiscordBots

  constructor({ filling, ...tools }: FactoryTools) {
    this.#tools = tools
    this.#filling = filling
    this.#bots = new DiscordBots(tools)
  }

  slackRtm({ id, apiUrl, botToken }: SlackRtmConfig, unit: UnitTools): ConnectionDriver {
    const own = { connection: id, apiUrl, token: botToken.reveal(), fetch: this.#tools.fetch }
    const history = new SlackHistory({ ...own, transport: 'rtm' })
    return this.#filled({ connection: id, unit: id, history }, unit, (backfill) =>
      createSlackRtmDriver({ ...this.#tools, ...unit, ...own, ...backfill }),
    )
  }

  slackSocketMode(
    { id, apiUrl, appToken, botToken, sockets }: SlackSocketModeConfig,
    unit: UnitTools,
  ): ConnectionDriver {
    const own = { connection: id, apiUrl, fetch: this.#tools.fetch }
    const tokens = { appToken: appToken.reveal(), botToken: botToken.reveal() }
    const history = new SlackHistory({ ...own, token: tokens.botToken, transport: 'socket-mode' })
    return this.#filled({ connection: id, unit: id, history }, unit, (backfill) =>
      createSlackSocketModeDriver({ ...this.#tools, ...unit, ...own, ...tokens, ...backfill, sockets }),
    )
  }

  discord(connection: DiscordConfig, shard: number, shardCount: number, unit: UnitTools): ConnectionDriver {
    const { id, apiUrl, token, intents } = connection
    const bot = this.#bots.of(connection)
    const own = {
      connection: id,
      apiUrl,
      token: token.reveal(),
      intents: intentBits(intents),
      shard: [shard, shardCount] as const,
      fetch: this.#tools.fetch,
    }
    const name = { connection: id, unit: `${id}/${shard}` }
    return this.#filled({ ...name, history: new DiscordHistory(own) }, unit, (backfill) =>
      createDiscordDriver({
        ...{ ...this.#tools, ...unit, ...own, ...backfill, ...presenceOf(connection) },
        permits: bot.permits,
        tokenCheck: bot.tokenCheck,
        hearings: bot.hearingsOf(id),
        openSocket: socketsOf(connection, unit.openSocket),
      }),
    )
  }

  /** The driver beside what fills in its gaps. */
  #filled(
    name: Pick<FillerOptions, 'connection' | 'unit' | 'history'>,
    { onFenced }: UnitTools,
    make: (own: { backfill?: Backfill }) => ConnectionDriver,
  ): ConnectionDriver {
    if (!this.#filling) return make({})
    const filler = new Filler({ ...this.#filling, ...name, onFenced })
    return new FillingDriver(filler, (backfill) => make({ backfill }))
  }
}

function socketsOf({ compress }: DiscordConfig, openSocket: OpenSocket): OpenSocket {
  return compress === 'none' ? openSocket : inflated(openSocket, compress)
}

type Presence = NonNullable<DiscordDriverOptions['presence']>

/** As the identify wants it. https://docs.discord.com/developers/events/gateway-events#update-presence */
function presenceOf({ presence }: DiscordConfig): { presence?: Presence } {
  if (!presence) return {}
  // The configuration's schema has let only Discord's own words through.
  const status = presence.status as Presence['status']
  return { presence: { since: null, afk: false, status, activities: [...presence.activities] } }
}
