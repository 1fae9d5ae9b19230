import { kill } from 'node:process'
import { type LocalRedis, obtainRedis } from '@holdfast/local-redis'
import { makeDiscordPopulation } from '@holdfast/simulator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GatewayProcess } from './gateway-process.ts'
import { textOf } from './queued-events.ts'
import { CONNECTIONS, type ConnectionName, discordBot, Stage, slackRtm } from './stage.ts'

/* Frames that are none, tokens that are refused, a Redis that goes away: the stream goes on. */

const MEGABYTE = 1024 * 1024
const DEEP = '['.repeat(500_000)

const BAD_SLACK_FRAMES = [
  '',
  'garbage',
  '{"type":"message","text":"cut off',
  '[]',
  '"message"',
  '42',
  'null',
  '{}',
  '{"type":5}',
  '{"type":{"type":"message"}}',
  '{"type":"no word at all"}',
  '{"type":"pong"}',
  DEEP,
  Buffer.from([0, 159, 146, 150, 255]),
]

// They come compressed, where no frame can be empty.
const BAD_DISCORD_FRAMES = [
  'garbage',
  '[]',
  'null',
  '{"op":"0"}',
  '{"op":0,"t":5,"s":1,"d":{}}',
  '{"op":0,"t":"MESSAGE_CREATE","s":"1","d":{}}',
  '{"op":0,"t":"MESSAGE_CREATE","s":1}',
  '{"t":"MESSAGE_CREATE","s":1.5,"op":0,"d":{}}',
  '{"t":"MESSAGE_CREATE","s":9007199254740993,"op":0,"d":{}}',
  '{"t":"MESSAGE_CREATE","s":1e999,"op":0,"d":{}}',
  '{"t":"MESSAGE_CREATE","s":1,"op":0,"d":{"content":"cut o',
  '{"t":"MESSAGE_CREATE","s":1,"op":0,"d":{"author":{}',
  '{"t":"message create","s":1,"op":0,"d":{}}',
  '{"op":10,"d":{"heartbeat_interval":"soon"}}',
  DEEP,
  Buffer.from([0, 159, 146, 150, 255]),
]

interface RawSocket {
  send(text: string): void
}

/** The platforms' own senders take text; a websocket takes bytes as well, and sends them as a binary message. */
function sendRaw(socket: RawSocket | undefined, frame: string | Buffer): void {
  socket?.send(frame as string)
}

const sayings = async (stage: Stage, connection: ConnectionName): Promise<unknown[]> =>
  (await stage.queued.of('all', connection))
    .filter(({ type }) => /\.(message|MESSAGE_CREATE)$/.test(type))
    .map(textOf)

describe('frames that are none', () => {
  test('are counted, left out, and the stream goes on, over the same sockets', async () => {
    const stage = await Stage.open({ connections: ['slack-a', 'discord-a'] })
    const gateway = await stage.startGateway()
    await stage.settle('before')
    const [slack] = stage.simulator.slack.sockets(stage.botOf('slack-a'))
    const [discord] = stage.simulator.discord.sockets(stage.botOf('discord-a'))
    for (const frame of BAD_SLACK_FRAMES) sendRaw(slack, frame)
    for (const frame of BAD_DISCORD_FRAMES) sendRaw(discord, frame)
    await stage.settle('after')

    const malformed = (connection: string) => gateway.count('holdfast_frames_malformed_total', connection)
    expect(await malformed('slack-a')).toBe(BAD_SLACK_FRAMES.length)
    expect(await malformed('discord-a')).toBe(BAD_DISCORD_FRAMES.length)
    for (const connection of ['slack-a', 'discord-a'] as const)
      expect(await sayings(stage, connection)).toEqual(['before', 'after'])
    expect(stage.simulator.record.of('socket').filter(({ what }) => what !== 'opened')).toEqual([])
    expect(gateway.linesAt('error')).toEqual([])
  })

  test('and thousands of them are told in a few lines', async () => {
    const stage = await Stage.open({ connections: ['slack-a'] })
    const gateway = await stage.startGateway()
    for (let n = 0; n < 2_000; n++) stage.simulator.slack.sendFrame(stage.botOf('slack-a'), `garbage ${n}`)
    await stage.settle('after')
    expect(await gateway.count('holdfast_frames_malformed_total')).toBe(2_000)
    expect(gateway.linesAt('warn').length).toBeLessThan(10)
  })

  test('are not mistaken for large ones: a message of a megabyte goes through', async () => {
    const stage = await Stage.open({ connections: ['slack-a', 'discord-a'] })
    await stage.startGateway()
    const text = 'kelp '.repeat(MEGABYTE / 5)
    stage.say(text)
    await stage.settle('after')
    for (const connection of ['slack-a', 'discord-a'] as const)
      expect((await sayings(stage, connection)).map((said) => String(said).length)).toEqual([text.length, 5])
  })
})

