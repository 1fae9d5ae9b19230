import type { ArmedFaults } from '../armed-faults.ts'
import type { DeliveredTo } from '../facts.ts'
import { given } from '../given.ts'
import type { SimulatorRecord } from '../record.ts'
import type { DiscordBot, DiscordChannel } from './directory.ts'
import { INTENT } from './intents.ts'
import type { DiscordMessage } from './messages.ts'
import { showMember } from './payloads.ts'
import type { DiscordSession } from './session.ts'
import type { DiscordSessions, Dispatch } from './sessions.ts'

/** What dispatches are made with. */
export interface DispatchParts {
  readonly record: SimulatorRecord
  readonly sessions: DiscordSessions
  readonly armed: ArmedFaults
}

/** Where a dispatch belongs, and what the record says of it. */
export interface DispatchAbout {
  readonly channel?: DiscordChannel | undefined
  readonly guildId?: string | undefined
  readonly bots?: readonly DiscordBot[] | undefined
  readonly id?: string | undefined
  readonly user?: string
  readonly text?: string | undefined
  readonly name?: string
  readonly message?: string
}

/** Every dispatch passes here: it goes to the sessions that may see it, and is recorded with what became of it. */
export class Dispatches {
  readonly #parts: DispatchParts

  constructor(parts: DispatchParts) {
    this.#parts = parts
  }

  /** Dispatches `text` as the `d` of a `type`, unchanged, to all sessions that may see it. */
  make(type: string, text: string, about: DispatchAbout): readonly DeliveredTo[] {
    return this.#make({ type, textFor: () => text }, about)
  }

  /** Dispatches a message, with its content to those sessions that may read it. */
  message(type: string, channel: DiscordChannel, message: DiscordMessage): readonly DeliveredTo[] {
    const shown = { ...message, guild_id: channel.guildId, member: showMember() }
    const text = JSON.stringify(shown)
    let emptied: string | undefined
    const textFor = (session: DiscordSession) => {
      if (seesContent(session, message)) return text
      // Made once, and only where there is a session that needs it.
      emptied ??= JSON.stringify({ ...shown, content: '', embeds: [], attachments: [], components: [] })
      return emptied
    }
    const about = { channel, id: message.id, user: message.author.id, text: message.content }
    return this.#make({ type, textFor }, about)
  }

  #make(what: Pick<Dispatch, 'type' | 'textFor'>, about: DispatchAbout): readonly DeliveredTo[] {
    const { channel, guildId = channel?.guildId, bots, ...told } = about
    const copies = this.#parts.armed.takeCopyCount('discord')
    const deliveredTo = this.#parts.sessions.dispatch(given({ ...what, guildId, bots }), copies)
    const fact = { kind: 'event', platform: 'discord', type: what.type, channel: channel?.id } as const
    this.#parts.record.write(given({ ...fact, ...told, deliveredTo }))
    return deliveredTo
  }
}

/** Without the intent, a bot sees the content of its own messages and of those that mention it. */
function seesContent({ intents, bot }: DiscordSession, { author, mentions }: DiscordMessage): boolean {
  if ((intents & INTENT.MESSAGE_CONTENT) !== 0 || author.id === bot.id) return true
  return mentions.some((mentioned) => 'id' in mentioned && mentioned.id === bot.id)
}
