import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { constants, createDeflate } from 'node:zlib'
import { systemClock } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { createDiscordDriver } from '../../src/drivers/discord-driver.ts'
import { inflated } from '../../src/drivers/inflated-socket.ts'
import { createSlackRtmDriver } from '../../src/drivers/slack-rtm-driver.ts'
import { type OpenSocket, webSockets } from '../../src/drivers/socket.ts'
import type { ConnectionDriver, Publish } from '../../src/ports.ts'
import { nextFence, World } from './world.ts'

let http: Server
let ws: WebSocketServer
let port: number
let world: World
let drivers: ConnectionDriver[]
/** Answers by the last part of the path. */
let answers: Record<string, unknown>

beforeEach(async () => {
  world = new World()
  drivers = []
  answers = {}
  http = createServer((request, response) => {
    const method = request.url?.split('/').at(-1) ?? ''
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answers[method] ?? {}))
  })
  ws = new WebSocketServer({ server: http })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  port = (http.address() as AddressInfo).port
})

afterEach(async () => {
  await Promise.all(drivers.map((driver) => driver.stop(1_000)))
  ws.close()
  http.close()
  http.closeAllConnections()
  await once(http, 'close')
})

/** Publishes into a list that can be waited on; everything is confirmed at once. */
function published() {
  const types: string[] = []
  let wake = () => {}
  const publish: Publish = (event, _connection, confirm) => {
    types.push(event.type)
    confirm()
    wake()
  }
  const until = async (count: number) => {
    while (types.length < count)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    return types
  }
  return { publish, until }
}

function run(driver: ConnectionDriver): Promise<void> {
  drivers.push(driver)
  return driver.start(nextFence())
}

/** The deps of a driver over real sockets and real time. */
function realDeps(publish: Publish) {
  const { checkpoints, budget, journal, metrics, log } = world.deps
  return {
    checkpoints,
    budget,
    journal,
    metrics,
    log,
    publish,
    wanted: () => true,
    clock: systemClock,
    fetch,
  }
}

/** A shard that has opened its first socket. */
async function runShard(openSocket?: OpenSocket) {
  const url = `ws://127.0.0.1:${port}`
  answers.bot = gatewayBot(url)
  const { publish, until } = published()
  const connecting = once(ws, 'connection')
  await run(
    createDiscordDriver({
      ...realDeps(publish),
      ...(openSocket && { openSocket }),
      connection: 'bastion',
      token: 'token',
      intents: 513,
      shard: [0, 1],
      apiUrl: `http://127.0.0.1:${port}/api/v10`,
      permits: { acquire: async () => 'granted', announce: () => () => {} },
    }),
  )
  const [first] = (await connecting) as [WebSocket]
  return { url, first, until }
}

async function nextFrame(client: WebSocket): Promise<Record<string, unknown>> {
  return JSON.parse(String((await once(client, 'message'))[0]))
}

function gatewayBot(url: string) {
  const session_start_limit = { total: 1000, remaining: 1000, reset_after: 1, max_concurrency: 1 }
  return { url, shards: 1, session_start_limit }
}

function readyText(url: string): string {
  const ready = {
    session_id: 's',
    resume_gateway_url: url,
    user: { id: '1' },
    application: { id: '2' },
    guilds: [],
  }
  return `{"t":"READY","s":1,"op":0,"d":${JSON.stringify(ready)}}`
}

/** Discord's end of a connection with transport compression: one context, flushed after each message. */
function compressing(client: WebSocket): (text: string) => void {
  const deflate = createDeflate()
  deflate.on('data', (part: Buffer) => client.send(part))
  client.on('close', () => deflate.destroy())
  return (text) => {
    deflate.write(text)
    deflate.flush(constants.Z_SYNC_FLUSH)
  }
}

