import { afterEach, expect } from 'vitest'
import {
  createSimulator,
  type Simulator,
  type SimulatorAddresses,
  type SimulatorOptions,
} from '../src/index.ts'
import { TestClock } from './test-clock.ts'
import { type Frame, post, Wire } from './wire.ts'

/** A running simulator with a clock that stands still, and raw clients that are closed after the test. */
export interface Stage {
  readonly clock: TestClock
  readonly simulator: Simulator
  readonly at: SimulatorAddresses
  readonly slackBot: SimulatorAddresses['slack']['bots'][number]
  readonly slackChannel: string
  readonly discordBot: SimulatorAddresses['discord']['bots'][number]
  readonly discordChannel: string
  open(url: string, options?: { inflate?: boolean }): Wire
  /** Calls a Web API method with the first bot's token. */
  slack(method: string, args?: Frame, token?: string): Promise<Frame>
  /** rtm.connect, connect, hello. */
  rtm(token?: string): Promise<Wire>
  /** apps.connections.open, with something added to the URL if wanted, connect, hello. */
  socketMode(more?: string): Promise<Wire>
  /** Calls a REST route with the first bot's token. */
  discord(method: string, path: string, body?: unknown, token?: string): Promise<Response>
  /** Connects to the gateway and reads Hello. */
  hello(options?: { url?: string; inflate?: boolean }): Promise<Wire>
  /** Connects, identifies and reads up to the last guild. Answers the wire and READY's `d`. */
  ready(identify?: Frame): Promise<{ wire: Wire; ready: Frame }>
}

const stages: { simulator: Simulator; clock: TestClock; wires: Wire[] }[] = []

// What a stage leaves behind is a leak of the simulator.
afterEach(async () => {
  for (const { simulator, clock, wires } of stages.splice(0)) {
    await simulator.stop()
    for (const wire of wires) wire.ws.terminate()
    expect(clock.timerCount).toBe(0)
  }
})

export async function setStage(options: SimulatorOptions = {}): Promise<Stage> {
  const clock = new TestClock()
  const simulator = createSimulator({ clock, ...options })
  const wires: Wire[] = []
  stages.push({ simulator, clock, wires })
  const at = await simulator.start()
  const slackBot = first(at.slack.bots)
  const discordBot = first(at.discord.bots)

  const open: Stage['open'] = (url, wireOptions) => {
    const wire = new Wire(url, wireOptions)
    wires.push(wire)
    return wire
  }
  const slack: Stage['slack'] = (method, args = {}, token = slackBot.token) =>
    post(`${at.slackApiUrl}${method}`, args, { authorization: `Bearer ${token}` })

  const rtm: Stage['rtm'] = async (token) => {
    const { url } = await slack('rtm.connect', {}, token)
    const wire = open(String(url))
    await wire.next({ type: 'hello' })
    return wire
  }
  const socketMode: Stage['socketMode'] = async (more = '') => {
    const { url } = await slack('apps.connections.open', {}, slackBot.appToken)
    const wire = open(`${url}${more}`)
    await wire.next({ type: 'hello' })
    return wire
  }
  const discord: Stage['discord'] = (method, path, body, token = discordBot.token) =>
    fetch(`${at.discordApiUrl}${path}`, {
      method,
      headers: { authorization: `Bot ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const hello: Stage['hello'] = async ({ url, inflate = false } = {}) => {
    const base = url ?? at.url.replace('http', 'ws').concat('/discord/gateway')
    const wire = open(`${base}/?v=10&encoding=json${inflate ? '&compress=zlib-stream' : ''}`, { inflate })
    await wire.next({ op: 10 })
    return wire
  }
  const ready: Stage['ready'] = async (identify = {}) => {
    const wire = await hello()
    wire.send({ op: 2, d: { ...identifyOf(discordBot.token), ...identify } })
    const { d } = await wire.next({ t: 'READY' })
    await wire.next({ t: 'GUILD_CREATE' })
    return { wire, ready: d as Frame }
  }
  const slackChannel = first(at.slack.channels).id
  const discordChannel = first(at.discord.channels).id
  return {
    clock,
    simulator,
    at,
    slackBot,
    slackChannel,
    discordBot,
    discordChannel,
    open,
    slack,
    rtm,
    socketMode,
    discord,
    hello,
    ready,
  }
}

/** GUILDS, GUILD_MESSAGES, GUILD_MESSAGE_REACTIONS, MESSAGE_CONTENT. */
export const INTENTS = 1 | (1 << 9) | (1 << 10) | (1 << 15)

export function identifyOf(token: string) {
  return { token, intents: INTENTS, properties: { os: 'test', browser: 'test', device: 'test' } }
}

export function first<T>(list: readonly T[]): T {
  const [item] = list
  if (item === undefined) throw new Error('the list is empty')
  return item
}
