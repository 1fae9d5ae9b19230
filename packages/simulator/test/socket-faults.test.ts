import { describe, expect, it } from 'vitest'
import type { Platform } from '../src/index.ts'
import { listFaults } from '../src/index.ts'
import { setStage } from './stage.ts'
import type { Wire } from './wire.ts'

const PLATFORMS: readonly Platform[] = ['slack', 'discord']

/** A connected client of one platform, and a way to say something to it. */
async function connected(platform: Platform) {
  const stage = await setStage()
  const { simulator, slackChannel, discordChannel } = stage
  const wire = platform === 'slack' ? await stage.rtm() : (await stage.ready()).wire
  const say = (text: string) =>
    platform === 'slack'
      ? simulator.slack.say({ channel: slackChannel, user: 'U1', text })
      : simulator.discord.say({ channel: discordChannel, user: '42', text })
  const textOf = ({ text, d }: Record<string, unknown>) => text ?? (d as { content: string } | null)?.content
  const state = () => stage.simulator[platform].state()[0]
  return { ...stage, wire, say, textOf, state }
}

/** Resolves when everything that was sent on the wire until now has come. */
async function echoed(wire: Wire): Promise<void> {
  const ponged = new Promise((resolve) => wire.ws.once('pong', resolve))
  wire.ws.ping()
  await ponged
}

describe.each(PLATFORMS)('delay on %s', (platform) => {
  it('holds frames back for so long, in order, also those that follow its end', async () => {
    const { wire, say, textOf, simulator, clock } = await connected(platform)
    simulator.fault({ fault: 'delay', platform, ms: 3_000, forMs: 1_000 })
    say('one')
    clock.advance(999)
    say('two')
    clock.advance(1)
    say('after the delay')
    clock.advance(1_999)
    const heard = wire.texts.length
    await echoed(wire)
    expect(wire.texts).toHaveLength(heard)
    clock.advance(1)
    expect(textOf(await wire.next())).toBe('one')
    clock.advance(999)
    expect(textOf(await wire.next())).toBe('two')
    expect(textOf(await wire.next())).toBe('after the delay')
    say('at once')
    expect(textOf(await wire.next())).toBe('at once')
  })

  it('delays a close frame behind what was said before it', async () => {
    const { wire, say, textOf, simulator, clock } = await connected(platform)
    simulator.fault({ fault: 'delay', platform, ms: 500, forMs: 10_000 })
    say('last words')
    simulator.fault({ fault: 'close-sockets', platform, code: 4000 })
    await echoed(wire)
    expect(wire.ws.readyState).toBe(wire.ws.OPEN)
    clock.advance(500)
    expect(textOf(await wire.next())).toBe('last words')
    expect(await wire.closed).toBe(4000)
  })

  it('drops what it holds when the socket is cut, and leaves no timer', async () => {
    const { wire, say, simulator, clock } = await connected(platform)
    const timerCount = clock.timerCount
    simulator.fault({ fault: 'delay', platform, ms: 500, forMs: 10_000 })
    say('never heard')
    simulator.fault({ fault: 'drop-sockets', platform })
    expect(await wire.closed).toBe(1006)
    expect(clock.timerCount).toBeLessThanOrEqual(timerCount)
    expect(wire.texts.join()).not.toContain('never heard')
  })

  it('shows in the state while it lasts', async () => {
    const { state, simulator, clock } = await connected(platform)
    const delayed = () => JSON.stringify(state()).includes('"delayed":true')
    expect(delayed()).toBe(false)
    simulator.fault({ fault: 'delay', platform, ms: 500, forMs: 10_000 })
    expect(delayed()).toBe(true)
    clock.advance(10_000)
    expect(delayed()).toBe(false)
  })
})

describe.each(PLATFORMS)('slow-hello on %s', (platform) => {
  async function begun(forMs: number) {
    const stage = await setStage()
    const { simulator, at } = stage
    simulator.fault({ fault: 'slow-hello', platform, forMs })
    const url =
      platform === 'slack'
        ? String((await stage.slack('rtm.connect')).url)
        : `${at.url.replace('http', 'ws')}/discord/gateway?v=10&encoding=json`
    const wire = stage.open(url)
    await wire.opened
    return { ...stage, wire }
  }
  const HELLO = platform === 'slack' ? { type: 'hello' } : { op: 10 }

  it('takes the socket and is silent for so long, then goes on as ever', async () => {
    const { wire, clock } = await begun(20_000)
    clock.advance(19_999)
    await echoed(wire)
    expect(wire.texts).toEqual([])
    clock.advance(1)
    expect(await wire.next()).toMatchObject(HELLO)
  })

  it('forgets a socket that does not wait, and hits only the next one', async () => {
    const { wire, clock, simulator, rtm, hello } = await begun(20_000)
    const gone = simulator.record.until((entry) => entry.kind === 'socket' && entry.what === 'closed')
    wire.ws.terminate()
    expect(await gone).toMatchObject({ platform, socket: 1, by: 'bot' })
    clock.advance(20_000)
    await (platform === 'slack' ? rtm() : hello())
    expect(simulator.record.of('socket').map(({ what }) => what)).toEqual(['closed', 'opened'])
  })
})

