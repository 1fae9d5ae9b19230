import { type Clock, randomHex, type Timer } from '../clock.ts'
import type { InteractionFact } from '../facts.ts'
import type { DiscordLimits } from '../limits.ts'
import type { SimulatorRecord } from '../record.ts'
import { buttonsIn } from './components.ts'
import type { DiscordBot, DiscordChannel, DiscordUser } from './directory.ts'
import type { DiscordMessage } from './messages.ts'
import { showChannel, showMember, showUser } from './payloads.ts'

/** What a person did: a command with its options, or a press on a component of a message. */
export type Deed =
  | { readonly command: string; readonly commandId?: string; readonly options?: readonly object[] }
  | { readonly customId: string; readonly message: DiscordMessage }

/** An interaction as the platform remembers it. */
export interface Interaction {
  readonly id: string
  readonly token: string
  readonly bot: DiscordBot
  readonly channel: DiscordChannel | undefined
  readonly startedMs: number
  readonly askedAt: number
  /** What a person did; nothing for one that was dispatched as raw text. */
  readonly deed: PersonsDeed | undefined
  /** A first response was made; it may be made once. */
  answered: boolean
  /** The message of the first response; for a press on a component, the message pressed on. */
  original: DiscordMessage | undefined
}

/** Who did what, as people see it. */
export type PersonsDeed = Pick<InteractionFact, 'user' | 'what' | 'message'>

/** What a request about an interaction finds. */
export type InteractionFinding = Interaction | 'unknown' | 'too-late'

/**
 * Interactions and their tokens: 3 s for the first response, 15 minutes for what follows. What people did is recorded
 * until it is answered, or failed when nobody answered in time.
 * Source: docs.discord.com, Receiving and Responding to Interactions.
 */
export class Interactions {
  readonly #clock: Clock
  readonly #limits: DiscordLimits
  readonly #record: SimulatorRecord
  readonly #waiting = new Map<Interaction, Timer>()
  // In the order of their start, so the oldest come first.
  readonly #byToken = new Map<string, Interaction>()

  constructor(clock: Clock, limits: DiscordLimits, record: SimulatorRecord) {
    this.#clock = clock
    this.#limits = limits
    this.#record = record
  }

  register(about: Omit<Interaction, 'startedMs' | 'askedAt' | 'answered'>): void {
    const [startedMs, askedAt] = [this.#clock.monotonicMs(), this.#clock.wallAt()]
    const interaction = { ...about, startedMs, askedAt, answered: false }
    this.#forgetOld()
    this.#byToken.set(about.token, interaction)
    if (about.deed) this.#await(interaction)
  }

  /** The first response was made. */
  answer(interaction: Interaction): void {
    interaction.answered = true
    this.#settle(interaction, 'answered')
  }

  stop(): void {
    for (const timer of this.#waiting.values()) timer.clear()
    this.#waiting.clear()
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

  #await(interaction: Interaction): void {
    // A response at the very limit is still in time.
    const afterMs = this.#limits.interactionAnswerMs + 1
    const timer = this.#clock.setTimer(afterMs, () => this.#settle(interaction, 'failed'))
    this.#waiting.set(interaction, timer)
    this.#write(interaction, 'waiting')
  }

  #settle(interaction: Interaction, state: 'answered' | 'failed'): void {
    const timer = this.#waiting.get(interaction)
    if (!timer) return
    timer.clear()
    this.#waiting.delete(interaction)
    this.#write(interaction, state)
  }

  #write({ id, bot, channel, deed, askedAt }: Interaction, state: InteractionFact['state']): void {
    if (!deed || !channel) return
    const about = { bot: bot.id, id, channel: channel.id, ...deed, askedAt, state }
    this.#record.write({ kind: 'interaction', platform: 'discord', ...about })
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

/** What people see of a deed: the command's name, or the label of the pressed button. */
export function describeDeed(user: string, deed: Deed): PersonsDeed {
  if ('command' in deed) return { user, what: `/${deed.command}` }
  const { customId, message } = deed
  const button = buttonsIn(message.components).find((other) => other.customId === customId)
  return { user, what: button?.label ?? customId, message: message.id }
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
      ? {
          type: 2,
          data: {
            id: deed.commandId ?? bot.applicationId,
            name: deed.command,
            type: 1,
            options: deed.options ?? [],
          },
        }
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
