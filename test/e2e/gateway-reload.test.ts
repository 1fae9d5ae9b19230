import {
  type Entry,
  makeDiscordPopulation,
  makeSlackWorkspace,
  type SimulatorAddresses,
} from '@holdfast/simulator'
import { describe, expect, test } from 'vitest'
import type { GatewayProcess } from './gateway-process.ts'
import { type QueuedEvent, textOf } from './queued-events.ts'
import { discordBot, Stage, slackRtm } from './stage.ts'

/* The configuration changes under a gateway that runs, while people talk: who is not concerned must not notice. */

/** Of each kind of connection; an app has either RTM or Socket Mode. */
const BOT_COUNT = 6
const KINDS = ['rtm', 'socket', 'discord'] as const

interface Connection {
  readonly id: string
  readonly kind: (typeof KINDS)[number]
  /** Which of the bots for its kind. */
  readonly bot: number
}

const ofEachKind = (name: string, bot: number): Connection[] =>
  KINDS.map((kind) => ({ id: `${kind}-${name}`, kind, bot }))

/** One connection of each kind changes its bot, one goes, one comes. */
const BEFORE = [
  ...ofEachKind('stays', 0),
  ...ofEachKind('stays-too', 1),
  ...ofEachKind('changes', 2),
  ...ofEachKind('goes', 3),
]
const AFTER = [
  ...ofEachKind('stays', 0),
  ...ofEachKind('stays-too', 1),
  ...ofEachKind('changes', 4),
  ...ofEachKind('comes', 5),
]
const STAYING = BEFORE.filter(({ id }) => id.includes('stays'))

/** With two sockets Slack may bring two events of a conversation in either order: then all that counts is that each is there once. */
const inOrder = ({ kind }: Connection, texts: readonly unknown[]) =>
  kind === 'socket' ? texts.toSorted() : texts

function slackBotOf({ slack }: SimulatorAddresses, { kind, bot }: Connection) {
  const found = slack.bots[kind === 'socket' ? BOT_COUNT + bot : bot]
  if (!found) throw new Error(`there is no bot ${bot} on Slack`)
  return found
}

function discordBotOf({ discord }: SimulatorAddresses, { bot }: Connection) {
  const found = discord.bots[bot]
  if (!found) throw new Error(`there is no bot ${bot} on Discord`)
  return found
}

function settingsOf(at: SimulatorAddresses, connection: Connection): string {
  if (connection.kind === 'discord') return discordBot(at, discordBotOf(at, connection).token)
  const { token, appToken } = slackBotOf(at, connection)
  if (connection.kind === 'rtm') return slackRtm(at, token)
  return `platform: slack, transport: socket-mode, appToken: ${appToken}, botToken: ${token}, apiUrl: '${at.slackApiUrl}'`
}

/** A stage whose configuration names the connections that are given. */
async function openStage() {
  let connections: readonly Connection[] = BEFORE
  const stage = await Stage.open({
    connections: [],
    moreConnections: (at) => connections.map((each) => `  - { id: ${each.id}, ${settingsOf(at, each)} }`),
    simulator: {
      slack: { workspaces: [makeSlackWorkspace({ bots: 2 * BOT_COUNT })] },
      discord: { population: makeDiscordPopulation({ bots: BOT_COUNT }) },
    },
  })
  const configurationOf = (others: readonly Connection[]) => {
    connections = others
    return stage.configuration()
  }
  return { stage, configurationOf }
}

const DEALINGS = ['socket', 'ticket', 'identify', 'resume', 'session-end', 'presence', 'refusal'] as const

/** What was done about the sockets of a bot, from an entry of the record on. */
function dealings({ simulator, at }: Stage, connection: Connection, since: number): Entry[] {
  const { userId } = connection.kind === 'discord' ? discordBotOf(at, connection) : slackBotOf(at, connection)
  return DEALINGS.flatMap((kind): Entry[] => simulator.record.of(kind, since)).filter(
    (entry) => 'bot' in entry && entry.bot === userId,
  )
}

/** Says something and resolves when all of these have it on the queue, and with it all that came before. */
async function settle(stage: Stage, connections: readonly Connection[], text: string): Promise<void> {
  stage.say(text)
  const ids = connections.map(({ id }) => id)
  await stage.queued.until('all', text, ids)
}

/** Resolves when a configuration was taken over, the `count`-th time. */
async function takesOver(gateway: GatewayProcess, count = 1): Promise<void> {
  const taken = ({ msg }: { readonly msg: string }) => msg === 'the configuration was loaded again'
  await gateway.says((line) => taken(line) && gateway.lines.filter(taken).length >= count)
}

async function textsOf(stage: Stage, { id }: Connection): Promise<unknown[]> {
  const isMessage = ({ type }: QueuedEvent) => /\.(message|MESSAGE_CREATE)$/.test(type)
  return (await stage.queued.of('all', id)).filter(isMessage).map(textOf)
}

const posted = (stage: Stage, { kind }: Connection): unknown[] =>
  stage.simulator.record
    .of('event')
    .filter(({ platform }) => (platform === 'discord') === (kind === 'discord'))
    .map(({ text }) => text)

const unitsOf = async (gateway: GatewayProcess): Promise<Record<string, string>> => {
  const { connections } = JSON.parse((await gateway.get('/v1/connections')).text)
  return Object.fromEntries(connections.map((each: Record<string, string>) => [each.connection, each.state]))
}

