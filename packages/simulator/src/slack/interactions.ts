import type { Clock } from '../clock.ts'
import { SimulatorError } from '../errors.ts'
import type { DeliveredTo, InteractionFact } from '../facts.ts'
import { given } from '../given.ts'
import type { SimulatorRecord } from '../record.ts'
import { actionOf, findElement, labelOf } from './block-elements.ts'
import type { SlackBot, SlackChannel, SlackDirectory } from './directory.ts'
import type { Letter } from './envelopes.ts'
import { commandPayload, interactivePayload } from './interaction-payloads.ts'
import type { SlackMessages } from './messages.ts'
import type { SlackResponses } from './responses.ts'
import type { SlackSocketMode } from './socket-mode.ts'
import type { SlackTriggers } from './triggers.ts'
import type { SlackView, SlackViews } from './views.ts'

/** A person uses a slash command of a bot. */
export interface SlackCommand {
  readonly bot: SlackBot
  readonly channel: SlackChannel
  readonly user: string
  /** With its slash. */
  readonly command: string
  readonly text: string
}

/** A person presses a button under a bot's message, or chooses from a menu of it. */
export interface SlackPress {
  readonly channel: SlackChannel
  readonly user: string
  /** The message. */
  readonly ts: string
  readonly actionId: string
  /** What is chosen from a menu. */
  readonly value?: string | undefined
}

/** A person sends a form. `values` as in `view.state.values`: by block id and action id. */
export interface SlackSubmission {
  readonly view: string
  readonly user: string
  readonly values: object
}

/** What became of the payload. What became of the interaction is told by the record. */
export interface Interacted {
  readonly triggerId: string
  readonly deliveredTo: DeliveredTo
}

/** What interactions are made with. */
export interface InteractionParts {
  readonly clock: Clock
  readonly record: SimulatorRecord
  readonly directory: SlackDirectory
  readonly messages: SlackMessages
  readonly responses: SlackResponses
  readonly socketMode: SlackSocketMode
  readonly triggers: SlackTriggers
  readonly views: SlackViews
}

/** A deed on its way to the app. */
interface Deed {
  readonly bot: SlackBot
  readonly channel: SlackChannel | undefined
  readonly user: string
  readonly what: string
  readonly message?: string | undefined
  readonly type: 'slash_commands' | 'interactive'
  /** Makes the payload around the trigger id. */
  readonly payload: (triggerId: string) => object
  /** What the acknowledgement's payload does; undefined where it takes none. */
  readonly respond?: (payload: unknown, triggerId: string) => string | undefined
}

/**
 * What people do that is not an event: slash commands, presses on what bots posted, forms. Each reaches one socket of
 * the app once; unacknowledged for 3 s the person sees an error. Source: docs.slack.dev, Handling user interaction.
 */
export class SlackInteractions {
  readonly #parts: InteractionParts

  constructor(parts: InteractionParts) {
    this.#parts = parts
  }

