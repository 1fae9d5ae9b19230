import type { FastifyInstance } from 'fastify'
import type { WebSocket } from 'ws'
import type { ArmedFaults } from '../armed-faults.ts'
import type { Clock } from '../clock.ts'
import { SimulatorError } from '../errors.ts'
import type { DeliveredTo } from '../facts.ts'
import { given } from '../given.ts'
import type { DiscordLimits } from '../limits.ts'
import type { SimulatorRecord } from '../record.ts'
import { type DiscordBotState, showBotState } from './bot-state.ts'
import { Commands, type ShownCommand } from './commands.ts'
import type { DiscordDeed, DiscordReact, DiscordSay, DiscordThreadStart } from './deeds.ts'
import {
  type DiscordBot,
  type DiscordChannel,
  DiscordDirectory,
  type DiscordPopulation,
  type DiscordUser,
} from './directory.ts'
import { Dispatches } from './dispatches.ts'
import { DiscordGateway, type GatewayConnect } from './gateway.ts'
import type { GatewaySocket } from './gateway-socket.ts'
import { GuildRequests } from './guild-requests.ts'
import { IdentifyBudget } from './identify-budget.ts'
import { describeDeed, Interactions, interactionPayload } from './interactions.ts'
import { MemberRequests } from './member-requests.ts'
import { type DiscordMessage, DiscordMessages } from './messages.ts'
import { Nonces } from './nonces.ts'
import { type DiscordPosted, DiscordPostings } from './postings.ts'
import { type RawDispatch, type RawPayload, readRawPayload } from './raw-dispatch.ts'
import { isEmoji } from './reactions.ts'
import { serveDiscordRest } from './rest.ts'
import type { DiscordWorld } from './route.ts'
import { DiscordSessions } from './sessions.ts'
import { Snowflakes } from './snowflakes.ts'
import { Threads } from './threads.ts'

/** What a fake Discord is made of. */
export interface FakeDiscordOptions {
  readonly clock: Clock
  readonly record: SimulatorRecord
  readonly armed: ArmedFaults
  readonly limits: DiscordLimits
  readonly population: DiscordPopulation
}

const EPHEMERALS_PER_CHANNEL = 200

