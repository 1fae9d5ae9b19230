import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { systemClock } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Socket, webSockets } from '../../src/drivers/socket.ts'

let server: WebSocketServer
let url: string
let sockets: Socket[] = []

beforeEach(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
})

afterEach(async () => {
  for (const client of server.clients) client.terminate()
  await Promise.all(sockets.map((socket) => socket.closed))
  sockets = []
  server.close()
  await once(server, 'close')
})

/** Opens a socket and gives its happenings one by one. */
function open(address = url) {
  const happened: string[] = []
  let wake = () => {}
  const tell = (what: string) => {
    happened.push(what)
    wake()
  }
  const socket = webSockets(systemClock)(address, {
    onOpen: () => tell('open'),
    onText: (text) => tell(`text ${text}`),
    onBinary: (data) => tell(`binary ${Buffer.from(data).toString('hex')}`),
    onAlive: () => tell('alive'),
    onClose: (code, reason) => tell(`close ${code} ${reason}`),
  })
  sockets.push(socket)
  const next = async () => {
    while (happened.length === 0)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    return happened.shift()
  }
  return { socket, next }
}

async function accepted(): Promise<WebSocket> {
  const [client] = (await once(server, 'connection')) as [WebSocket]
  return client
}

describe('a websocket', () => {
  it('opens, carries text both ways, offers no compression, and tells the code of its close', async () => {
    const connecting = once(server, 'connection')
    const { socket, next } = open()
    const [client, request] = await connecting
    expect(request.headers['sec-websocket-extensions']).toBeUndefined()
    expect(await next()).toBe('open')
    socket.send('hi')
    expect(String((await once(client, 'message'))[0])).toBe('hi')
    client.send('{"é":1}')
    expect(await next()).toBe('text {"é":1}')
    client.close(4007, 'invalid seq')
    expect(await next()).toBe('close 4007 invalid seq')
  })

  it('tells a close without a code as such', async () => {
    const connecting = accepted()
    const { next } = open()
    const client = await connecting
    await next()
    client.close()
    expect(await next()).toBe('close undefined ')
  })

  it('closes with the code it is given', async () => {
    const connecting = accepted()
    const { socket, next } = open()
    const client = await connecting
    await next()
    const closed = once(client, 'close')
    socket.close(4000)
    expect((await closed)[0]).toBe(4000)
    await socket.closed
  })

  it('drops the connection when the other side does not answer a close', async () => {
    const connecting = accepted()
    const { socket, next } = open()
    const client = await connecting
    await next()
    client.pause()
    socket.close(4000)
    expect(await next()).toMatch(/^close 1006/)
    client.resume()
  })

  it('tells a refused connection, and one to an address that is none, as a close', async () => {
    const free = createServer().listen(0, '127.0.0.1')
    await once(free, 'listening')
    const { port } = free.address() as AddressInfo
    free.close()
    await once(free, 'close')
    expect(await open(`ws://127.0.0.1:${port}/`).next()).toMatch(/^close 1006 .*ECONNREFUSED/)
    expect(await open('no address').next()).toBe('close undefined the address is not a websocket URL')
  })

  it('tells binary frames apart from text', async () => {
    const connecting = accepted()
    const { next } = open()
    const client = await connecting
    await next()
    client.send(Buffer.from([0x78, 0xff]))
    client.send('text')
    expect(await next()).toBe('binary 78ff')
    expect(await next()).toBe('text text')
  })

  it('pings, and tells of the pings and pongs of the other side', async () => {
    const connecting = accepted()
    const { socket, next } = open()
    const client = await connecting
    await next()
    const pinged = once(client, 'ping')
    socket.ping()
    await pinged
    expect(await next()).toBe('alive')
    client.ping()
    expect(await next()).toBe('alive')
  })

  it('can be closed while it connects', async () => {
    const { socket, next } = open()
    socket.close(4000)
    socket.send('nothing')
    expect(await next()).toMatch(/^close 1006/)
  })
})
