import { elementTexts, type Gap, memberText, readDiscordHistoryMessage } from '@holdfast/events'
import { parseObject, type Shard } from '@holdfast/protocol'
import type { DiscordApi } from '../drivers/discord-api.ts'
import { discordQuestion } from './discord-questions.ts'
import type { Ask, Batch, Conversation, History, Listing, Span, Stretch } from './history.ts'
import { atOf, shardOf, snowflakeAt } from './snowflake.ts'

/** Whose history it is. */
export interface DiscordHistoryOptions extends DiscordApi {
  /** The connection's id in the configuration. */
  readonly connection: string
  readonly shard: Shard
  readonly intents: number
}

const GUILD_MESSAGES = 1 << 9
const GUILD_COUNT = 200
const PAGE_COUNT = 100

/**
 * Kinds of channels that hold messages themselves: text, voice, announcements, stage. Forums and media hold threads alone.
 * https://docs.discord.com/developers/resources/channel#channel-object-channel-types
 */
const READABLE: ReadonlySet<unknown> = new Set([0, 2, 5, 13])

/** "Missing Access": the bot does not see the channel, so nothing of it would have come over the socket either. */
const UNSEEN = '403 50001'

/**
 * What Discord remembers of the guilds of one shard: their channels and active threads. Direct messages can't be listed, and
 * threads that were archived meanwhile are not among the active: neither is read.
 * https://docs.discord.com/developers/resources/message#get-channel-messages
 */
export class DiscordHistory implements History {
  readonly type = 'discord.MESSAGE_CREATE'
  readonly #options: DiscordHistoryOptions

  constructor(options: DiscordHistoryOptions) {
    this.#options = options
  }

  get isHeard(): boolean {
    return (this.#options.intents & GUILD_MESSAGES) !== 0
  }

  /** The last that was written to come first: where nothing was since the gap began is left out. */
  async list(_gap: Gap, span: Span, ask: Ask, requestCount: number): Promise<Listing> {
    let left = requestCount
    const bounded: Ask = async (question) => (left-- > 0 ? ask(question) : { kind: 'over' })
    const guilds = await this.#guilds(bounded)
    const found: Conversation[] = []
    let { refusedCount, isWhole } = guilds
    for (const guildId of guilds.ids) {
      for (const path of [`guilds/${guildId}/channels`, `guilds/${guildId}/threads/active`]) {
        const answer = await bounded(discordQuestion(this.#options, path))
        if (answer.kind === 'answer') found.push(...channelsIn(answer.text, guildId))
        else if (answer.kind === 'refused') refusedCount += answer.why === UNSEEN ? 0 : 1
        else isWhole = false
      }
      if (!isWhole) break
    }
    const conversations = found
      .filter(({ lastAt = 0 }) => lastAt >= span.from)
      .sort((one, other) => (other.lastAt ?? 0) - (one.lastAt ?? 0))
    return { conversations, refusedCount, isWhole }
  }

  async read({ id, guildId, lastAt = 0 }: Conversation, stretch: Stretch, ask: Ask): Promise<Batch> {
    const { span, after = snowflakeAt(span.from) } = stretch
    const query = `?after=${after}&limit=${PAGE_COUNT}`
    const answer = await ask(discordQuestion(this.#options, `channels/${id}/messages`, query))
    if (answer.kind === 'over') return { messages: [], end: 'over' }
    if (answer.kind === 'refused') return { messages: [], end: answer.why === UNSEEN ? 'whole' : 'left-out' }
    const page = elementTexts(answer.text).map((text) => ({ text, id: String(parseObject(text)?.id) }))
    const messages = page
      .toReversed()
      .filter((message) => atOf(message.id) <= span.to)
      .flatMap((message) => this.#messageOf(message, guildId, stretch))
    const isPast = page.some((message) => atOf(message.id) > span.to)
    if (page.length === PAGE_COUNT && !isPast && messages.length > 0) return { messages, end: 'more' }
    // Without the right to read history Discord answers with an empty list.
    const isHidden = page.length === 0 && stretch.after === undefined && lastAt <= span.to
    return { messages, end: isHidden ? 'left-out' : 'whole' }
  }

  #messageOf({ text, id }: { text: string; id: string }, guildId: string | undefined, stretch: Stretch) {
    const { connection, shard } = this.#options
    const { gap, readAt } = stretch
    const origin = { connection, bot: gap.bot, receivedAt: readAt, nonce: id, shard: shard[0], guildId }
    const reading = readDiscordHistoryMessage(text, origin)
    return reading.kind === 'event' ? [{ position: id, at: atOf(id), event: reading.event }] : []
  }

  /** The guilds of the shard. */
  async #guilds(ask: Ask) {
    const [shard, shardCount] = this.#options.shard
    const ids: string[] = []
    for (let after = '0'; ; ) {
      const query = `?after=${after}&limit=${GUILD_COUNT}`
      const answer = await ask(discordQuestion(this.#options, 'users/@me/guilds', query))
      if (answer.kind !== 'answer') {
        return { ids, refusedCount: answer.kind === 'refused' ? 1 : 0, isWhole: answer.kind !== 'over' }
      }
      const page = elementTexts(answer.text).map((text) => String(parseObject(text)?.id))
      ids.push(...page.filter((id) => shardOf(id, shardCount) === shard))
      const last = page.at(-1)
      if (page.length < GUILD_COUNT || last === undefined) return { ids, refusedCount: 0, isWhole: true }
      after = last
    }
  }
}

/** Either answer: a list of channels, or an object with `threads`. */
function channelsIn(text: string, guildId: string): readonly Conversation[] {
  const threads = memberText(text, 'threads')
  return elementTexts(threads ?? text).flatMap((each) => {
    const { id, type, last_message_id: last } = parseObject(each) ?? {}
    const isReadable = threads !== undefined || READABLE.has(type)
    return isReadable && typeof id === 'string' && typeof last === 'string'
      ? [{ id, guildId, lastAt: atOf(last) }]
      : []
  })
}