const THREAD_REFUSED = {
  'bad-name': 'its name must have 1 to 100 characters',
  'in-a-thread': 'the message is in a thread itself',
  'already-there': 'it has one',
  'too-many': 'the guild has as many active threads as Discord allows',
} as const

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
    const ephemerals = new DiscordMessages(EPHEMERALS_PER_CHANNEL)
    const budget = new IdentifyBudget(clock, limits)
    const nonces = new Nonces(clock, limits.nonceWindowMs)
    const snowflakes = this.#snowflakes
    const dispatches = new Dispatches({ record, sessions, armed })
    const postings = new DiscordPostings({
      clock,
      record,
      directory,
      snowflakes,
      messages,
      ephemerals,
      nonces,
      dispatches,
    })
    const members = new MemberRequests(clock, directory)
    const guildRequests = new GuildRequests(directory)
    this.directory = directory
    this.sessions = sessions
    this.gateway = new DiscordGateway({
      clock,
      record,
      armed,
      limits,
      directory,
      sessions,
      budget,
      members,
      guildRequests,
    })
    this.#world = {
      directory,
      messages,
      ephemerals,
      postings,
      dispatches,
      budget,
      limits,
      threads: new Threads(directory, postings),
      interactions: new Interactions(clock, limits, record),
      commands: new Commands(snowflakes, directory.bots),
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

  /** A person reacts. Throws `SimulatorError` where the same person has done so already. */
  react({ channel: channelId, user, message: id, emoji }: DiscordReact): readonly DeliveredTo[] {
    const channel = this.#channel(channelId)
    if (!isEmoji(emoji))
      throw new SimulatorError('bad-request', `"${emoji}" is no emoji: give the character itself, such as 👋`)
    const message = this.#message(channelId, id)
    const deliveredTo = this.#world.postings.reactAsUser(this.#user(user), channel, message, emoji)
    if (deliveredTo) return deliveredTo
    throw new SimulatorError('bad-request', `${user} has already reacted to ${id} with ${emoji}`)
  }

  /** A person starts a thread from a message. Throws `SimulatorError` where there is one, and where none may be. */
  startThread({ channel: channelId, user, message: id, name }: DiscordThreadStart) {
    const parent = this.#channel(channelId)
    const message = this.#message(channelId, id)
    const started = this.#world.threads.start({ parent, message, name, ownerId: user })
    if (started.outcome === 'started') return started
    throw new SimulatorError('bad-request', `no thread from ${id}: ${THREAD_REFUSED[started.outcome]}`)
  }

  /** A message as it stands now, whole; also one that a single person sees. */
  message(channelId: string, id: string): DiscordMessage | undefined {
    const { messages, ephemerals } = this.#world
    return messages.find(channelId, id) ?? ephemerals.find(channelId, id)
  }

  commandsOf(bot: DiscordBot): readonly ShownCommand[] {
    return this.#world.commands.of(bot)
  }

  /** Another one whenever a bot has registered commands. */
  get commandsVersion(): number {
    return this.#world.commands.version
  }

  /** Makes a dispatch as it stands. An INTERACTION_CREATE can be answered like any other. */
  dispatch({ t, d, bot: botId }: RawDispatch): readonly DeliveredTo[] {
    const payload = readRawPayload(d)
    const bot = botId === undefined ? undefined : this.bot(botId)
    const channel = this.directory.channel(payload.channel_id ?? '')
    if (t === 'INTERACTION_CREATE') this.#register(payload, channel)
    const { guild_id: guildId, id, content: text } = payload
    return this.#world.dispatches.make(t, d, { channel, guildId, id, text, bots: bot && [bot] })
  }

  /** A person uses a command or presses a button. Answers the interaction's id and token. */
  interact({ bot: botId, channel: channelId, user, deed }: DiscordDeed) {
    const bot = this.bot(botId)
    const channel = this.#channel(channelId)
    const done = 'command' in deed ? this.#command(bot, deed) : this.#press(channelId, deed)
    const original = 'message' in done ? done.message : undefined
    const { interactions, dispatches } = this.#world
    const about = { id: this.#snowflakes.next(), token: interactions.newToken(), bot }
    const described = describeDeed(user, done)
    interactions.register({ ...about, channel, original, deed: described })
    const d = JSON.stringify(interactionPayload(about, channel, this.#user(user), done))
    const where = { channel, bots: [bot], id: about.id, user, text: described.what }
    return {
      id: about.id,
      token: about.token,
      deliveredTo: dispatches.make('INTERACTION_CREATE', d, where),
    }
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
      const identifiesLeft = this.#world.budget.show(bot).remaining
      return showBotState(bot, identifiesLeft, this.sessions.of(bot), this.gateway.socketsOf(bot))
    })
  }

  stop(): void {
    this.gateway.stop()
    this.sessions.stop()
    this.#world.interactions.stop()
  }

  #register({ id, token, application_id }: RawPayload, channel: DiscordChannel | undefined): void {
    const bot = this.directory.bot(application_id ?? '')
    if (id === undefined || token === undefined || !bot) return
    this.#world.interactions.register({ id, token, bot, channel, original: undefined, deed: undefined })
  }

  #command(bot: DiscordBot, deed: Extract<DiscordDeed['deed'], { command: string }>) {
    const commandId = this.commandsOf(bot).find(({ name }) => name === deed.command)?.id
    return given({ ...deed, commandId })
  }

  #press(channelId: string, { customId, messageId }: Exclude<DiscordDeed['deed'], { command: string }>) {
    return { customId, message: found(this.message(channelId, messageId), channelId, messageId) }
  }

  #user(id: string): DiscordUser {
    return this.directory.user(id) ?? { id, username: `diver-${id}` }
  }

  /** One that everybody sees. */
  #message(channelId: string, id: string): DiscordMessage {
    return found(this.#world.messages.find(channelId, id), channelId, id)
  }

  #channel(id: string): DiscordChannel {
    const channel = this.directory.channel(id)
    if (channel) return channel
    const known = this.directory.channels.slice(0, 10).map((other) => other.id)
    throw new SimulatorError('not-found', `no Discord channel ${id}: the simulator has ${known.join(', ')}`)
  }
}

function found(message: DiscordMessage | undefined, channelId: string, id: string): DiscordMessage {
  if (message) return message
  throw new SimulatorError('not-found', `no message ${id} in ${channelId}: it may have been dropped`)
}
