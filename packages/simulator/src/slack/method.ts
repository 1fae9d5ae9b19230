import type { SlackLimits } from '../limits.ts'
import type { SlackBot, SlackChannel, SlackDirectory } from './directory.ts'
import type { SlackMessages } from './messages.ts'
import type { SlackPostings } from './postings.ts'
import type { SlackRtm } from './rtm.ts'
import type { SlackSocketMode } from './socket-mode.ts'
import type { SlackTriggers } from './triggers.ts'
import type { SlackViews } from './views.ts'

/** What a method answers; with `ok: false` and an error of Slack's own list when it refuses. */
export type SlackAnswer = { readonly ok: boolean; readonly error?: string } & Readonly<
  Record<string, unknown>
>

/** What methods work on. */
export interface SlackWorld {
  readonly directory: SlackDirectory
  readonly messages: SlackMessages
  readonly postings: SlackPostings
  readonly rtm: SlackRtm
  readonly socketMode: SlackSocketMode
  readonly triggers: SlackTriggers
  readonly views: SlackViews
  readonly limits: SlackLimits
}

/** One authenticated call. */
export interface SlackCall {
  readonly bot: SlackBot
  readonly args: SlackArgs
  /** `host:port` as the client addressed this server, for URLs in answers. */
  readonly host: string
}

/** A method of the Web API. */
export type SlackMethod = (world: SlackWorld, call: SlackCall) => SlackAnswer

/** A refusal, by Slack's own word for it. */
export function refuse(error: string, more: Readonly<Record<string, unknown>> = {}): SlackAnswer {
  return { ok: false, error, ...more }
}

/** The arguments of a call: from a query, a form (all strings, nested values as JSON text) or a JSON body. */
export class SlackArgs {
  readonly #raw: Readonly<Record<string, unknown>>

  constructor(raw: Readonly<Record<string, unknown>>) {
    this.#raw = raw
  }

  text(name: string): string | undefined {
    const value = this.#raw[name]
    if (typeof value === 'number') return String(value)
    return typeof value === 'string' ? value : undefined
  }

  flag(name: string): boolean {
    const value = this.#raw[name]
    return value === true || value === 'true' || value === '1' || value === 1
  }

  /** A whole number from 1 to `max`; `byDefault` when absent or unreadable. */
  count(name: string, byDefault: number, max: number): number {
    const value = Number(this.text(name))
    return Number.isInteger(value) && value > 0 ? Math.min(value, max) : Math.min(byDefault, max)
  }

  /** An object or array, or such a thing as JSON text; `'invalid'` for text that is none. */
  json(name: string): object | undefined | 'invalid' {
    const value = this.#raw[name]
    if (value === undefined || value === '') return undefined
    if (typeof value === 'object' && value !== null) return value
    try {
      const parsed: unknown = JSON.parse(String(value))
      return typeof parsed === 'object' && parsed !== null ? parsed : 'invalid'
    } catch {
      return 'invalid'
    }
  }
}

/** The channel that the call names, if the bot's workspace has it. */
export function channelOf(world: SlackWorld, { bot, args }: SlackCall): SlackChannel | undefined {
  const channel = world.directory.channel(args.text('channel') ?? '')
  return channel?.teamId === bot.teamId ? channel : undefined
}
