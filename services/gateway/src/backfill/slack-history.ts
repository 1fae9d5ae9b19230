import { elementTexts, type Gap, memberText, readSlackHistoryMessage } from '@holdfast/events'
import { parseObject } from '@holdfast/protocol'
import type { SlackApi } from '../drivers/slack-api.ts'
import type { Ask, Batch, Conversation, History, HistoryMessage, Listing, Span, Stretch } from './history.ts'
import { cursorOf, slackQuestion } from './slack-questions.ts'
import { SlackReading } from './slack-reading.ts'

/** Whose history it is. */
export interface SlackHistoryOptions extends SlackApi {
  /** The connection's id in the configuration. */
  readonly connection: string
  readonly transport: 'rtm' | 'socket-mode'
}

/** Those who write to the bot alone wait for an answer: they come first, for Slack does not tell where something was said last. */
const KINDS = [
  ['im', 'im:history'],
  ['mpim', 'mpim:history'],
  ['private_channel', 'groups:history'],
  ['public_channel', 'channels:history'],
] as const

const LISTED_COUNT = '200'

/**
 * What Slack remembers of the conversations that a bot is in, threads included: of a thread whose first message is older than the
 * gap, if that one is among the last 30 messages before it.
 * https://docs.slack.dev/reference/methods/conversations.history, https://docs.slack.dev/reference/methods/conversations.replies
 */
export class SlackHistory implements History {
  readonly type = 'slack.message'
  readonly isHeard = true
  readonly #options: SlackHistoryOptions
  /** The organisation, where the app is installed on all of it: known from the listing on. */
  #organisationId: string | undefined

  constructor(options: SlackHistoryOptions) {
    this.#options = options
  }

  async list(_gap: Gap, _span: Span, ask: Ask): Promise<Listing> {
    const who = await ask(slackQuestion(this.#options, 'auth.test', {}))
    if (who.kind !== 'answer') return { conversations: [], refusedCount: 0, isWhole: false }
    const { is_enterprise_install: isWide, enterprise_id: organisation } = parseObject(who.text) ?? {}
    this.#organisationId = isWide === true && typeof organisation === 'string' ? organisation : undefined
    const conversations: Conversation[] = []
    let refusedCount = 0
    for (const [kind, historyScope] of KINDS) {
      const listed = await this.#listKind(kind, ask)
      conversations.push(...listed.ids.map((id) => ({ id })))
      if (listed.end === 'over') return { conversations, refusedCount, isWhole: false }
      if (listed.end !== 'whole' && this.#isHeard(historyScope, listed.end.provided)) refusedCount += 1
    }
    return { conversations, refusedCount, isWhole: true }
  }

  async read({ id }: Conversation, stretch: Stretch, ask: Ask): Promise<Batch> {
    const reading = new SlackReading({ api: this.#options, channel: id, stretch, ask })
    const end = await reading.read()
    const messages = reading.posts.flatMap(({ text, ts, at }): readonly HistoryMessage[] => {
      const event = this.#eventOf(text, ts, id, stretch)
      return event ? [{ position: ts, at, event }] : []
    })
    return { messages, end }
  }

  #eventOf(text: string, ts: string, channel: string, { gap, readAt }: Stretch) {
    const reading = readSlackHistoryMessage(text, {
      connection: this.#options.connection,
      bot: gap.bot,
      teamId: gap.workspace ?? '',
      organisationId: this.#organisationId,
      channel,
      receivedAt: readAt,
      nonce: ts,
    })
    return reading.kind === 'event' ? reading.event : undefined
  }

  async #listKind(types: string, ask: Ask): Promise<Listed> {
    const ids: string[] = []
    for (let cursor = ''; ; ) {
      const form = { types, limit: LISTED_COUNT, exclude_archived: 'true', ...(cursor && { cursor }) }
      const answer = await ask(slackQuestion(this.#options, 'users.conversations', form))
      if (answer.kind === 'over') return { ids, end: 'over' }
      const body = parseObject(answer.text ?? '') ?? {}
      if (answer.kind === 'refused') return { ids, end: { provided: body.provided } }
      for (const each of elementTexts(memberText(answer.text, 'channels') ?? '[]')) ids.push(...idOf(each))
      cursor = cursorOf(answer.text)
      if (cursor === '') return { ids, end: 'whole' }
    }
  }

  /** Slack sends to a socket of Socket Mode only what the app may read: of other conversations nothing was missed. */
  #isHeard(historyScope: string, provided: unknown): boolean {
    if (this.#options.transport === 'rtm' || typeof provided !== 'string') return true
    return provided.split(',').includes(historyScope)
  }
}

interface Listed {
  readonly ids: readonly string[]
  /** What a refusal says of the token's scopes. */
  readonly end: 'whole' | 'over' | { readonly provided: unknown }
}

function idOf(text: string): readonly string[] {
  const { id } = parseObject(text) ?? {}
  return typeof id === 'string' && id !== '' ? [id] : []
}