describe('over real sockets', () => {
  it('a Discord shard identifies, is dropped, and resumes after what was confirmed', async () => {
    const { url, first, until } = await runShard()
    first.send('{"op":10,"d":{"heartbeat_interval":60000}}')
    expect(await nextFrame(first)).toMatchObject({ op: 2 })
    first.send(readyText(url))
    first.send('{"t":"MESSAGE_CREATE","s":2,"op":0,"d":{"id":"3","channel_id":"4"}}')
    await until(2)
    const again = once(ws, 'connection')
    first.terminate()
    const [second] = (await again) as [WebSocket]
    second.send('{"op":10,"d":{"heartbeat_interval":60000}}')
    expect(await nextFrame(second)).toEqual({ op: 6, d: { token: 'token', session_id: 's', seq: 2 } })
    second.send('{"t":"RESUMED","s":3,"op":0,"d":{}}')
    expect(await until(3)).toEqual(['discord.READY', 'discord.MESSAGE_CREATE', 'discord.RESUMED'])
    const closed = once(second, 'close')
    await drivers[0]?.stop(1_000)
    expect((await closed)[0]).toBe(4000)
    expect(world.store.last).toMatchObject({ sessionId: 's', sequence: 3 })
  })

  it('a compressed Discord shard outlives garbage in its stream: dropped, and resumed on a stream of its own', async () => {
    const { url, first, until } = await runShard(inflated(webSockets(systemClock), 'zlib-stream'))
    const say = compressing(first)
    say('{"op":10,"d":{"heartbeat_interval":60000}}')
    expect(await nextFrame(first)).toMatchObject({ op: 2 })
    say(readyText(url))
    say('{"t":"MESSAGE_CREATE","s":2,"op":0,"d":{"id":"3","channel_id":"4"}}')
    await until(2)
    const again = once(ws, 'connection')
    first.send(Buffer.from([1, 2, 3, 4, 0x00, 0x00, 0xff, 0xff]))
    const [second, request] = (await again) as [WebSocket, IncomingMessage]
    expect(request.url).toBe('/?v=10&encoding=json&compress=zlib-stream')
    const sayAgain = compressing(second)
    sayAgain('{"op":10,"d":{"heartbeat_interval":60000}}')
    expect(await nextFrame(second)).toMatchObject({ op: 6, d: { session_id: 's', seq: 2 } })
    sayAgain('{"t":"RESUMED","s":3,"op":0,"d":{}}')
    expect(await until(3)).toEqual(['discord.READY', 'discord.MESSAGE_CREATE', 'discord.RESUMED'])
    const why = world.lines.map(({ message }) => message).find((text) => text.includes('1006'))
    expect(why).toContain('the compressed frames could not be read')
  })

  it('a Slack RTM connection says hello, announces the gap, pings, and takes what comes until it is closed', async () => {
    Object.assign(answers, {
      'auth.test': { ok: true, team_id: 'T1', user_id: 'U1', bot_id: 'B1' },
      'bots.info': { ok: true, bot: { app_id: 'A1' } },
      'rtm.connect': { ok: true, url: `ws://127.0.0.1:${port}/link` },
    })
    const { publish, until } = published()
    const connecting = once(ws, 'connection')
    world.store.stored = {
      kind: 'slack-rtm',
      teamId: 'T1',
      botUserId: 'U1',
      caughtUpAt: systemClock.wallAt() - 60_000,
    }
    await run(
      createSlackRtmDriver({
        ...realDeps(publish),
        connection: 'acme',
        token: 'xoxb-1',
        apiUrl: `http://127.0.0.1:${port}/api/`,
      }),
    )
    const [client] = (await connecting) as [WebSocket]
    client.send('{"type":"hello"}')
    const ping = await nextFrame(client)
    client.send(JSON.stringify({ type: 'pong', reply_to: ping.id }))
    client.send('{"type":"message","channel":"C1","user":"U2","text":"hi","ts":"1700000000.000100"}')
    expect(await until(2)).toEqual(['holdfast.gap', 'slack.message'])
    const stopped = drivers[0]?.stop(1_000)
    // Slack has not read the close yet.
    client.send('{"type":"message","channel":"C1","user":"U2","text":"bye","ts":"1700000000.000200"}')
    await stopped
    expect(await until(3)).toEqual(['holdfast.gap', 'slack.message', 'slack.message'])
    expect(world.store.last).toMatchObject({ kind: 'slack-rtm', appId: 'A1' })
  })
})
