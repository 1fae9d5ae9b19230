import type { ArmedFaults } from '../armed-faults.ts'
import type { DeliveredTo } from '../facts.ts'
import { given } from '../given.ts'
import type { SimulatorRecord } from '../record.ts'
import type { SlackBot, SlackChannel, SlackDirectory } from './directory.ts'
import { appMention, isMentionOf } from './mentions.ts'
import type { SlackMessage } from './messages.ts'
import type { SlackOutlets } from './outlets.ts'
import type { RtmSocket } from './rtm-socket.ts'

/** Where it stands, and what became of it for each bot. */
export interface Posted {
  readonly ts: string
  readonly deliveredTo: readonly DeliveredTo[]
}

/** What the record says of an announcement. */
export interface Announced {
  readonly ts?: string
  readonly user?: string | undefined
  readonly text?: string
  readonly name?: string
  readonly message?: string
}

/** What announcements are made with. */
export interface AnnouncementParts {
  readonly record: SimulatorRecord
  readonly directory: SlackDirectory
  readonly armed: ArmedFaults
  readonly outlets: SlackOutlets
}

/** What happens is told here to the bots that are to know of it, and recorded with what became of it for each. */
export class SlackAnnouncements {
  readonly #parts: AnnouncementParts

  constructor(parts: AnnouncementParts) {
    this.#parts = parts
  }

  /** Tells all bots in the channel. */
  announce(
    channel: SlackChannel,
    frame: { readonly type: string },
    about: Announced,
    from?: RtmSocket,
  ): Posted {
    const { armed, directory, outlets } = this.#parts
    const { type } = frame
    const event = { type, text: JSON.stringify(frame), channel: channel.id }
    const copies = armed.takeCopyCount('slack')
    const all = directory.botsIn(channel.id).map((bot) => outlets.deliver(bot, event, copies, from))
    // Whoever sent it over its only socket has the reply instead, and has lost nothing.
    const deliveredTo = all.filter(({ bot, ...got }) => bot !== from?.bot.userId || isAnything(got))
    const { ts: id, ...rest } = about
    this.#record({ type, channel: channel.id, id, ...rest }, deliveredTo)
    return { ts: about.ts ?? '', deliveredTo }
  }

  /** An event of its own beside the message's, for apps alone and to those that are mentioned. */
  mention(channel: SlackChannel, message: SlackMessage): void {
    const { directory, outlets } = this.#parts
    const mentioned = directory.botsIn(channel.id).filter((bot) => isMentionOf(bot, message))
    if (mentioned.length === 0) return
    const event = appMention(channel, message)
    const deliveredTo = mentioned.flatMap((bot) => outlets.deliverToApp(bot, event) ?? [])
    if (deliveredTo.length === 0) return
    const user = message.user ?? message.bot_id
    this.#record({ type: event.type, channel: channel.id, id: message.ts, user }, deliveredTo)
  }

  /** Sends a frame, exactly as given, to one bot: over RTM as it is, over Socket Mode as an event. It is stored nowhere. */
  sendFrame(bot: SlackBot, text: string, type: string): DeliveredTo {
    const { armed, outlets } = this.#parts
    const deliveredTo = outlets.deliver(bot, { type, text }, armed.takeCopyCount('slack'))
    this.#record({ type }, [deliveredTo])
    return deliveredTo
  }

  #record(
    about: { readonly type: string; readonly channel?: string; readonly id?: string | undefined } & Announced,
    deliveredTo: readonly DeliveredTo[],
  ): void {
    this.#parts.record.write(given({ kind: 'event', platform: 'slack', ...about, deliveredTo }))
  }
}

function isAnything({ sentCount, bufferedCount }: Omit<DeliveredTo, 'bot'>): boolean {
  return sentCount + bufferedCount > 0
}
