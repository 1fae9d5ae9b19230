import type { FastifyInstance } from 'fastify'
import type { WebSocket } from 'ws'
import type { ArmedFaults } from '../armed-faults.ts'
import type { Clock } from '../clock.ts'
import { SimulatorError } from '../errors.ts'
import type { DeliveredTo } from '../facts.ts'
import type { DiscordLimits } from '../limits.ts'
import type { SimulatorRecord } from '../record.ts'
import {
  type DiscordBot,
  type DiscordChannel,
  DiscordDirectory,
  type DiscordPopulation,
  type DiscordUser,
} from './directory.ts'
import { DiscordGateway, type GatewayConnect } from './gateway.ts'
import type { GatewaySocket } from './gateway-socket.ts'
import { IdentifyBudget } from './identify-budget.ts'
import { Interactions, interactionPayload } from './interactions.ts'
import { MemberRequests } from './member-requests.ts'
import { DiscordMessages } from './messages.ts'
import { Nonces } from './nonces.ts'
import { type DiscordPosted, DiscordPostings } from './postings.ts'
import { type RawDispatch, type RawPayload, readRawPayload } from './raw-dispatch.ts'
import { serveDiscordRest } from './rest.ts'
import type { DiscordWorld } from './route.ts'
import { DiscordSessions } from './sessions.ts'
import { Snowflakes } from './snowflakes.ts'

/** What a fake Discord is made of. */
export interface FakeDiscordOptions {
  readonly clock: Clock
  readonly record: SimulatorRecord
  readonly armed: ArmedFaults
  readonly limits: DiscordLimits
  readonly population: DiscordPopulation
}

/** A person's message, by ids. */
export interface DiscordSay {
  readonly channel: string
  readonly user: string
  readonly text: string
}

/** What a person does to a bot's application: a command, or a press on a component of one of its messages. */
export interface DiscordDeed {
  /** Bot user id or application id. */
  readonly bot: string
  readonly channel: string
  readonly user: string
  readonly deed:
    | { readonly command: string; readonly options?: readonly object[] }
    | { readonly customId: string; readonly messageId: string }
}

/** A bot's sessions as `/control/state` shows them. */
export interface DiscordBotState {
  readonly bot: string
  readonly name: string
  readonly presence: 'online' | 'offline'
  readonly identifiesLeft: number
  readonly sessions: readonly {
    readonly session: string
    readonly shard: readonly [number, number]
    readonly sequence: number
    readonly unsentCount: number
    readonly state: 'attached' | 'detached' | 'over'
    readonly socket?: number
    readonly frozen?: boolean
  }[]
}

/**
 * A Discord as its documentation describes it: REST under `/discord/api/v10`, gateway v10 under `/discord/gateway` and,
 * for resumes, `/discord/resume`. Calls to its methods act as the people and the operators of the platform do.
 */
export class FakeDiscord {
  readonly directory: DiscordDirectory
  readonly gateway: DiscordGateway
  readonly sessions: DiscordSessions
  readonly #world: DiscordWorld
  readonly #options: FakeDiscordOptions
  readonly #snowflakes: Snowflakes

