import type { FastifyInstance } from 'fastify'
import type { WebSocket } from 'ws'
import type { ArmedFaults } from '../armed-faults.ts'
import type { Clock } from '../clock.ts'
import { SimulatorError } from '../errors.ts'
import type { DeliveredTo } from '../facts.ts'
import type { SlackLimits } from '../limits.ts'
import type { SimulatorRecord } from '../record.ts'
import { type Posted, SlackAnnouncements } from './announcements.ts'
import { serveSlackApi } from './api.ts'
import { type SlackBotState, showBotState } from './bot-state.ts'
import { type SlackBot, type SlackChannel, SlackDirectory, type SlackWorkspace } from './directory.ts'
import {
  type Interacted,
  type SlackCommand,
  SlackInteractions,
  type SlackPress,
  type SlackSubmission,
} from './interactions.ts'
import { type SlackMessage, SlackMessages } from './messages.ts'
import type { SlackWorld } from './method.ts'
import { MethodRates } from './method-rates.ts'
import { SlackOutlets } from './outlets.ts'
import { SlackPostings } from './postings.ts'
import { SlackPresence } from './presence.ts'
import { SlackResponses } from './responses.ts'
import { SlackRtm } from './rtm.ts'
import { RtmRequests } from './rtm-requests.ts'
import type { SlackSocket } from './slack-socket.ts'
import { SlackSocketMode } from './socket-mode.ts'
import { SlackTriggers } from './triggers.ts'
import { SlackViews } from './views.ts'

/** What a fake Slack is made of. */
export interface FakeSlackOptions {
  readonly clock: Clock
  readonly record: SimulatorRecord
  readonly armed: ArmedFaults
  readonly limits: SlackLimits
  readonly workspaces: readonly SlackWorkspace[]
}

/** A person's message, by ids. */
export interface SlackSay {
  readonly channel: string
  readonly user: string
  readonly text: string
  readonly threadTs?: string
}

/** A slash command as a person uses it, by ids. */
export type SlackCommandUse = Omit<SlackCommand, 'bot' | 'channel'> & {
  readonly bot: string
  readonly channel: string
}

/** A press on a bot's message, by ids. */
export type SlackPressOn = Omit<SlackPress, 'channel'> & { readonly channel: string }

/**
 * A Slack as its documentation describes it: Web API under `/slack/api`, RTM under `/slack/rtm`, Socket Mode under
 * `/slack/link`. Calls to its methods act as the people and the operators of the platform do.
 */
export class FakeSlack {
  readonly directory: SlackDirectory
  readonly #world: SlackWorld
  readonly #options: FakeSlackOptions
  readonly #presence: SlackPresence
  readonly #announcements: SlackAnnouncements
  readonly #responses: SlackResponses
  readonly #interactions: SlackInteractions

