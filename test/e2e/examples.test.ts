import { makeDiscordPopulation, makeSlackWorkspace, type PostFact } from '@holdfast/simulator'
import { expect, test } from 'vitest'
import { ExampleBots } from './example-bots.ts'
import { Stage, slackSocketMode } from './stage.ts'

/*
 * The examples as people would run them: the built bots behind the built gateway, on both platforms
 * at once. Each has a channel of its own on either.
 */

const PLACES = ['echo', 'approval', 'report', 'bridge', 'botkit'] as const
type Place = (typeof PLACES)[number]
const BOTH = ['slack', 'discord'] as const
type PlatformName = (typeof BOTH)[number]

const WHAT = { name: 'what', type: 3, value: 'main' }

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

  bot(on: PlatformName): string {
    return this.#stage.botOf(`${on}-a`)
  }

  say(on: PlatformName, text: string): void {
    this.#stage.simulator[on].say({ channel: this.channel(on), user: this.person(on), text })
  }

  /** `/deploy main`, of the first person. */
  deploy(on: PlatformName): void {
    const { slack, discord } = this.#stage.simulator
    const used = { channel: this.channel(on), user: this.person(on), bot: this.bot(on) }
    if (on === 'slack') slack.useCommand({ ...used, command: '/deploy', text: 'main' })
    else discord.interact({ ...used, deed: { command: 'deploy', options: [WHAT] } })
  }

  press(on: PlatformName, n: number, { id }: PostFact, button: string): void {
    const { slack, discord } = this.#stage.simulator
    const [channel, user] = [this.channel(on), this.person(on, n)]
    if (on === 'slack') slack.press({ channel, user, ts: id, actionId: button })
    else discord.interact({ channel, user, bot: this.bot(on), deed: { messageId: id, customId: button } })
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

/** The one who asks may not decide; of two others who press at once, one does. */
async function approves(room: Room, on: PlatformName) {
  room.deploy(on)
  const asked = await room.sees(on, `<@${room.person(on)}> wants to deploy main`)
  room.press(on, 0, asked, 'approve')
  await room.sees(on, 'somebody else has to decide')
  for (const n of [1, 2]) room.press(on, n, asked, 'approve')
  await room.sees(on, 'this request is closed')
  await room.sees(on, 'main is on https://main.example.com')
  const verdicts = room.seen(on).filter((text) => text.endsWith(' approved main'))
  expect([
    [`<@${room.person(on, 1)}> approved main`],
    [`<@${room.person(on, 2)}> approved main`],
  ]).toContainEqual(verdicts)
}

/** A worker that is stopped in the middle of its pages, and another that goes on. */
async function reports(room: Room, stage: Stage) {
  const first = await ExampleBots.start(stage, ['report'], { REPORT_PAGE_MS: '60000' })
  for (const on of BOTH) room.say(on, '!report 2026')
  for (const on of BOTH) await room.sees(on, 'reading the ledger of 2026')
  await first.stopAtOnce()
  await ExampleBots.start(stage, ['report'], { REPORT_PAGE_MS: '1' })
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

async function talks(room: Room, on: PlatformName) {
  room.say(on, 'pizza please')
  await room.sees(on, 'what size?')
  room.say(on, 'large')
  await room.sees(on, 'with what on it?')
  room.say(on, 'kelp')
  await room.sees(on, 'where shall it go?')
  room.say(on, 'pier 7')
  await room.sees(on, 'a large pizza with kelp is on its way to pier 7')
  expect(room.seen(on)).toHaveLength(4)
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
  await ExampleBots.start(stage, ['echo', 'approval', 'bridge', 'botkit'], channels)
  await Promise.all([
    ...BOTH.flatMap((on) => [echoes(rooms.echo, on), approves(rooms.approval, on), talks(rooms.botkit, on)]),
    bridges(rooms.bridge),
    reports(rooms.report, stage),
  ])
})
