import type { DeliveredTo } from '../facts.ts'
import type { SlackBot } from './directory.ts'
import type { AppEvent } from './event-callback.ts'
import type { SlackRtm } from './rtm.ts'
import type { RtmSocket } from './rtm-socket.ts'
import type { SlackSocketMode } from './socket-mode.ts'

// What only RTM knows. Source: docs.slack.dev, Events, "Compatible with: RTM".
const RTM_ALONE: ReadonlySet<string> = new Set([
  'user_typing',
  'presence_change',
  'reconnect_url',
  'pref_change',
])

/** The two ways in which an event gets to a bot: over all of its RTM sockets, and over one of its Socket Mode sockets. */
export class SlackOutlets {
  readonly #rtm: SlackRtm
  readonly #socketMode: SlackSocketMode

  constructor(rtm: SlackRtm, socketMode: SlackSocketMode) {
    this.#rtm = rtm
    this.#socketMode = socketMode
  }

  /** Gives an event to a bot, `copies` times. Over RTM the socket it was sent on, `from`, is left out. */
  deliver(bot: SlackBot, event: AppEvent, copies: number, from?: RtmSocket): DeliveredTo {
    const overRtm = this.#rtm.deliver(bot, event.text, copies, from)
    const overSocketMode = this.deliverToApp(bot, event, copies)
    if (!overSocketMode) return overRtm
    return {
      bot: bot.userId,
      sentCount: overRtm.sentCount + overSocketMode.sentCount,
      bufferedCount: overRtm.bufferedCount + overSocketMode.bufferedCount,
    }
  }

  /** Gives an event to a bot over Socket Mode alone; undefined where the app has that off or RTM alone knows the type. */
  deliverToApp(bot: SlackBot, event: AppEvent, copies = 1): DeliveredTo | undefined {
    return RTM_ALONE.has(event.type) ? undefined : this.#socketMode.publish(bot, event, copies)
  }

  /** Whether the bot belongs to an app with granular permissions: Socket Mode is for those alone. */
  isApp(bot: SlackBot): boolean {
    return this.#socketMode.isOn(bot)
  }
}
