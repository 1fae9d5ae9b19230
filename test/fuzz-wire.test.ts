import { createMemoryCallBudget } from '@holdfast/ownership'
import { type Clock, systemClock } from '@holdfast/runtime'
import { expect, onTestFinished, test } from 'vitest'
import type { WebSocket } from 'ws'
import { createDiscordDriver } from '../services/gateway/src/drivers/discord-driver.ts'
import { createSlackRtmDriver } from '../services/gateway/src/drivers/slack-rtm-driver.ts'
import { createSlackSocketModeDriver } from '../services/gateway/src/drivers/slack-socket-mode-driver.ts'
import type { ConnectionDriver, DriverTools } from '../services/gateway/src/ports.ts'
import { Random } from './fuzz/random.ts'
import type { Transport } from './fuzz/recorded-frames.ts'
import { WirePlatform } from './fuzz/wire-platform.ts'

/*
 * What only a real websocket can bring, over real sockets: binary frames, fragments, text that is no UTF-8,
 * pings, and the violent ends of a connection. After each the driver is well: a message arrives, on this socket or the next.
 */

const DRIVERS: Readonly<Record<Transport, (tools: DriverTools, apiUrl: string) => ConnectionDriver>> = {
  discord: (tools, apiUrl) =>
    createDiscordDriver({
      ...tools,
      ...{ connection: 'fuzzed', token: 'token', intents: 513, shard: [0, 1], apiUrl },
      permits: { acquire: async () => 'granted', announce: () => () => {} },
    }),
  rtm: (tools, apiUrl) =>
    createSlackRtmDriver({ ...tools, connection: 'fuzzed', token: 'xoxb-token', apiUrl }),
  'socket-mode': (tools, apiUrl) =>
    createSlackSocketModeDriver({
      ...tools,
      ...{ connection: 'fuzzed', appToken: 'xapp-token', botToken: 'xoxb-token', apiUrl, sockets: 1 },
    }),
}

const MESSAGES: Readonly<Record<Transport, (mark: string) => string>> = {
  discord: (mark) =>
    `{"t":"MESSAGE_CREATE","s":2,"op":0,"d":{"id":"${mark}","channel_id":"5","content":"${mark}"}}`,
  rtm: (mark) => `{"type":"message","channel":"C1","user":"U1","text":"${mark}","ts":"1790000000.${mark}"}`,
  'socket-mode': (mark) =>
    `{"envelope_id":"e${mark}","type":"events_api","accepts_response_payload":false,"retry_attempt":0,"payload":{"type":"event_callback","team_id":"T1","event_id":"Ev${mark}","event":{"type":"message","channel":"C1","user":"U1","text":"${mark}","ts":"1790000000.${mark}"}}}`,
}

/** What is done to a socket, and whether it can live on. */
const DEEDS: readonly { name: string; ends: boolean; act: (socket: WebSocket, random: Random) => void }[] = [
  {
    name: 'binary frames',
    ends: false,
    act: (socket, random) => {
      for (let n = 0; n < 50; n++)
        socket.send(Buffer.from(Array.from({ length: n }, () => random.below(256))))
    },
  },
  {
    name: 'a fragmented frame that is none',
    ends: false,
    act: (socket) => {
      for (const part of ['{"op":', '"type', '":{']) socket.send(part, { fin: false })
      socket.send('}', { fin: true })
    },
  },
  { name: 'pings', ends: false, act: (socket) => Array.from({ length: 50 }, () => socket.ping('reef')) },
  {
    name: 'text that is no UTF-8',
    ends: true,
    act: (socket) => socket.send(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), { binary: false }),
  },
  {
    name: 'bytes that are no websocket frame',
    ends: true,
    act: (socket) => raw(socket).write('HTTP/1.1 ?\r\n'),
  },
  { name: 'a cut', ends: true, act: (socket) => raw(socket).destroy() },
  { name: 'a close without a code', ends: true, act: (socket) => socket.close() },
]

/** Time goes ten times as fast: what is tried again is the point, not how patiently. */
const clock: Clock = { ...systemClock, setTimer: (ms, callback) => systemClock.setTimer(ms / 10, callback) }

/** The connection below a websocket. */
function raw(socket: WebSocket): { write(text: string): void; destroy(): void } {
  return (socket as unknown as { _socket: { write(text: string): void; destroy(): void } })._socket
}

/** A driver over the wire, and the texts that it has published. */
async function connect(transport: Transport) {
  const platform = await WirePlatform.open(transport)
  onTestFinished(() => platform.close())
  const published: string[] = []
  const tools: DriverTools = {
    publish: (event, _connection, onConfirmed) => {
      published.push(event.text)
      onConfirmed()
    },
    wanted: () => true,
    checkpoints: { load: async () => undefined, save: async () => 'saved' },
    // The real one would make this test wait for Slack's minutes.
    budget: { ...createMemoryCallBudget(clock), take: async () => ({ kind: 'granted' }) },
    journal: { keep: async () => ({ settle: () => {} }) },
    metrics: {
      received: () => {},
      malformed: () => {},
      gap: () => {},
      dropped: () => {},
      withheld: () => {},
      identified: () => {},
      deaf: () => {},
      identifyBreaker: () => {},
      state: () => {},
    },
    clock,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    fetch,
  }
  const driver = DRIVERS[transport](tools, platform.apiUrl)
  onTestFinished(() => driver.stop(1_000))
  const connecting = platform.nextSocket()
  await driver.start(1)
  return { platform, driver, published, socket: await connecting }
}

test.each(['discord', 'rtm', 'socket-mode'] as const)(
  'a %s driver outlives what only the wire can bring, and leaves no socket',
  async (transport) => {
    const { platform, driver, published, ...first } = await connect(transport)
    const random = new Random(1)
    let { socket } = first
    for (const [index, { name, ends, act }] of DEEDS.entries()) {
      const next = ends ? platform.nextSocket() : undefined
      act(socket, random)
      socket = (await next) ?? socket
      const mark = String(100_000 + index)
      socket.send(MESSAGES[transport](mark))
      const arrived = () => published.filter((text) => text.includes(`"${mark}"`)).length
      await expect.poll(arrived, { message: `after ${name}`, timeout: 20_000 }).toBe(1)
    }
    await driver.stop(1_000)
    await expect.poll(() => platform.socketCount).toBe(0)
  },
)