describe('a gateway whose configuration changes', () => {
  test('while people talk: connections come, go and change, and the others lose nothing and keep their sockets', async () => {
    const { stage, configurationOf } = await openStage()
    const { record } = stage.simulator
    const gateway = await stage.startGateway()
    await settle(stage, BEFORE, 'the last before')
    const before = record.end

    const talking = stage.talk('talk', 150, 20)
    await record.until((entry) => entry.kind === 'event' && entry.text === 'talk 30')
    gateway.configure(configurationOf(AFTER))
    await takesOver(gateway)
    await gateway.ready()
    await talking
    await settle(stage, AFTER, 'the last after')

    for (const connection of STAYING) {
      expect(dealings(stage, connection, before), connection.id).toEqual([])
      const texts = await textsOf(stage, connection)
      expect(inOrder(connection, texts), connection.id).toEqual(
        inOrder(connection, posted(stage, connection)),
      )
    }
    for (const connection of BEFORE.filter((each) => !STAYING.includes(each)))
      expect(dealings(stage, connection, before), connection.id).not.toEqual([])
    const names = AFTER.map(({ id }) => [id, 'connected'])
    expect(await unitsOf(gateway)).toEqual(Object.fromEntries(names))
    const metrics = (await gateway.get('/metrics')).text
    expect(metrics).not.toMatch(/holdfast_connection_state\{[^}]*-goes"/)
    expect(metrics).toMatch(/holdfast_connection_state\{connection="rtm-comes"[^}]*"connected"\} 1/)
    expect(metrics).toMatch(/holdfast_units_owned\{[^}]*\} 12/)
    expect(gateway.linesAt('error')).toEqual([])
    expect(await gateway.stop()).toBe(0)
  })

  test('a bot whose connection was taken out is resumed where it left when it comes back', async () => {
    const { stage, configurationOf } = await openStage()
    const gateway = await stage.startGateway()
    await settle(stage, BEFORE, 'the last before')
    gateway.configure(configurationOf(STAYING))
    await takesOver(gateway)
    for (let n = 0; n < 10; n++) stage.say(`meanwhile ${n}`)
    await settle(stage, STAYING, 'the last meanwhile')
    gateway.configure(configurationOf(BEFORE))
    await takesOver(gateway, 2)
    await gateway.ready()
    await settle(stage, BEFORE, 'the last after')

    const back = BEFORE.filter((each) => !STAYING.includes(each) && each.kind === 'discord')
    for (const connection of back)
      expect(await textsOf(stage, connection), connection.id).toEqual(posted(stage, connection))
    expect(stage.simulator.record.of('resume').map(({ outcome }) => outcome)).toEqual(['resumed', 'resumed'])
  })

  test('a signal starts again what was refused for good, and nothing else; a change of the file does not', async () => {
    const { stage, configurationOf } = await openStage()
    const { record } = stage.simulator
    const gateway = await stage.startGateway()
    await settle(stage, BEFORE, 'the last before')
    const [refused] = BEFORE.filter(({ id }) => id === 'discord-goes')
    if (!refused) throw new Error('nobody is there to be refused')
    const bot = discordBotOf(stage.at, refused).userId
    stage.simulator.fault({ fault: 'close-sockets', platform: 'discord', code: 4014, bot })
    await gateway.says(({ level, connection }) => level === 'error' && connection === refused.id)
    const before = record.end

    gateway.configure(`${configurationOf(BEFORE)}\nlog: { level: warn }`)
    await gateway.says(({ msg }) => msg.startsWith('these blocks have changed'))
    expect(dealings(stage, refused, before)).toEqual([])
    gateway.hangUp()
    await gateway.says(({ msg }) => msg.includes('started again'))
    const stateOf = async () => (await unitsOf(gateway))[refused.id]
    await expect.poll(stateOf, { timeout: 30_000 }).toBe('connected')
    await settle(stage, BEFORE, 'the last after')

    for (const each of BEFORE.filter((connection) => connection !== refused))
      expect(dealings(stage, each, before), each.id).toEqual([])
    expect(gateway.lines.filter(({ msg }) => msg.includes('started again'))).toHaveLength(1)
    expect(await gateway.stop()).toBe(0)
  })

  test('badly changes nothing, and says why in the lines of a start', async () => {
    const { stage, configurationOf } = await openStage()
    const gateway = await stage.startGateway()
    await settle(stage, BEFORE, 'the last before')
    const before = stage.simulator.record.end
    gateway.configure(configurationOf(BEFORE).replace('platform: slack', 'platform: slak'))
    const refusal = await gateway.says(({ level }) => level === 'error')
    expect(refusal.msg).toMatch(
      /holdfast\.yaml:4: connections\[0\]\.platform: unknown value "slak"; did you mean "slack"\?$/,
    )
    await gateway.says(({ msg }) => msg.includes('nothing has changed'))
    await settle(stage, BEFORE, 'the last after')
    for (const connection of BEFORE) expect(dealings(stage, connection, before), connection.id).toEqual([])

    gateway.configure(configurationOf(BEFORE))
    gateway.hangUp()
    await gateway.says(({ msg }) => msg.endsWith('are the same'))
    expect(await gateway.stop()).toBe(0)
  })
})
