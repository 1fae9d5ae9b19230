import { type DiscordLimits, type FaultRequest, makeDiscordPopulation } from '@holdfast/simulator'
import { first, it as plain, type SetStage, type Stage } from '../stage.ts'
import { type Bot, type BotOptions, INTENTS, type Library, type Told } from './library.ts'

// Within this much of the real five seconds a library can be driven, without waiting for its clock more than it does.
const LIMITS: Partial<DiscordLimits> = { identifyEveryMs: 200 }

/** A bot of a library on a stage, connected or not yet. */
export interface DiscordStage extends Stage {
  readonly bot: Bot
  readonly botId: string
  readonly channel: string
  /** A person writes in the channel, or in another. */
  say(text: string, channel?: string): string
  fault(ask: Omit<FaultRequest, 'platform'>): void
  /** Resolves when the library has told this so many times, of whatever shard. */
  told(what: Told['what'], count?: number): Promise<Told>
  /** Resolves when the library has passed the message on. */
  heard(text: string): Promise<Told>
  /** The texts that the library has passed on, in order. */
  texts(): string[]
}

export type DiscordStageOptions = Partial<Omit<BotOptions, 'at'>> & {
  readonly limits?: Partial<DiscordLimits>
  readonly guilds?: number
}

type SetDiscordStage = (library: Library, options?: DiscordStageOptions) => Promise<DiscordStage>

/**
 * A test of a Discord library: `unstarted` sets a stage with a bot that is not started; `ready` one with a bot that is, and
 * has heard one message (`before`), so that its session has a place to resume from.
 */
export const it = plain.extend<{ unstarted: SetDiscordStage; ready: SetDiscordStage }>({
  unstarted: async ({ setStage }, use) => use((library, options) => setUnstarted(setStage, library, options)),
  ready: async ({ setStage }, use) =>
    use(async (library, options) => {
      const stage = await setUnstarted(setStage, library, options)
      await Promise.all([stage.bot.start(), stage.told('ready')])
      stage.say('before')
      await stage.heard('before')
      return stage
    }),
})

async function setUnstarted(
  setStage: SetStage,
  library: Library,
  { limits, guilds = 1, ...options }: DiscordStageOptions = {},
): Promise<DiscordStage> {
  const population = makeDiscordPopulation({ bots: 1, guilds })
  const stage = await setStage({ discord: { population, limits: { ...LIMITS, ...limits } } })
  const { simulator, at } = stage
  const { token, userId: botId } = first(at.discord.bots)
  const bot = library.make({ at, token, shardCount: 1, intents: INTENTS, ...options })
  stage.afterwards(() => bot.stop())
  const channel = first(at.discord.channels).id
  const user = first(at.discord.users).id
  return {
    ...stage,
    bot,
    botId,
    channel,
    say: (text, where = channel) => simulator.discord.say({ channel: where, user, text }).message.id,
    fault: (ask) => simulator.fault({ ...ask, platform: 'discord' }),
    told: (what, count) => bot.told.until((note) => note.what === what, count),
    heard: (text) => bot.told.until((note) => note.what === 'message' && note.text === text),
    texts: () => bot.told.all.flatMap((note) => (note.what === 'message' ? [note.text] : [])),
  }
}
