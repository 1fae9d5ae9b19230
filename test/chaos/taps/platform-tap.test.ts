import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { PlatformTap } from './platform-tap.ts'

/** A websocket through a tap, and what its server heard. */
async function open() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const tap = await PlatformTap.to(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const heard: string[] = []
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      heard.push(String(data))
      socket.send(`heard ${data}`)
    })
  })
  onTestFinished(() => {
    tap.close()
    server.close()
  })
  const client = new WebSocket(tap.origin.replace('http', 'ws'))
  await once(client, 'open')
  const answer = async () => String((await once(client, 'message'))[0])
  return { server, tap, heard, client, answer }
}

describe('a tap before a platform', () => {
  test('lets everything pass, of any size and kind', async () => {
    const { client, heard, answer } = await open()
    for (const text of ['', 'short', 'ä'.repeat(300), 'long '.repeat(20_000)]) {
      const answered = answer()
      client.ping('between')
      client.send(text)
      expect(await answered).toBe(`heard ${text}`)
    }
    expect(heard).toHaveLength(4)
  })

  test('stops before something is said: what stands behind it does not arrive either', async () => {
    const { tap, client, heard, answer } = await open()
    const caught = tap.beforeSaid(
      'b',
      ({ text }) => text.startsWith('b'),
      () => 'withhold',
    )
    const answered = answer()
    for (const text of ['a', 'b1', 'c']) client.send(text)
    expect((await caught).text).toBe('b1')
    expect(await answered).toBe('heard a')
    const other = new WebSocket(tap.origin.replace('http', 'ws'))
    await once(other, 'open')
    other.send('d')
    await once(other, 'message')
    expect(heard).toEqual(['a', 'd'])
    other.terminate()
  })

  test('ends its connections without a goodbye, and lets none come about until it is mended', async () => {
    const { server, tap, client } = await open()
    const ended = Promise.all([
      once(client, 'close'),
      ...[...server.clients].map((each) => once(each, 'close')),
    ])
    tap.cut()
    expect((await ended).map(([code]) => code)).toEqual([1006, 1006])
    const refused = new WebSocket(tap.origin.replace('http', 'ws'))
    await once(refused, 'error')
    tap.mend()
    const mended = new WebSocket(tap.origin.replace('http', 'ws'))
    await once(mended, 'open')
    mended.terminate()
  })

  test('frozen, it lets nothing pass while the connections stand', async () => {
    const { server, tap, client, heard, answer } = await open()
    const answered = answer()
    client.send('before')
    await answered
    tap.freeze()
    client.send('after')
    for (const each of server.clients) each.send('never heard')
    const said: unknown[] = []
    client.on('message', (data) => said.push(String(data)))
    const other = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
    await once(other, 'open')
    other.send('beside')
    await once(other, 'message')
    other.terminate()
    expect(heard).toEqual(['before', 'beside'])
    expect(said).toEqual([])
    expect(client.readyState).toBe(WebSocket.OPEN)
    client.terminate()
  })

  test('tells of a point that is not reached', async () => {
    const { tap, client, answer } = await open()
    const missed = tap.beforeSaid(
      'anything else',
      ({ text }) => text !== 'a',
      () => 'on',
      300,
    )
    const answered = answer()
    client.send('a')
    await answered
    await expect(missed).rejects.toThrow(
      'the point "before anything else is said" was not reached within 300 ms; there was 1 messages of the process',
    )
    client.terminate()
  })
})