test('a refused token is one clear line and a degraded body, while the other connections work', async () => {
  const stage = await Stage.open({
    connections: ['slack-a', 'discord-a'],
    moreConnections: (at) => [
      `  - { id: slack-refused, ${slackRtm(at, 'xoxb-nobody-knows-it')} }`,
      `  - { id: discord-refused, ${discordBot(at, 'nobody.knows.it')} }`,
    ],
  })
  const gateway = await stage.startGateway()
  await stage.settle('hello')
  const { status, text } = await gateway.get('/readyz')
  expect(status).toBe(200)
  expect(JSON.parse(text)).toMatchObject({ status: 'degraded' })
  const { checks } = JSON.parse(text) as { checks: { name: string; status: string; why?: string }[] }
  expect(checks.filter(({ status }) => status !== 'ok')).toMatchObject([
    { name: 'slack-refused', status: 'degraded', why: expect.stringContaining('invalid_auth') },
    { name: 'discord-refused', status: 'degraded', why: expect.stringContaining('token') },
  ])
  const errors = gateway.linesAt('error', 'warn').map(({ connection }) => connection)
  expect(errors.sort()).toEqual(['discord-refused', 'slack-refused'])
})

test('intents that nobody switched on are one clear line and a degraded body; the other connections work', async () => {
  const { bots, ...population } = makeDiscordPopulation()
  const stage = await Stage.open({
    connections: ['slack-a', 'discord-a'],
    simulator: {
      discord: { population: { ...population, bots: bots.map((bot) => ({ ...bot, privilegedIntents: 0 })) } },
    },
  })
  const gateway = await stage.startGateway()
  stage.say('hello')
  await stage.queued.until('all', 'hello', ['slack-a'])
  const { status, text } = await gateway.get('/readyz')
  expect([status, JSON.parse(text).status]).toEqual([200, 'degraded'])
  expect(JSON.parse(text).checks).toContainEqual({
    name: 'discord-a/0',
    status: 'degraded',
    why: expect.stringContaining('enable the privileged intents in the Discord developer portal'),
  })
  expect(stage.simulator.record.of('identify')).toMatchObject([{ outcome: 'closed', code: 4014 }])
  expect(gateway.linesAt('error').map(({ connection }) => connection)).toEqual(['discord-a'])
  expect(await gateway.stop()).toBe(0)
})

describe('while Redis is away', () => {
  let redis: LocalRedis
  beforeAll(async () => {
    // The tests' own Redis serves other suites; this one is frozen and stopped.
    redis = await obtainRedis({ folder: '.holdfast/redis', env: { PATH: process.env.PATH } })
  })
  afterAll(() => redis.stop())

  test('a stop ends in time, and what was not confirmed comes to the next gateway', async () => {
    const stage = await Stage.open({ redisUrl: redis.url, more: ['gateway: { stopGrace: 500ms }'] })
    const before = await stage.startGateway()
    await stage.settle('first')
    const pid = redis.pid ?? 0
    kill(pid, 'SIGSTOP')
    for (let n = 0; n < 20; n++) stage.say(`it hangs ${n}`)
    await expect.poll(() => before.count('holdfast_unconfirmed_events')).toBe(80)
    const code = await before.stop().finally(() => kill(pid, 'SIGCONT'))
    expect(code).toBe(0)
    expect(before.linesAt('error')).toMatchObject([{ abandonedCount: 80 }])

    const after = await stage.startGateway()
    await stage.settle('last')
    const hung = Array.from({ length: 20 }, (_, n) => `it hangs ${n}`)
    for (const connection of ['discord-a', 'discord-b'] as const)
      expect(await sayings(stage, connection), connection).toEqual(['first', ...hung, 'last'])
    expect(await after.count('holdfast_gaps_total')).toBe(2)
  })

  const isAlive = async (gateway: GatewayProcess) => (await gateway.get('/livez')).status === 200

  test('sockets stay open, the process lives, and events come once and in order when it is back', async () => {
    const stage = await Stage.open({ redisUrl: redis.url })
    const gateway = await stage.startGateway()
    await stage.settle('first')
    const said = ['first']
    const say = (text: string) => {
      said.push(text)
      stage.say(text)
    }
    // First it hangs, then it cuts the connections, then it refuses new ones.
    kill(redis.pid ?? 0, 'SIGSTOP')
    for (let n = 0; n < 20; n++) say(`it hangs ${n}`)
    await expect.poll(() => gateway.count('holdfast_unconfirmed_events')).toBe(80)
    expect(await isAlive(gateway)).toBe(true)
    const back = redis.restart?.()
    kill(redis.pid ?? 0, 'SIGCONT')
    await gateway.says(({ msg }) => msg.startsWith('Redis does not answer'))
    for (let n = 0; n < 20; n++) say(`it is gone ${n}`)
    expect(await isAlive(gateway)).toBe(true)
    await back
    await gateway.ready()
    await stage.settle('last')

    for (const connection of CONNECTIONS)
      expect(await sayings(stage, connection), connection).toEqual([...said, 'last'])
    expect(stage.simulator.record.of('socket').filter(({ what }) => what !== 'opened')).toEqual([])
    expect(gateway.linesAt('error')).toEqual([])
  })
})
