import type { IncomingMessage } from 'node:http'
import * as zlib from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { identifyOf, setStage } from './stage.ts'
import type { Frame, Wire } from './wire.ts'

const canZstd = 'createZstdCompress' in zlib

/** What a handshake is answered with instead of a socket. */
function refusal(url: string): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve) => {
    const ws = new WebSocket(url)
    ws.on('error', () => {})
    ws.once('unexpected-response', async (_, response: IncomingMessage) => {
      let body = ''
      for await (const chunk of response) body += chunk
      resolve({ status: response.statusCode, body })
    })
  })
}

describe('the query of a gateway URL', () => {
  it.each([
    ['encoding=etf', 'encoding=etf is not simulated: use json\n'],
    ['encoding=json&compress=lz4', 'compress=lz4 is unknown: use zlib-stream or zstd-stream\n'],
  ])('%s is refused with a body that says what to use', async (query, body) => {
    const { at } = await setStage()
    const url = `${at.url.replace('http', 'ws')}/discord/gateway?v=10&${query}`
    expect(await refusal(url)).toEqual({ status: 400, body })
  })

  it.skipIf(canZstd)('says that zstd-stream needs a newer Node.js, where it does', async () => {
    const { at } = await setStage()
    const url = `${at.url.replace('http', 'ws')}/discord/gateway?v=10&encoding=json&compress=zstd-stream`
    const { status, body } = await refusal(url)
    expect(status).toBe(400)
    expect(body).toMatch(/^compress=zstd-stream needs a Node\.js that compresses zstd .*: use zlib-stream\n$/)
  })

  it.runIf(canZstd)('speaks zstd-stream: one context, and one payload in each message', async () => {
    const { open, at, discordBot, simulator, discordChannel } = await setStage()
    const url = `${at.url.replace('http', 'ws')}/discord/gateway?v=10&encoding=json&compress=zstd-stream`
    const wire = open(url)
    const payloads = decompressed(wire)
    await expect.poll(() => payloads).toHaveLength(1)
    wire.send({ op: 2, d: identifyOf(discordBot.token) })
    await expect.poll(() => payloads).toHaveLength(3)
    for (const text of ['one', 'two']) simulator.discord.say({ channel: discordChannel, user: '1', text })
    simulator.fault({ fault: 'close-sockets', platform: 'discord', code: 4000 })
    expect(await wire.closed).toBe(4000)
    await expect.poll(() => payloads).toHaveLength(5)
    const frames = payloads.map((text) => JSON.parse(text) as Frame)
    expect(frames.map(({ op, t }) => t ?? op)).toEqual([
      10,
      'READY',
      'GUILD_CREATE',
      ...Array(2).fill('MESSAGE_CREATE'),
    ])
  })
})

describe('a resume', () => {
  it('must ask for the version and encoding with which the session began', async () => {
    const { ready, open, discordBot, simulator, hello } = await setStage()
    const { wire, ready: d } = await ready()
    wire.ws.terminate()
    await simulator.record.until((entry) => entry.kind === 'socket' && entry.what === 'closed')
    const resume = { op: 6, d: { token: discordBot.token, session_id: d.session_id, seq: 2 } }
    expect(await open(String(d.resume_gateway_url)).closed).toBe(4012)
    const bare = open(`${d.resume_gateway_url}?v=10`)
    await bare.next({ op: 10 })
    bare.send(resume)
    expect(await bare.next()).toMatchObject({ op: 9, d: false })
    expect(simulator.record.of('resume')).toMatchObject([
      { outcome: 'invalid-session', why: 'resumed with v=10 encoding=null, begun with v=10 encoding=json' },
    ])
    const whole = await hello({ url: String(d.resume_gateway_url) })
    whole.send(resume)
    expect(await whole.next()).toMatchObject({ t: 'RESUMED' })
  })

  it('may ask for another compression', async () => {
    const { ready, discordBot, hello } = await setStage()
    const { ready: d } = await ready()
    const again = await hello({ url: String(d.resume_gateway_url), inflate: true })
    again.send({ op: 6, d: { token: discordBot.token, session_id: d.session_id, seq: 2 } })
    expect(await again.next()).toMatchObject({ t: 'RESUMED' })
  })
})

/** The payloads of a zstd-stream, as each message yields one. */
function decompressed(wire: Wire): string[] {
  const payloads: string[] = []
  const make = Reflect.get(zlib, 'createZstdDecompress') as () => zlib.Unzip
  const zstd = make()
  let text = ''
  zstd.on('data', (chunk) => {
    text += chunk
  })
  wire.ws.on('message', (data: Buffer) => {
    zstd.write(data, () => {
      payloads.push(text)
      text = ''
    })
  })
  return payloads
}
