import { SimulatorError } from '../errors.ts'
import type { FaultRequest, FaultWorld } from '../fault.ts'
import type { ScriptDeed } from './script.ts'

interface Named {
  readonly id: string
  readonly name: string
}

/** Who acts in a script and where: by id, by name, or the first there is. Throws `SimulatorError` for a stranger. */
export class Cast {
  readonly #world: Pick<FaultWorld, 'slack' | 'discord'>

  constructor(world: Pick<FaultWorld, 'slack' | 'discord'>) {
    this.#world = world
  }

  /** The fault with its bot by id. */
  hit(ask: FaultRequest): FaultRequest {
    const { slack, discord } = this.#world
    const bot =
      ask.platform === 'slack'
        ? slack.directory.bots.find(({ name }) => name === ask.bot)?.userId
        : discord.directory.bots.find(({ username }) => username === ask.bot)?.id
    return bot === undefined ? ask : { ...ask, bot }
  }

  say({ platform, channel: where, user: who, text }: Extract<ScriptDeed, { kind: 'say' }>): void {
    const { slack, discord } = this.#world
    if (platform === 'slack') {
      const channel = find('Slack channel', slack.directory.channels, where)
      const people = slack.directory.users.filter(({ teamId }) => teamId === channel.teamId)
      slack.say({ channel: channel.id, user: find('person', people, who).id, text })
      return
    }
    const people = discord.directory.users.map(({ id, username: name }) => ({ id, name }))
    const channel = find('Discord channel', discord.directory.channels, where)
    discord.say({ channel: channel.id, user: find('person', people, who).id, text })
  }
}

function find<Thing extends Named>(
  what: string,
  things: readonly Thing[],
  wanted: string | undefined,
): Thing {
  const found = things.find(({ id, name }) => wanted === undefined || id === wanted || name === wanted)
  if (found) return found
  const known = things.slice(0, 10).map(({ name, id }) => `${name} (${id})`)
  throw new SimulatorError('not-found', `no ${what} ${wanted ?? ''}: the simulator has ${known.join(', ')}`)
}