  constructor(options: FakeDiscordOptions) {
    const { clock, record, armed, limits } = options
    this.#options = options
    this.#snowflakes = new Snowflakes(clock)
    const directory = new DiscordDirectory(options.population)
    const sessions = new DiscordSessions({ clock, record, limits, directory })
    const messages = new DiscordMessages(limits.messagesPerChannel)
    const budget = new IdentifyBudget(clock, limits)
    const nonces = new Nonces(clock, limits.nonceWindowMs)
    const snowflakes = this.#snowflakes
    const postings = new DiscordPostings({
      clock,
      record,
      directory,
      snowflakes,
      messages,
      nonces,
      sessions,
      armed,
    })
    const members = new MemberRequests(clock, directory)
    this.directory = directory
    this.sessions = sessions
    this.gateway = new DiscordGateway({ clock, record, limits, directory, sessions, budget, members })
    this.#world = {
      directory,
      messages,
      postings,
      budget,
      limits,
      interactions: new Interactions(clock, limits),
    }
  }

  serve(app: FastifyInstance): void {
    const { clock, record, armed } = this.#options
    serveDiscordRest(app, { clock, world: this.#world, record, armed })
  }

  accept(ws: WebSocket, socketNumber: number, connect: GatewayConnect): void {
    this.gateway.accept(ws, socketNumber, connect)
  }

  /** A person posts. Throws `SimulatorError` for an unknown channel; an unknown user is taken as a new face. */
  say({ channel, user, text }: DiscordSay): DiscordPosted {
    return this.#world.postings.sayAsUser(this.#user(user), this.#channel(channel), text)
  }

  /** Makes a dispatch as it stands. An INTERACTION_CREATE can be answered like any other. */
  dispatch({ t, d, bot: botId }: RawDispatch): readonly DeliveredTo[] {
    const payload = readRawPayload(d)
    const bot = botId === undefined ? undefined : this.bot(botId)
    const channel = this.directory.channel(payload.channel_id ?? '')
    if (t === 'INTERACTION_CREATE') this.#register(payload, channel)
    const { guild_id: guildId, id, content: text } = payload
    return this.#world.postings.dispatch(t, d, { channel, guildId, id, text, bots: bot && [bot] })
  }

  /** A person uses a command or presses a button. Answers the interaction's id and token. */
  interact({ bot: botId, channel: channelId, user, deed }: DiscordDeed) {
    const bot = this.bot(botId)
    const channel = this.#channel(channelId)
    const original = 'messageId' in deed ? this.#message(channelId, deed.messageId) : undefined
    const about = { id: this.#snowflakes.next(), token: this.#world.interactions.newToken(), bot }
    this.#world.interactions.register({ ...about, channel, original })
    const done =
      'command' in deed
        ? deed
        : { customId: deed.customId, message: this.#message(channelId, deed.messageId) }
    const d = JSON.stringify(interactionPayload(about, channel, this.#user(user), done))
    const deliveredTo = this.#world.postings.dispatch('INTERACTION_CREATE', d, {
      channel,
      bots: [bot],
      id: about.id,
      user,
    })
    return { id: about.id, token: about.token, deliveredTo }
  }

  /** Throws `SimulatorError` when there is none of this id. */
  bot(id: string): DiscordBot {
    const bot = this.directory.bot(id)
    if (bot) return bot
    const known = this.directory.bots.map((other) => other.id).join(', ')
    throw new SimulatorError('not-found', `no Discord bot ${id}: the simulator has ${known}`)
  }

  /** The sockets of one bot, or of all. */
  sockets(botId?: string): readonly GatewaySocket[] {
    return this.gateway.socketsOf(botId === undefined ? undefined : this.bot(botId))
  }

  state(): readonly DiscordBotState[] {
    return this.directory.bots.map((bot) => {
      const sessions = this.sessions.of(bot).map((session) => {
        const socket = this.gateway.socketsOf(bot).find((other) => other.session === session)
        return {
          session: session.id,
          shard: session.shard,
          sequence: session.sequence,
          unsentCount: session.unsentCount,
          state: session.state.kind,
          ...(socket ? { socket: socket.number, frozen: socket.frozen } : {}),
        }
      })
      const identifiesLeft = this.#world.budget.show(bot).remaining
      const presence = sessions.length > 0 ? 'online' : 'offline'
      return { bot: bot.id, name: bot.username, presence, identifiesLeft, sessions }
    })
  }

  stop(): void {
    this.gateway.stop()
    this.sessions.stop()
  }

  #register({ id, token, application_id }: RawPayload, channel: DiscordChannel | undefined): void {
    const bot = this.directory.bot(application_id ?? '')
    if (id === undefined || token === undefined || !bot) return
    this.#world.interactions.register({ id, token, bot, channel, original: undefined })
  }

  #user(id: string): DiscordUser {
    return this.directory.user(id) ?? { id, username: `diver-${id}` }
  }

  #message(channelId: string, id: string) {
    const message = this.#world.messages.find(channelId, id)
    if (!message)
      throw new SimulatorError('not-found', `no message ${id} in ${channelId}: it may have been dropped`)
    return message
  }

  #channel(id: string): DiscordChannel {
    const channel = this.directory.channel(id)
    if (channel) return channel
    const known = this.directory.channels.slice(0, 10).map((other) => other.id)
    throw new SimulatorError('not-found', `no Discord channel ${id}: the simulator has ${known.join(', ')}`)
  }
}