  constructor(options: FakeSlackOptions) {
    const { clock, record, armed, limits } = options
    this.#options = options
    this.directory = new SlackDirectory(options.workspaces)
    const messages = new SlackMessages(clock, limits.messagesPerChannel)
    const presence = new SlackPresence(record)
    this.#presence = presence
    const rtm = new SlackRtm({
      clock,
      record,
      limits,
      presence,
      host: new RtmRequests(presence, () => this.#world),
    })
    const socketMode = new SlackSocketMode({ clock, record, limits, presence })
    const { directory } = this
    const outlets = new SlackOutlets(rtm, socketMode)
    const announcements = new SlackAnnouncements({ record, directory, armed, outlets })
    this.#announcements = announcements
    const postings = new SlackPostings({ clock, record, messages, announcements, outlets })
    const triggers = new SlackTriggers(clock)
    const views = new SlackViews()
    const responses = new SlackResponses({ clock, messages, postings })
    this.#responses = responses
    this.#interactions = new SlackInteractions({
      clock,
      record,
      directory,
      messages,
      responses,
      socketMode,
      triggers,
      views,
    })
    this.#world = { directory, messages, postings, rtm, socketMode, triggers, views, limits }
  }

  serve(app: FastifyInstance): void {
    const { record, armed, clock, limits } = this.#options
    serveSlackApi(app, { world: this.#world, record, armed, rates: new MethodRates(clock, limits) })
    this.#responses.serve(app)
  }

  /** Takes in a websocket that came to an RTM URL. */
  accept(ws: WebSocket, socketNumber: number, ticket: string): void {
    this.#world.rtm.accept(ws, socketNumber, ticket)
  }

  get rtm(): SlackRtm {
    return this.#world.rtm
  }

  get socketMode(): SlackSocketMode {
    return this.#world.socketMode
  }

  /** A person posts. Throws `SimulatorError` for an unknown channel. */
  say({ channel, ...said }: SlackSay): Posted {
    return this.#world.postings.sayAsUser({ ...said, channel: this.#channel(channel) })
  }

  /** A person reacts to a message. Throws `SimulatorError` where the same person has done so already. */
  react(channelId: string, user: string, ts: string, name: string): Posted {
    const channel = this.#channel(channelId)
    const message = this.message(channelId, ts)
    if (!message)
      throw new SimulatorError('not-found', `no message ${ts} in ${channelId}: it may have been dropped`)
    const there = message.reactions?.find((reaction) => reaction.name === name)
    if (there?.users.includes(user))
      throw new SimulatorError('bad-request', `${user} has already reacted to ${ts} with ${name}`)
    return this.#world.postings.react(channel, user, name, message)
  }

  /** A person uses a slash command of a bot. Throws `SimulatorError` for an unknown bot or channel. */
  useCommand({ bot, channel, ...used }: SlackCommandUse): Interacted {
    return this.#interactions.command({ ...used, bot: this.bot(bot), channel: this.#channel(channel) })
  }

  /** A person presses a button or chooses from a menu. Throws `SimulatorError` where there is none such. */
  press({ channel, ...pressed }: SlackPressOn): Interacted {
    return this.#interactions.press({ ...pressed, channel: this.#channel(channel) })
  }

  /** A person sends a form that the bot has opened. Throws `SimulatorError` where it is not open. */
  submit(submission: SlackSubmission): Interacted {
    return this.#interactions.submit(submission)
  }

  /** Sends an envelope of any type once over Socket Mode, its payload exactly as given. */
  sendEnvelope(botId: string, type: string, payloadText: string): DeliveredTo {
    const bot = this.bot(botId)
    const subject = /"(?:event_id|trigger_id)"\s*:\s*"([^"]+)"/.exec(payloadText)?.[1] ?? 'unknown'
    const letter = { bot, type, subject, payloadText, acceptsPayload: false }
    return this.socketMode.send(letter)
  }

  /** A person begins to type: RTM alone tells of it. */
  type(channelId: string, user: string): Posted {
    return this.#world.postings.announceTyping(this.#channel(channelId), user)
  }

  /** A person comes or goes: RTM sockets that have subscribed to it are told. */
  setPresence(user: string, presence: 'active' | 'away'): void {
    this.#presence.set(user, presence)
  }

  /** A message as it stands now, whole. */
  message(channelId: string, ts: string): SlackMessage | undefined {
    return this.#world.messages.find(channelId, ts)
  }

  /** Sends a frame, exactly as given, to all open sockets of a bot (bot user id, bot id or app id). */
  sendFrame(botId: string, text: string): DeliveredTo {
    return this.#announcements.sendFrame(this.bot(botId), text, typeOf(text))
  }

  /** Throws `SimulatorError` when there is none of this id. */
  bot(id: string): SlackBot {
    const bot = this.directory.bot(id)
    if (bot) return bot
    const known = this.directory.bots.map((other) => other.userId).join(', ')
    throw new SimulatorError('not-found', `no Slack bot ${id}: the simulator has ${known}`)
  }

  /** One bot, or all. */
  bots(botId?: string): readonly SlackBot[] {
    return botId === undefined ? this.directory.bots : [this.bot(botId)]
  }

  /** The sockets of one bot, or of all: RTM's and Socket Mode's. */
  sockets(botId?: string): readonly SlackSocket[] {
    return this.bots(botId).flatMap((bot) => this.#socketsOf(bot))
  }

  /** Takes back what faults of Slack's own still hold. */
  clearFaults(): void {
    this.rtm.clear()
    this.socketMode.clear()
  }

  state(): readonly SlackBotState[] {
    return this.directory.bots.map((bot) => showBotState(bot, this.#socketsOf(bot)))
  }

  /** Its token is refused from now on and its sockets end. */
  revoke(botId: string): void {
    const bot = this.bot(botId)
    this.directory.revoke(bot)
    for (const socket of this.#socketsOf(bot)) socket.drop()
  }

  stop(): void {
    this.#world.rtm.stop()
    this.#world.socketMode.stop()
  }

  #socketsOf(bot: SlackBot): readonly SlackSocket[] {
    return [...this.#world.rtm.socketsOf(bot), ...this.#world.socketMode.socketsOf(bot)]
  }

  #channel(id: string): SlackChannel {
    const channel = this.directory.channel(id)
    if (channel) return channel
    const known = this.directory.channels.slice(0, 10).map((other) => other.id)
    throw new SimulatorError('not-found', `no Slack channel ${id}: the simulator has ${known.join(', ')}`)
  }
}

function typeOf(frameText: string): string {
  return /"type"\s*:\s*"([^"]*)"/.exec(frameText)?.[1] ?? 'unknown'
}
