import type { DiscordLimits } from '../limits.ts'
import type { Commands } from './commands.ts'
import type { DiscordBot, DiscordDirectory } from './directory.ts'
import type { Dispatches } from './dispatches.ts'
import type { IdentifyBudget } from './identify-budget.ts'
import type { Interactions } from './interactions.ts'
import type { DiscordMessages } from './messages.ts'
import type { DiscordPostings } from './postings.ts'
import type { Threads } from './threads.ts'

/** What routes work on. */
export interface DiscordWorld {
  readonly directory: DiscordDirectory
  readonly messages: DiscordMessages
  /** Messages that one person sees. */
  readonly ephemerals: DiscordMessages
  readonly postings: DiscordPostings
  readonly dispatches: Dispatches
  readonly threads: Threads
  readonly interactions: Interactions
  readonly commands: Commands
  readonly budget: IdentifyBudget
  readonly limits: DiscordLimits
}

type Fields = Readonly<Record<string, unknown>>

/** One request. `host` is `host:port` as the client addressed this server, for URLs in answers. */
export interface OpenCall {
  readonly params: Readonly<Record<string, string>>
  readonly query: Fields
  readonly body: Fields
  /** The body, where it is a list. */
  readonly list: readonly unknown[] | undefined
  readonly host: string
}

/** One request of an authenticated bot. */
export interface BotCall extends OpenCall {
  readonly bot: DiscordBot
}

/** What goes back over HTTP. */
export interface RestAnswer {
  readonly status: number
  readonly body?: unknown
}

interface RouteAddress {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
}

/** A route: `bot` needs a bot's token and counts to its limits; `open` is authorised by what its path holds. */
export type Route =
  | (RouteAddress & {
      readonly auth: 'bot'
      readonly handle: (world: DiscordWorld, call: BotCall) => RestAnswer
    })
  | (RouteAddress & {
      readonly auth: 'open'
      readonly handle: (world: DiscordWorld, call: OpenCall) => RestAnswer
    })

/** The name a route has in the record and in faults. */
export function routeName({ method, path }: RouteAddress): string {
  return `${method} ${path}`
}

/** An error as Discord words it. `code` is of its list of JSON error codes. */
export function refuse(status: number, code: number, message: string, errors?: object): RestAnswer {
  return { status, body: { message, code, ...(errors ? { errors } : {}) } }
}

/** 50035 for one field. */
export function invalidField(field: string, code: string, message: string): RestAnswer {
  return refuse(400, 50_035, 'Invalid Form Body', { [field]: { _errors: [{ code, message }] } })
}

/** Answers that several routes give. */
export const NO_CONTENT: RestAnswer = { status: 204 }
export const UNKNOWN_GUILD = refuse(404, 10_004, 'Unknown Guild')
export const UNKNOWN_CHANNEL = refuse(404, 10_003, 'Unknown Channel')
export const UNKNOWN_MESSAGE = refuse(404, 10_008, 'Unknown Message')
export const MISSING_ACCESS = refuse(403, 50_001, 'Missing Access')
