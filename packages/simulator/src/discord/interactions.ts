import { type Clock, randomHex } from '../clock.ts'
import type { DiscordLimits } from '../limits.ts'
import type { DiscordBot, DiscordChannel, DiscordUser } from './directory.ts'
import type { DiscordMessage } from './messages.ts'
import { showChannel, showMember, showUser } from './payloads.ts'

/** What a person did: a command with its options, or a press on a component of a message. */
export type Deed =
  | { readonly command: string; readonly options?: readonly object[] }
  | { readonly customId: string; readonly message: DiscordMessage }

/** An interaction as the platform remembers it. */
export interface Interaction {
  readonly id: string
  readonly token: string
  readonly bot: DiscordBot
  readonly channel: DiscordChannel | undefined
  readonly startedMs: number
  /** When a first response is under way or made; it may be made once. */
  answered: boolean
  /** The message of the first response; for a press on a component, the message pressed on. */
  original: DiscordMessage | undefined
}

/** What a request about an interaction finds. */
export type InteractionFinding = Interaction | 'unknown' | 'too-late'

/**
 * Interactions and their tokens: 3 s for the first response, 15 minutes for what follows.
 * Source: docs.discord.com, Receiving and Responding to Interactions.
 */
export class Interactions {
  readonly #clock: Clock
  readonly #limits: DiscordLimits
  // In the order of their start, so the oldest come first.
  readonly #byToken = new Map<string, Interaction>()

  constructor(clock: Clock, limits: DiscordLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  register(about: Pick<Interaction, 'id' | 'token' | 'bot' | 'channel' | 'original'>): Interaction {
    const interaction = { ...about, startedMs: this.#clock.monotonicMs(), answered: false }
    this.#forgetOld()
    this.#byToken.set(about.token, interaction)
    return interaction
  }

  newToken(): string {
    return randomHex(this.#clock, 48)
  }

  /** For the first response: within 3 s, and only then. */
  forResponse(id: string, token: string): InteractionFinding {
    const interaction = this.#byToken.get(token)
    if (!interaction || interaction.id !== id) return 'unknown'
    return this.#ageMs(interaction) > this.#limits.interactionAnswerMs ? 'too-late' : interaction
  }

  /** For follow-ups and edits: after the first response, within 15 minutes. */
  forFollowUp(applicationId: string, token: string): InteractionFinding {
    const interaction = this.#byToken.get(token)
    if (interaction?.bot.applicationId !== applicationId || !interaction.answered) return 'unknown'
    return this.#ageMs(interaction) > this.#limits.interactionTokenMs ? 'too-late' : interaction
  }

  #ageMs({ startedMs }: Interaction): number {
    return this.#clock.monotonicMs() - startedMs
  }

  #forgetOld(): void {
    for (const [token, interaction] of this.#byToken) {
      // Kept twice as long as it is good, so that "too late" can be told from "unknown".
      if (this.#ageMs(interaction) <= this.#limits.interactionTokenMs * 2) return
      this.#byToken.delete(token)
    }
  }
}

/** The `d` of INTERACTION_CREATE. */
export function interactionPayload(
  { id, token, bot }: Pick<Interaction, 'id' | 'token' | 'bot'>,
  channel: DiscordChannel,
  user: DiscordUser,
  deed: Deed,
): object {
  const about =
    'command' in deed
      ? { type: 2, data: { id: bot.applicationId, name: deed.command, type: 1, options: deed.options ?? [] } }
      : { type: 3, data: { custom_id: deed.customId, component_type: 2 }, message: deed.message }
  return {
    version: 1,
    ...about,
    token,
    member: { user: showUser(user), permissions: '0', ...showMember() },
    locale: 'en-US',
    id,
    guild_locale: 'en-US',
    guild_id: channel.guildId,
    entitlements: [],
    context: 0,
    channel_id: channel.id,
    channel: showChannel(channel),
    authorizing_integration_owners: { 0: channel.guildId },
    attachment_size_limit: 10_485_760,
    application_id: bot.applicationId,
    app_permissions: '0',
  }
}
