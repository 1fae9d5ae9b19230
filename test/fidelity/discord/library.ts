import type { SimulatorAddresses } from '@holdfast/simulator'
import type { Notes } from '../notes.ts'

/** What a Discord library reports to the bot that uses it, through its own events. */
export type Told =
  | { readonly what: 'ready' | 'resumed' | 'heartbeat'; readonly shard: number }
  | { readonly what: 'message'; readonly text: string; readonly shard: number }
  | { readonly what: 'reaction'; readonly emoji: string }
  | { readonly what: 'interaction'; readonly name: string }
  | { readonly what: 'error'; readonly text: string }

/** A bot made with the library. It answers each interaction with `answer to <name>`, as the library's own pages do it. */
export interface Bot {
  readonly told: Notes<Told>
  /** Begins to connect; rejects with what the library throws. */
  start(): Promise<unknown>
  say(channel: string, text: string): Promise<unknown>
  /** Posts a message with one button. Resolves with its id. */
  offer(channel: string, text: string, button: string): Promise<string>
  react(channel: string, message: string, emoji: string): Promise<unknown>
  /** Asks the Discord gateway for all members. Resolves with how many the library has got. */
  countMembers(guild: string): Promise<number>
  stop(): Promise<unknown>
}

export interface BotOptions {
  readonly at: SimulatorAddresses
  readonly token: string
  readonly shardCount: number
  readonly compress?: 'zlib-stream' | 'zstd-stream'
  readonly intents: number
}

/** A published library, and where it goes a way of its own. What a habit says is a fact about the library. */
export interface Library {
  readonly name: string
  readonly habits: {
    /** After the resume gateway refused it once: it keeps its session, or throws it away. */
    readonly refusedResume: 'resumes' | 'identifies'
    /** After these codes, of those which leave the session as it is, it asks for a new session. */
    readonly identifiesAfter: readonly number[]
    /** Given an event twice, it tells its user twice; or it knows the message by its cache. */
    readonly passesDuplicates: boolean
    /** The transport compressions it can do without a native addon. */
    readonly compressions: readonly ('zlib-stream' | 'zstd-stream')[]
  }
  make(options: BotOptions): Bot
}

/** GUILDS, GUILD_MEMBERS, GUILD_MESSAGES, GUILD_MESSAGE_REACTIONS, MESSAGE_CONTENT. */
export const INTENTS = 1 | (1 << 1) | (1 << 9) | (1 << 10) | (1 << 15)
