import { makeDiscordPopulation, makeSlackWorkspace, type PostFact } from '@holdfast/simulator'
import { expect, test } from 'vitest'
import { ExampleBot } from './example-bot.ts'
import { Stage, slackSocketMode } from './stage.ts'

/*
 * The examples as people would run them: the built bots in processes of their own behind the built gateway, on both platforms
 * at once. Each has a channel of its own on either.
 */

const PLACES = ['echo', 'approval', 'report', 'bridge', 'botkit'] as const
type Place = (typeof PLACES)[number]
const BOTH = ['slack', 'discord'] as const
type PlatformName = (typeof BOTH)[number]

/** What is said and seen in the channel of one example. */
class Room {
  readonly #stage: Stage
  readonly #at: number
  readonly #since: number

  constructor(stage: Stage, place: Place) {
    this.#stage = stage
    this.#at = PLACES.indexOf(place)
    this.#since = stage.simulator.record.end
  }

  channel(on: PlatformName): string {
    return this.#stage.at[on].channels[this.#at]?.id ?? ''
  }

  person(on: PlatformName, n = 0): string {
    return this.#stage.at[on].users[n]?.id ?? ''
  }

  /** What the first person is called on either. */
  people() {
    const { slack, discord } = this.#stage.at
    return { slack: slack.users[0]?.name, discord: discord.users[0]?.name }
  }

  say(on: PlatformName, text: string): void {
    this.#stage.simulator[on].say({ channel: this.channel(on), user: this.person(on), text })
  }

  /** The bot's message of this text, before or after this call. */
  async sees(on: PlatformName, text: string | RegExp): Promise<PostFact> {
    const isIt = (said = '') => (typeof text === 'string' ? said === text : text.test(said))
    const wanted = (fact: PostFact) => this.#isHere(on, fact) && isIt(fact.text)
    const found = await this.#stage.simulator.record.until(
      (entry) => entry.kind === 'post' && wanted(entry),
      this.#since,
    )
    return found as PostFact
  }

  /** All that the bots have said and changed here, but for the echo, which is everywhere. */
  seen(on: PlatformName): readonly string[] {
    const posts = this.#stage.simulator.record.of('post', this.#since)
    const texts = posts.filter((fact) => this.#isHere(on, fact)).map(({ text }) => text ?? '')
    return texts.filter((text) => !text.startsWith('echo '))
  }

  #isHere(on: PlatformName, { platform, channel }: PostFact): boolean {
    return platform === on && channel === this.channel(on)
  }
}

async function echoes(room: Room, on: PlatformName) {
  room.say(on, 'ahoy')
  await room.sees(on, 'echo v1: ahoy')
}

/** A worker that is stopped in the middle of its pages, and another that goes on. */
async function reports(room: Room, stage: Stage) {
  const first = await ExampleBot.start(stage, 'report', { REPORT_PAGE_MS: '60000' })
  for (const on of BOTH) room.say(on, '!report 2026')
  for (const on of BOTH) await room.sees(on, 'reading the ledger of 2026')
  await first.stopAtOnce()
  await ExampleBot.start(stage, 'report', { REPORT_PAGE_MS: '1' })
  for (const on of BOTH) {
    const { text } = await room.sees(on, /^the report on 2026/)
    expect(room.seen(on)).toEqual(['reading the ledger of 2026', 'read 12 pages, now drawing', text])
  }
}

async function bridges(room: Room) {
  const { slack, discord } = room.people()
  room.say('slack', 'high *tide*')
  await room.sees('discord', `**${slack}**: high **tide**`)
  room.say('discord', 'low **tide**')
  await room.sees('slack', `*${discord}*: low *tide*`)
}

test('each example does what it says, on both platforms', async () => {
  const size = { channels: PLACES.length }
  const stage = await Stage.open({
    connections: ['discord-a'],
    moreConnections: (at) => [`  - { id: slack-a, ${slackSocketMode(at, 1)} }`],
    subscriptions: ['  []'],
    simulator: {
      slack: { workspaces: [makeSlackWorkspace(size)] },
      discord: { population: makeDiscordPopulation(size) },
    },
  })
  await stage.startGateway()
  const rooms = Object.fromEntries(PLACES.map((place) => [place, new Room(stage, place)])) as Record<
    Place,
    Room
  >
  const channels = {
    BRIDGE_SLACK_CHANNEL: rooms.bridge.channel('slack'),
    BRIDGE_DISCORD_CHANNEL: rooms.bridge.channel('discord'),
  }
  await Promise.all([ExampleBot.start(stage, 'echo'), ExampleBot.start(stage, 'bridge', channels)])
  await Promise.all([
    ...BOTH.map((on) => echoes(rooms.echo, on)),
    bridges(rooms.bridge),
    reports(rooms.report, stage),
  ])
})