describe.each(PLATFORMS)('garbage on %s', (platform) => {
  it('sends the same frames of every kind each time, and the socket goes on', async () => {
    const { wire, say, textOf, simulator } = await connected(platform)
    const frames: (string | Buffer)[] = []
    wire.ws.on('message', (data: Buffer, isBinary) => frames.push(isBinary ? data : String(data)))
    const spoil = () => simulator.fault({ fault: 'garbage', platform, count: 13 })
    spoil()
    await echoed(wire)
    const first = frames.splice(0)
    spoil()
    await echoed(wire)
    expect(frames).toEqual(first)
    expect(first).toHaveLength(13)
    const texts = first.filter((frame) => typeof frame === 'string')
    expect(texts.filter((text) => !isJson(text)).length).toBeGreaterThanOrEqual(4)
    expect(texts.filter(isJson).length).toBeGreaterThanOrEqual(5)
    expect(first.filter((frame) => typeof frame !== 'string').length).toBeGreaterThanOrEqual(2)
    say('unharmed')
    await echoed(wire)
    expect(textOf(JSON.parse(wire.texts.at(-1) ?? ''))).toBe('unharmed')
  })
})

describe('garbage on a compressed socket', () => {
  it('comes through the compression while it is text', async () => {
    const { hello, simulator } = await setStage()
    const wire = await hello({ inflate: true })
    simulator.fault({ fault: 'garbage', platform: 'discord', count: 1 })
    await expect.poll(() => wire.texts.at(-1)).toBe('kelp, not JSON')
  })
})

describe('a Socket Mode socket', () => {
  it('is late, spoiled and slow to greet as the others are', async () => {
    const { socketMode, slack, slackBot, open, simulator, clock } = await setStage()
    const wire = await socketMode()
    simulator.fault({ fault: 'delay', platform: 'slack', ms: 500, forMs: 500 })
    simulator.fault({ fault: 'garbage', platform: 'slack' })
    await echoed(wire)
    expect(wire.texts).toHaveLength(1)
    clock.advance(500)
    await expect.poll(() => wire.texts.at(-1)).toBe('kelp, not JSON')
    simulator.fault({ fault: 'slow-hello', platform: 'slack', forMs: 2_000 })
    const { url } = await slack('apps.connections.open', {}, slackBot.appToken)
    const second = open(String(url))
    await second.opened
    await echoed(second)
    expect(second.texts).toEqual([])
    clock.advance(2_000)
    expect(await second.next()).toMatchObject({ type: 'hello' })
  })
})

describe('op 7', () => {
  it('comes in place of Hello for so many sockets', async () => {
    const { open, at, simulator, hello } = await setStage()
    simulator.fault({ fault: 'early-reconnect', platform: 'discord', count: 2 })
    const url = `${at.url.replace('http', 'ws')}/discord/gateway?v=10&encoding=json`
    for (let n = 0; n < 2; n++) expect(await open(url).next()).toMatchObject({ op: 7 })
    await hello()
  })

  it('is followed by the end where the bot stays', async () => {
    const { ready, simulator, clock } = await setStage()
    const { wire } = await ready()
    simulator.fault({ fault: 'reconnect', platform: 'discord', forMs: 3_000 })
    expect(await wire.next()).toMatchObject({ op: 7 })
    clock.advance(3_000)
    expect(await wire.closed).toBe(4000)
    expect(simulator.discord.state()[0]?.sessions).toMatchObject([{ state: 'detached' }])
  })
})

describe('the list of faults', () => {
  it('describes what each takes: units, defaults, and the choices of the platform', () => {
    const { delay, reconnect, 'refuse-connects': refuse } = listFaults()
    expect(delay?.parameters.slack).toMatchObject([
      { name: 'bot', type: 'bot', optional: true },
      { name: 'ms', type: 'number', unit: 'ms', optional: false, example: 2_000 },
      { name: 'forMs', type: 'number', unit: 'ms', optional: false, example: 10_000 },
    ])
    expect(reconnect?.parameters).toMatchObject({
      discord: [{ name: 'bot' }, { name: 'forMs', optional: true }],
    })
    expect(refuse?.parameters.discord?.at(-1)).toMatchObject({
      name: 'target',
      choices: ['gateway', 'resume'],
    })
  })

  it('gives every parameter a default where it may be left out and is counted, an example where it may not', () => {
    for (const { parameters } of Object.values(listFaults())) {
      for (const parameter of Object.values(parameters).flat()) {
        const { type, optional, name } = parameter
        if (!optional && type === 'number') expect(parameter.example, name).toBeTypeOf('number')
        if (optional && name === 'count') expect(parameter.default, name).toBe(1)
      }
    }
  })

  it.each([
    [{ fault: 'delay', ms: -1, forMs: 1 }, 'fault "delay": "ms" must be a number from 0 to 86400000, not -1'],
    [{ fault: 'slow-hello', forMs: 1e12 }, '"forMs" must be a number from 0 to 86400000'],
    [{ fault: 'close-sockets', code: 1005 }, 'no close frame can carry 1005'],
    [{ fault: 'close-sockets', code: 1015 }, 'no close frame can carry 1015'],
    [{ fault: 'garbage', count: 0 }, '"count" must be a number from 1 to 10000, not 0'],
    [{ fault: 'delay', forMs: 1 }, 'fault "delay" needs "ms"'],
  ])('refuses %j', async (ask, line) => {
    const { simulator } = await setStage()
    expect(() => simulator.fault({ platform: 'slack', ...ask })).toThrow(line)
  })
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
