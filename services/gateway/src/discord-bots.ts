import type { Clock, DiscordConfig } from '@holdfast/runtime'
import { getGatewayBot } from './drivers/discord-api.ts'
import { type IdentifyPermits, LocalPermits } from './drivers/permits.ts'
import { ShardHearings } from './drivers/shard-hearings.ts'
import { TokenCheck } from './drivers/token-check.ts'
import { tokenDigest } from './drivers/token-digest.ts'
import type { DriverTools } from './ports.ts'

/** What the shards of one bot share, whatever connection they are of. */
export interface DiscordBot {
  readonly permits: IdentifyPermits
  readonly tokenCheck: TokenCheck
  /** What the shards of one connection hear. */
  hearingsOf(connection: string): ShardHearings
}

/** The Discord bots of one process, each by its token. */
export class DiscordBots {
  readonly #tools: DriverTools
  readonly #bots = new Map<string, Bot>()

  constructor(tools: DriverTools) {
    this.#tools = tools
  }

  /** The bot of a connection, which shows from now on whether its identifies are held back. */
  of(connection: DiscordConfig): DiscordBot {
    const name = `${connection.apiUrl} ${connection.token.reveal()}`
    const bot = this.#bots.get(name) ?? new Bot(connection, this.#tools)
    this.#bots.set(name, bot)
    bot.shownBy(connection.id)
    return bot
  }
}

class Bot implements DiscordBot {
  readonly permits: IdentifyPermits
  readonly tokenCheck: TokenCheck
  readonly #clock: Clock
  readonly #metrics: Pick<DriverTools['metrics'], 'identifyBreaker'>
  readonly #connections = new Set<string>()
  readonly #hearings = new Map<string, ShardHearings>()
  /** Whether its identifies are held back. */
  #isHeld = false

  constructor({ apiUrl, token }: DiscordConfig, { clock, log, fetch, budget, metrics }: DriverTools) {
    const api = { apiUrl, token: token.reveal(), fetch }
    this.#clock = clock
    this.#metrics = metrics
    this.tokenCheck = new TokenCheck(api, clock)
    this.permits = new LocalPermits({
      clock,
      log,
      calls: budget,
      key: `discord-identify:${tokenDigest(api.token)}`,
      onStorm: (holds) => this.#hold(holds),
      async readLimit(signal) {
        const answer = await getGatewayBot(api, signal)
        return answer.kind === 'answer' ? answer.limit : undefined
      },
    })
  }

  shownBy(connection: string): void {
    this.#connections.add(connection)
    this.#metrics.identifyBreaker(connection, this.#isHeld)
  }

  hearingsOf(connection: string): ShardHearings {
    const known = this.#hearings.get(connection) ?? new ShardHearings(this.#clock)
    this.#hearings.set(connection, known)
    return known
  }

  #hold(holds: boolean): void {
    this.#isHeld = holds
    for (const connection of this.#connections) this.#metrics.identifyBreaker(connection, holds)
  }
}
