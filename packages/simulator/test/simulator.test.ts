import { describe, expect, it } from 'vitest'
import { runCommand } from '../src/command.ts'
import { createSimulator, makeDiscordPopulation, makeSlackWorkspace } from '../src/index.ts'
import { setStage } from './stage.ts'

describe('simulator', () => {
  it('starts once and stops once, however often it is asked', async () => {
    const simulator = createSimulator()
    const [one, two] = await Promise.all([simulator.start(), simulator.start()])
    expect(one).toBe(two)
    await Promise.all([simulator.stop(), simulator.stop()])
    await expect(fetch(`${one.url}/control/state`)).rejects.toThrow()
  })

  it('stops without having been started', async () => {
    await createSimulator().stop()
  })

  it('stops while sockets, half-open ones too, and sessions are open', async () => {
    const { rtm, ready, simulator, slack } = await setStage()
    const [slackWire, { wire }] = [await rtm(), await ready()]
    await slack('rtm.connect')
    simulator.fault({ fault: 'half-open', platform: 'discord' })
    await simulator.stop()
    expect(await slackWire.closed).toBe(1006)
    expect(await wire.closed).toBe(1006)
  })

  it('stops without waiting for a bot that does not answer a close', async () => {
    const { ready, simulator } = await setStage()
    const { wire } = await ready()
    wire.ws.pause()
    simulator.fault({ fault: 'close-sockets', platform: 'discord', code: 4000 })
    const startedMs = performance.now()
    await simulator.stop()
    // The websocket library itself would wait 30 s.
    expect(performance.now() - startedMs).toBeLessThan(10_000)
  })

  it('cuts off a bot that does not read, instead of keeping all for it', async () => {
    const { ready, simulator, discordChannel } = await setStage()
    const { wire } = await ready()
    wire.ws.pause()
    const d = JSON.stringify({ channel_id: discordChannel, content: 'x'.repeat(1024 * 1024) })
    for (let n = 0; n < 100; n++) simulator.discord.dispatch({ t: 'MESSAGE_CREATE', d })
    expect(simulator.discord.state()[0]?.sessions).toMatchObject([{ state: 'detached' }])
  })

  it('makes up populations of the size asked for, all ids different', async () => {
    const population = makeDiscordPopulation({ bots: 3, users: 4, guilds: 2, channels: 5 })
    const workspaces = [1, 2].map((number) => makeSlackWorkspace({ number, bots: 3, users: 4, channels: 5 }))
    const simulator = createSimulator({ slack: { workspaces }, discord: { population } })
    const { bots, channels, users } = simulator.discord.directory
    expect([bots.length, users.length, channels.length]).toEqual([3, 4, 10])
    const { slack } = simulator
    expect(slack.directory.channels).toHaveLength(10)
    const ids = [
      ...[...bots, ...users, ...channels, ...population.guilds].map(({ id }) => id),
      ...bots.map(({ applicationId }) => applicationId),
      ...slack.directory.bots.flatMap(({ appId, botId, userId, token }) => [appId, botId, userId, token]),
      ...[...slack.directory.users, ...slack.directory.channels, ...workspaces].map(({ id }) => id),
    ]
    expect(new Set(ids).size).toBe(ids.length)
    await simulator.stop()
  })

  it('takes a stream of events in batches at many times the speed of a busy platform', async () => {
    const { ready, rtm, simulator, slackChannel, discordChannel } = await setStage()
    const [{ wire }, slackWire] = [await ready(), await rtm()]
    for (let n = 0; n < 2_000; n++) {
      simulator.slack.say({ channel: slackChannel, user: 'U1', text: String(n) })
      simulator.discord.say({ channel: discordChannel, user: '42', text: String(n) })
    }
    await slackWire.next({ text: '1999' })
    await wire.next({ s: 2_002 })
    const texts = slackWire.frames.slice(1).map(({ text }) => text)
    expect(texts).toEqual(Array.from({ length: 2_000 }, (_, n) => String(n)))
  })
})

describe('holdfast-simulator', () => {
  it('prints addresses and tokens as one line of JSON and serves them', async () => {
    const printed: string[] = []
    const simulator = await runCommand(['--bots', '3', '--limits', 'demo'], (text) => printed.push(text))
    const { slack, controlUrl } = JSON.parse(printed.join(''))
    expect(printed.join('')).toMatch(/^[^\n]+\n$/)
    expect(slack.bots).toHaveLength(3)
    expect((await fetch(`${controlUrl}/state`)).status).toBe(200)
    await simulator?.stop()
  })

  it('prints its usage when asked', async () => {
    const printed: string[] = []
    expect(await runCommand(['--help'], (text) => printed.push(text))).toBeUndefined()
    expect(printed.join('')).toContain('--port N')
  })

  it.each([
    [['--port', 'x'], '--port must be a whole number, not "x"'],
    [['--limits', 'lax'], '--limits must be strict or demo, not "lax"'],
    [['--prot', '1'], "Unknown option '--prot'"],
  ])('refuses %j with one clear line', async (args, line) => {
    await expect(runCommand(args, () => {})).rejects.toThrow(line)
  })
})