  command(asked: SlackCommand): Interacted {
    const { bot, channel, user, command } = asked
    return this.#deliver({
      bot,
      channel,
      user,
      what: command,
      type: 'slash_commands',
      payload: (triggerId) => {
        const who = this.#who(bot, user)
        const response_url = this.#responseUrl(bot, channel, triggerId)
        return commandPayload({ ...asked, ...who, trigger_id: triggerId, response_url })
      },
      respond: (payload, triggerId) =>
        this.#parts.responses.respond({ bot, channel, interaction: triggerId }, payload, 'acknowledgement'),
    })
  }

  /** Throws `SimulatorError` where there is no such message, element or choice. */
  press({ channel, user, ts, actionId, value }: SlackPress): Interacted {
    const { messages, directory } = this.#parts
    const message = messages.find(channel.id, ts)
    const bot = message?.bot_id === undefined ? undefined : directory.bot(message.bot_id)
    const element = findElement(message?.blocks, actionId)
    const action = element && actionOf(element, messages.nextTs(), value)
    if (!bot || !message || !element || !action) throw notPressable(channel, ts, actionId, value)
    return this.#deliver({
      bot,
      channel,
      user,
      what: labelOf(element),
      message: ts,
      type: 'interactive',
      payload: (trigger_id) => {
        const response_url = this.#responseUrl(bot, channel, trigger_id, ts)
        const { metadata: _, ...shown } = message
        const where = { channel: { id: channel.id, name: channel.name }, message: shown }
        const container = { type: 'message', message_ts: ts, channel_id: channel.id, is_ephemeral: false }
        const more = { container, ...where, state: { values: {} }, response_url, actions: [given(action)] }
        return interactivePayload('block_actions', { bot, ...this.#who(bot, user), trigger_id }, more)
      },
    })
  }

  /** Throws `SimulatorError` where no such view is open. */
  submit({ view: viewId, user, values }: SlackSubmission): Interacted {
    const view = this.#parts.views.find(viewId)
    if (!view) throw new SimulatorError('not-found', `no open view ${viewId}: views.open makes them`)
    const { bot } = view
    return this.#deliver({
      bot,
      channel: undefined,
      user,
      what: view.title,
      type: 'interactive',
      payload: (trigger_id) => {
        const more = { view: { ...view.shown, state: { values } }, response_urls: [] }
        return interactivePayload('view_submission', { bot, ...this.#who(bot, user), trigger_id }, more)
      },
      respond: (payload) => this.#respondToView(view, payload),
    })
  }

  #deliver(deed: Deed): Interacted {
    const { bot, type, respond } = deed
    const triggerId = this.#parts.triggers.issue(bot)
    const tell = this.#teller(deed, triggerId)
    const letter: Letter = {
      bot,
      type,
      subject: triggerId,
      payloadText: JSON.stringify(deed.payload(triggerId)),
      acceptsPayload: respond !== undefined,
      answered: (payload) => tell('answered', respond?.(payload, triggerId)),
      failed: () => tell('failed'),
    }
    tell('waiting')
    const deliveredTo = this.#parts.socketMode.send(letter)
    this.#recordEvent(deed, triggerId, deliveredTo)
    return { triggerId, deliveredTo }
  }

  #teller({ bot, channel, user, what, message }: Deed, id: string) {
    const { clock, record } = this.#parts
    const who = { bot: bot.userId, id, channel: channel?.id ?? '', user, what, message }
    const about = { kind: 'interaction', platform: 'slack', ...who, askedAt: clock.wallAt() } as const
    return (state: InteractionFact['state'], response?: string) =>
      record.write(given({ ...about, state, response }))
  }

  #recordEvent({ type, channel, user, what: text, message }: Deed, id: string, to: DeliveredTo): void {
    const about = { type, channel: channel?.id, id, user, text, message }
    this.#parts.record.write(given({ kind: 'event', platform: 'slack', ...about, deliveredTo: [to] }))
  }

  /** A form stays open only where it is corrected, exchanged or covered by another. */
  #respondToView(view: SlackView, payload: unknown): string | undefined {
    const action = payload as { readonly response_action?: unknown } | null | undefined
    const response = typeof action?.response_action === 'string' ? action.response_action : undefined
    if (response === undefined || response === 'clear') this.#parts.views.close(view)
    return response
  }

  #responseUrl(bot: SlackBot, channel: SlackChannel, interaction: string, message?: string): string {
    const { responses, socketMode } = this.#parts
    return `http://${socketMode.hostOf(bot)}${responses.issuePath({ bot, channel, interaction, message })}`
  }

  #who(bot: SlackBot, user: string) {
    const { directory } = this.#parts
    const name = directory.users.find(({ id }) => id === user)?.name ?? user
    return { user: { id: user, name }, team: directory.workspaceOf(bot) }
  }
}

function notPressable({ id }: SlackChannel, ts: string, actionId: string, value?: string): SimulatorError {
  const choice = value === undefined ? '' : ` with a choice "${value}"`
  const message = `message ${ts} in ${id} has no button or menu of action id "${actionId}"${choice}`
  return new SimulatorError('not-found', message)
}
