import { elementTexts, memberText } from '@holdfast/events'
import { type JsonObject, parseObject } from '@holdfast/protocol'
import type { SlackApi } from '../drivers/slack-api.ts'
import type { Ask, Batch, Stretch } from './history.ts'
import { cursorOf, slackQuestion } from './slack-questions.ts'

/** One message as Slack wrote it. */
export interface SlackPost {
  readonly text: string
  readonly ts: string
  /** Unix milliseconds. */
  readonly at: number
}

/** What one reading of a channel takes. */
export interface SlackReadingOptions {
  readonly api: SlackApi
  readonly channel: string
  readonly stretch: Stretch
  readonly ask: Ask
}

const PAGE_COUNT = '100'
/** So far back from the gap it is looked for threads that went on in it. */
const OLDER_COUNT = 30
/** Slack tells the newest first, and they go out the oldest first: so much of one channel is held at once. */
const HELD_LENGTH = 8 * 1024 * 1024

/**
 * The messages of one channel and its threads within a span, each once, oldest first: a channel with its threads is one
 * conversation. Slack reads backward, so all of them are held until the first is known.
 */
export class SlackReading {
  readonly #options: SlackReadingOptions
  readonly #posts = new Map<string, SlackPost>()
  /** First messages of threads that went on in the span. */
  readonly #threads = new Set<string>()
  readonly #fromMicros: number
  readonly #toMicros: number
  #olderCount = 0
  #heldLength = 0

  constructor(options: SlackReadingOptions) {
    const { span, after } = options.stretch
    this.#options = options
    this.#fromMicros = after === undefined ? span.from * 1_000 : microsOf(after) + 1
    this.#toMicros = span.to * 1_000 + 999
  }

  /** What was found, oldest first. */
  get posts(): readonly SlackPost[] {
    return [...this.#posts.values()].sort((one, other) => microsOf(one.ts) - microsOf(other.ts))
  }

  async read(): Promise<Exclude<Batch['end'], 'more'>> {
    const latest = stampOf(this.#toMicros)
    const history = await this.#readPages('conversations.history', { latest }, (message, text) => {
      if (isThreadGoingOn(message, this.#fromMicros)) this.#threads.add(String(message.ts))
      return this.#take(message, text) || this.#olderCount < OLDER_COUNT
    })
    if (history !== 'whole') return history
    let end: 'whole' | 'left-out' = 'whole'
    for (const ts of this.#threads) {
      const span = { ts, oldest: stampOf(this.#fromMicros), latest }
      const thread = await this.#readPages('conversations.replies', span, (message, text) => {
        this.#take(message, text)
        return true
      })
      if (thread === 'over') return 'over'
      if (thread === 'left-out') end = 'left-out'
    }
    return end
  }

  /** Page by page, until `take` wants no more of them. */
  async #readPages(
    method: string,
    span: Readonly<Record<string, string>>,
    take: (message: JsonObject, text: string) => boolean,
  ): Promise<'whole' | 'left-out' | 'over'> {
    const { api, channel, ask } = this.#options
    for (let cursor = ''; ; ) {
      const form = { channel, ...span, inclusive: 'true', limit: PAGE_COUNT, ...(cursor && { cursor }) }
      const answer = await ask(slackQuestion(api, method, form))
      if (answer.kind === 'over') return 'over'
      if (answer.kind === 'refused') return 'left-out'
      let wantsMore = true
      for (const text of elementTexts(memberText(answer.text, 'messages') ?? '[]'))
        wantsMore = take(parseObject(text) ?? {}, text)
      if (this.#heldLength > HELD_LENGTH) return 'left-out'
      cursor = cursorOf(answer.text)
      if (!wantsMore || cursor === '') return 'whole'
    }
  }

  /** False where it lies before the span. */
  #take({ ts }: JsonObject, text: string): boolean {
    const micros = typeof ts === 'string' ? microsOf(ts) : Number.NaN
    if (micros < this.#fromMicros) {
      this.#olderCount += 1
      return false
    }
    if (typeof ts !== 'string' || !(micros <= this.#toMicros) || this.#posts.has(ts)) return true
    this.#posts.set(ts, { text, ts, at: Math.floor(micros / 1_000) })
    this.#heldLength += text.length
    return true
  }
}

/** A first message tells of its last reply. https://docs.slack.dev/messaging/retrieving-messages */
function isThreadGoingOn(
  { ts, thread_ts, reply_count, latest_reply }: JsonObject,
  fromMicros: number,
): boolean {
  if (typeof ts !== 'string' || (thread_ts !== undefined && thread_ts !== ts)) return false
  if (typeof latest_reply === 'string') return microsOf(latest_reply) >= fromMicros
  return typeof reply_count === 'number' && reply_count > 0
}

/** `1658282075.825129` in whole microseconds, which a number holds exactly. Not a number where it is no stamp. */
function microsOf(ts: string): number {
  const [, seconds, fraction = ''] = /^(\d{1,10})(?:\.(\d{1,6}))?$/.exec(ts) ?? []
  return seconds === undefined ? Number.NaN : Number(seconds) * 1_000_000 + Number(fraction.padEnd(6, '0'))
}

function stampOf(micros: number): string {
  return `${Math.floor(micros / 1_000_000)}.${String(micros % 1_000_000).padStart(6, '0')}`
}
