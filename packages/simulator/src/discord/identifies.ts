import type { IdentifyFact } from '../facts.ts'
import type { DiscordLimits } from '../limits.ts'
import { type DiscordBot, type DiscordDirectory, privilegedIntentsOf } from './directory.ts'
import type { Identify } from './gateway-frame.ts'
import type { GatewaySocket } from './gateway-socket.ts'
import type { IdentifyBudget } from './identify-budget.ts'
import { areKnownIntents, INTENT, PRIVILEGED_INTENTS } from './intents.ts'
import { guildPayload, readyPayload } from './payloads.ts'
import type { DiscordSessions } from './sessions.ts'
import { shardOf } from './snowflakes.ts'

/** What became of an IDENTIFY, as the record tells it. */
export type IdentifyOutcome = Pick<IdentifyFact, 'outcome' | 'code' | 'session'>

/** What identifies are judged by. */
export interface IdentifiesParts {
  readonly limits: DiscordLimits
  readonly directory: DiscordDirectory
  readonly sessions: DiscordSessions
  readonly budget: IdentifyBudget
}

/** Discord's answers to IDENTIFY. Source: docs.discord.com, Gateway, Identifying; Sharding. */
export class Identifies {
  readonly #parts: IdentifiesParts
  readonly #resetToken: (bot: DiscordBot) => void

  /** `resetToken` is what becomes of a bot that has spent its identifies. */
  constructor(parts: IdentifiesParts, resetToken: (bot: DiscordBot) => void) {
    this.#parts = parts
    this.#resetToken = resetToken
  }

  /** Begins a session on the socket, or refuses. READY is not sent yet. */
  answer(socket: GatewaySocket, bot: DiscordBot, { shard, intents }: Identify): IdentifyOutcome {
    const verdict = this.#parts.budget.take(bot, shard[0])
    if (verdict === 'exhausted') {
      this.#resetToken(bot)
      return refuse(socket, 4004)
    }
    if (verdict === 'too-soon') {
      socket.invalidSession(false)
      return { outcome: 'invalid-session' }
    }
    const code = this.#forbidden(bot, shard, intents)
    if (code !== undefined) return refuse(socket, code)
    const { dialect } = socket
    const session = this.#parts.sessions.start({ bot, shard, intents, dialect }, socket)
    socket.bind(session)
    return { outcome: 'ready', session: session.id }
  }

  /** READY and the flood of guilds. */
  greet(socket: GatewaySocket, bot: DiscordBot): void {
    const { session } = socket
    if (!session) return
    const guilds = this.#guildsOn(bot, session.shard)
    session.dispatch('READY', readyPayload(session, guilds, socket.resumeUrl))
    if ((session.intents & INTENT.GUILDS) === 0) return
    for (const guild of guilds) session.dispatch('GUILD_CREATE', guildPayload(this.#parts.directory, guild))
  }

  #forbidden(bot: DiscordBot, shard: readonly [number, number], intents: number): number | undefined {
    const { guildsPerShard, shardMultiple } = this.#parts.limits
    if (shard[1] % shardMultiple !== 0) return 4010
    if (this.#guildsOn(bot, shard).length >= guildsPerShard) return 4011
    if (!areKnownIntents(intents)) return 4013
    return intents & PRIVILEGED_INTENTS & ~privilegedIntentsOf(bot) ? 4014 : undefined
  }

  #guildsOn(bot: DiscordBot, [id, count]: readonly [number, number]) {
    return this.#parts.directory.guildsOf(bot).filter((guild) => shardOf(guild.id, count) === id)
  }
}

function refuse(socket: GatewaySocket, code: number): IdentifyOutcome {
  socket.close(code)
  return { outcome: 'closed', code }
}
