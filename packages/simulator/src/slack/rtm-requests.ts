import type { SlackWorld } from './method.ts'
import type { SlackPresence } from './presence.ts'
import type { RtmHost, RtmSend, RtmSendResult, RtmSocket } from './rtm-socket.ts'

const TEXT_LENGTH = 4_000

/** What bots ask for over RTM. Source: docs.slack.dev, legacy RTM API, Sending messages; User presence and status. */
export class RtmRequests implements RtmHost {
  readonly #presence: SlackPresence
  // Asked for late: the world is made with the sockets that ask.
  readonly #world: () => SlackWorld

  constructor(presence: SlackPresence, world: () => SlackWorld) {
    this.#presence = presence
    this.#world = world
  }

  send(from: RtmSocket, { channel: id, text, threadTs }: RtmSend): RtmSendResult {
    const { directory, postings } = this.#world()
    const channel = directory.channel(id)
    if (text === '') return { ok: false, error: { code: 2, msg: 'message text is missing' } }
    if (text.length > TEXT_LENGTH) return { ok: false, error: { code: 2, msg: 'msg_too_long' } }
    if (!channel?.members.has(from.bot.userId))
      return { ok: false, error: { code: -1, msg: 'channel_not_found' } }
    const said = { method: 'rtm', channel, text, asUser: true, from, threadTs }
    const message = postings.sayAsBot(from.bot, said)
    return { ok: true, ts: message.ts, text: message.text }
  }

  typing(from: RtmSocket, channelId: string): void {
    const { directory, postings } = this.#world()
    const channel = directory.channel(channelId)
    if (channel) postings.announceTyping(channel, from.bot.userId, from)
  }

  presenceOf({ bot: { teamId } }: RtmSocket, user: string): 'active' | 'away' | undefined {
    const { bots, users } = this.#world().directory
    const bot = bots.find((other) => other.userId === user && other.teamId === teamId)
    if (bot) return this.#presence.of(bot)
    const isPerson = users.some((other) => other.id === user && other.teamId === teamId)
    return isPerson ? this.#presence.ofPerson(user) : undefined
  }
}
