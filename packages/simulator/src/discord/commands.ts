import type { DiscordBot, DiscordCommand } from './directory.ts'
import type { Snowflakes } from './snowflakes.ts'

/** A slash command as the API shows it. Source: docs.discord.com, Application Commands. */
export interface ShownCommand extends DiscordCommand {
  readonly id: string
  readonly application_id: string
  readonly version: string
  readonly type: 1
  readonly options?: readonly unknown[]
}

/** A command as it is registered. */
export type CommandBody = DiscordCommand & Pick<ShownCommand, 'options'>

/** The slash commands of all bots: those of the population, until a bot overwrites its own. */
export class Commands {
  readonly #snowflakes: Snowflakes
  readonly #byApplication = new Map<string, readonly ShownCommand[]>()
  #version = 0

  constructor(snowflakes: Snowflakes, bots: readonly DiscordBot[]) {
    this.#snowflakes = snowflakes
    for (const bot of bots) this.overwrite(bot, bot.commands ?? [])
  }

  /** Another one after each overwriting. */
  get version(): number {
    return this.#version
  }

  of({ applicationId }: DiscordBot): readonly ShownCommand[] {
    return this.#byApplication.get(applicationId) ?? []
  }

  /** Replaces all commands of the bot. One that keeps its name keeps its id. */
  overwrite(bot: DiscordBot, bodies: readonly CommandBody[]): readonly ShownCommand[] {
    const former = this.of(bot)
    const shown = bodies.map((body): ShownCommand => {
      const id = former.find(({ name }) => name === body.name)?.id ?? this.#snowflakes.next()
      return { id, application_id: bot.applicationId, version: this.#snowflakes.next(), type: 1, ...body }
    })
    this.#byApplication.set(bot.applicationId, shown)
    this.#version += 1
    return shown
  }
}
