import type { FastifyInstance } from 'fastify'
import { type Clock, randomHex } from '../clock.ts'
import { given } from '../given.ts'
import type { SlackBot, SlackChannel } from './directory.ts'
import type { SlackMessages } from './messages.ts'
import type { SlackPostings } from './postings.ts'

/** What a response answers. */
export interface RespondTo {
  readonly bot: SlackBot
  readonly channel: SlackChannel
  /** The trigger id. */
  readonly interaction: string
  /** The message that was pressed on: `replace_original` and `delete_original` mean it. */
  readonly message?: string | undefined
}

/** What responses are made with. */
export interface ResponseParts {
  readonly clock: Clock
  readonly messages: SlackMessages
  readonly postings: SlackPostings
}

interface ResponseUrl {
  readonly to: RespondTo
  readonly expiresMs: number
  usesLeft: number
}

const USE_COUNT = 5
const LIFE_MS = 30 * 60_000

/** The path that response URLs begin with. */
const RESPONSE_PATH = '/slack/hooks'

/**
 * What an app says to an interaction, over its response URL (five times within 30 minutes, without a token) or in its
 * acknowledgement. Source: docs.slack.dev, Handling user interaction, Composing message responses.
 */
export class SlackResponses {
  readonly #parts: ResponseParts
  readonly #urls = new Map<string, ResponseUrl>()

  constructor(parts: ResponseParts) {
    this.#parts = parts
  }

  /** The path of a fresh response URL. */
  issuePath(to: RespondTo): string {
    const { clock } = this.#parts
    const id = randomHex(clock, 24)
    this.#forgetOld()
    this.#urls.set(id, { to, expiresMs: clock.monotonicMs() + LIFE_MS, usesLeft: USE_COUNT })
    return `${RESPONSE_PATH}/${to.bot.teamId}/${id}`
  }

  serve(app: FastifyInstance): void {
    app.post(`${RESPONSE_PATH}/:team/:id`, ({ params, body }, reply) => {
      const error = this.#use((params as { id: string }).id, body)
      return error === undefined ? { ok: true } : reply.code(404).send({ ok: false, error })
    })
  }

  /** Does what a message payload says: `in_channel` posts, all else is for one person's eyes. Empty payloads say nothing. */
  respond(to: RespondTo, payload: unknown, method: string): 'message' | undefined {
    const said = fieldsOf(payload)
    const original = this.#parts.messages.find(to.channel.id, to.message ?? '')
    const { bot, channel, interaction } = to
    if (said.delete_original === true && original) {
      this.#parts.postings.deleteAsBot(bot, channel, original, method)
      return 'message'
    }
    const text = textOf(said.text) ?? ''
    if (text === '' && said.blocks === undefined) return undefined
    const extras = given({ blocks: said.blocks, attachments: said.attachments })
    if (said.replace_original === true && original) {
      // As a whole: what is left out goes.
      const { blocks: _, attachments: __, ...kept } = original
      this.#parts.postings.editAsBot(bot, channel, { ...kept, text, ...extras }, method)
      return 'message'
    }
    const message = {
      method,
      channel,
      text,
      asUser: true,
      extras,
      threadTs: textOf(said.thread_ts),
      interaction,
    }
    if (said.response_type === 'in_channel') this.#parts.postings.sayAsBot(bot, message)
    else this.#parts.postings.whisperAsBot(bot, message)
    return 'message'
  }

  /** Slack's word for what is wrong with the URL, if anything is. */
  #use(id: string, body: unknown): 'expired_url' | 'used_url' | undefined {
    const url = this.#urls.get(id)
    if (!url || this.#parts.clock.monotonicMs() >= url.expiresMs) return 'expired_url'
    if (url.usesLeft === 0) return 'used_url'
    url.usesLeft -= 1
    this.respond(url.to, body, 'response_url')
    return undefined
  }

  /** In the order of their issue, so the oldest come first. */
  #forgetOld(): void {
    for (const [id, { expiresMs }] of this.#urls) {
      if (this.#parts.clock.monotonicMs() < expiresMs) return
      this.#urls.delete(id)
    }
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
