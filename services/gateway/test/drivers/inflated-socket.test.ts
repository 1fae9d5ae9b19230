import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { inflated } from '../../src/drivers/inflated-socket.ts'
import { type Compression, canInflate } from '../../src/drivers/inflater.ts'
import type { Socket, SocketHandlers } from '../../src/drivers/socket.ts'

const FRAMES = [
  '{"t":null,"s":null,"op":10,"d":{"heartbeat_interval":41250}}',
  `{"t":"GUILD_CREATE","s":1,"op":0,"d":{"id":"7","emoji":"🦦","name":"${'reef '.repeat(40_000)}"}}`,
  '{"op":11}',
]

/** Discord's end of a connection: one compression context, flushed after each message. */
class Deflater {
  readonly #stream: Transform
  #parts: Buffer[] = []

  constructor(stream: Transform) {
    this.#stream = stream
    stream.on('data', (part: Buffer) => this.#parts.push(part))
  }

  async message(text: string): Promise<Buffer> {
    this.#parts = []
    this.#stream.write(text)
    await new Promise<void>((resolve) => {
      ;(this.#stream as zlib.Deflate).flush(resolve)
    })
    return Buffer.concat(this.#parts)
  }
}

const deflater = () => new Deflater(zlib.createDeflate({ flush: zlib.constants.Z_NO_FLUSH }))

/** A socket whose other side is the test, and what the one around it told. */
function connect(compression: Compression = 'zlib-stream', address = 'wss://x.example/?v=10&encoding=json') {
  const told: string[] = []
  const urls: string[] = []
  const calls: string[] = []
  const pipe: { handlers?: SocketHandlers; end: () => void } = { end: () => {} }
  const open = inflated((url, handlers): Socket => {
    urls.push(url)
    pipe.handlers = handlers
    const closed = new Promise<void>((resolve) => {
      pipe.end = resolve
    })
    return {
      send: (text) => calls.push(`send ${text}`),
      ping: () => calls.push('ping'),
      close: (code) => calls.push(`close ${code}`),
      terminate: () => calls.push('terminate'),
      closed,
    }
  }, compression)
  const socket = open(address, {
    onOpen: () => told.push('open'),
    onText: (text) => told.push(text),
    onClose: (code, reason) => told.push(`close ${code} ${reason}`),
  })
  const handlers = () => pipe.handlers as Required<Pick<SocketHandlers, 'onBinary'>> & SocketHandlers
  const closes = async (code?: number, reason = '') => {
    handlers().onClose(code, reason)
    pipe.end()
    await socket.closed
  }
  return { socket, told, urls, calls, handlers, closes }
}

const opened: ReturnType<typeof connect>[] = []
function connected(...given: Parameters<typeof connect>) {
  const pipe = connect(...given)
  opened.push(pipe)
  return pipe
}
afterEach(async () => {
  for (const pipe of opened.splice(0)) await pipe.closes()
})

describe('a socket with transport compression', () => {
  it.each([
    ['wss://x.example/?v=10&encoding=json', 'wss://x.example/?v=10&encoding=json&compress=zlib-stream'],
    ['wss://x.example/', 'wss://x.example/?compress=zlib-stream'],
  ])('asks for it in the query of %s', (address, asked) => {
    expect(connected('zlib-stream', address).urls).toEqual([asked])
  })

  it('tells what came in order, and its close only after all of it was inflated', async () => {
    const { told, handlers, closes } = connected()
    const discord = deflater()
    const messages: Buffer[] = []
    for (const frame of FRAMES) messages.push(await discord.message(frame))
    for (const message of messages) handlers().onBinary(message)
    const closed = closes(4000, 'Unknown error.')
    expect(told).toEqual([])
    await closed
    expect(told).toEqual([...FRAMES, 'close 4000 Unknown error.'])
  })

  it.each([1, 3, 1_024])(
    'waits for the whole of a message that comes in parts of %i bytes',
    async (bytes) => {
      const { told, handlers, closes } = connected()
      const discord = deflater()
      for (const frame of FRAMES) {
        const message = await discord.message(frame)
        for (let at = 0; at < message.length; at += bytes)
          handlers().onBinary(message.subarray(at, at + bytes))
      }
      await closes()
      expect(told.slice(0, -1)).toEqual(FRAMES)
    },
  )

  it('tells nothing of a message whose end has not come', async () => {
    const { told, handlers, closes } = connected()
    handlers().onBinary((await deflater().message(FRAMES[0] ?? '')).subarray(0, -4))
    await closes(1006)
    expect(told).toEqual(['close 1006 '])
  })

  it('takes a flush that is marked a second time for no message', async () => {
    const { told, handlers, closes } = connected()
    const discord = deflater()
    handlers().onBinary(await discord.message(FRAMES[0] ?? ''))
    handlers().onBinary(Buffer.from([0x00, 0x00, 0x00, 0xff, 0xff]))
    handlers().onBinary(await discord.message(FRAMES[2] ?? ''))
    await closes()
    expect(told.slice(0, -1)).toEqual([FRAMES[0], FRAMES[2]])
  })

  it('has a context of its own: each socket begins a new stream', async () => {
    for (const pipe of [connected(), connected()]) {
      pipe.handlers().onBinary(await deflater().message(FRAMES[2] ?? ''))
      await pipe.closes()
      expect(pipe.told[0]).toBe(FRAMES[2])
    }
  })

  it('keeps text frames in their place between compressed ones', async () => {
    const { told, handlers, closes } = connected()
    const discord = deflater()
    handlers().onBinary(await discord.message('one'))
    handlers().onText('two')
    handlers().onBinary(await discord.message('three'))
    await closes()
    expect(told.slice(0, 3)).toEqual(['one', 'two', 'three'])
  })

  it.each<[what: string, stream: () => Promise<Buffer> | Buffer, why: RegExp]>([
    ['garbage', () => Buffer.from('this is no zlib at all\x00\x00\xff\xff', 'latin1'), /incorrect header/],
    [
      'garbage after a good message',
      async () =>
        Buffer.concat([await deflater().message('{"op":11}'), Buffer.from([6, 1, 2, 0, 0, 255, 255])]),
      /invalid/,
    ],
    [
      'a stream that ended',
      () => Buffer.concat([zlib.deflateSync('{"op":11}'), Buffer.from([0, 0, 255, 255])]),
      /has ended/,
    ],
  ])('is dropped by %s, tells why, and nothing that follows', async (_, stream, why) => {
    const { told, calls, handlers, closes } = connected()
    handlers().onBinary(await stream())
    handlers().onBinary(await deflater().message('{"op":11}'))
    await closes(1006)
    expect(calls).toEqual(['terminate'])
    expect(told).toHaveLength(1)
    expect(told[0]).toMatch(/^close 1006 the compressed frames could not be read: /)
    expect(told[0]).toMatch(why)
  })

  it('is dropped by a frame that would inflate to more than 64 MB', async () => {
    const { told, calls, handlers, closes } = connected()
    const bomb = await deflater().message('0'.repeat(65 * 1024 * 1024))
    expect(bomb.length).toBeLessThan(100_000)
    handlers().onBinary(bomb)
    await closes(1006)
    expect(calls).toEqual(['terminate'])
    expect(told).toEqual([expect.stringContaining('more than 64 MB')])
  })

  it('is dropped by a message that never ends', async () => {
    const { told, calls, handlers, closes } = connected()
    for (let megabyte = 0; megabyte <= 64; megabyte++) handlers().onBinary(Buffer.alloc(1024 * 1024))
    await closes(1006)
    expect(calls).toEqual(['terminate'])
    expect(told).toEqual([expect.stringContaining('wait for the end of their message')])
  })

  it('passes on what is asked of it', () => {
    const { socket, calls } = connected()
    socket.send('hi')
    socket.close(4000)
    socket.terminate()
    expect(calls).toEqual(['send hi', 'close 4000', 'terminate'])
  })
})

describe.skipIf(!canInflate('zstd-stream'))('a socket with zstd-stream', () => {
  const { createZstdCompress } = zlib as unknown as { createZstdCompress: () => Transform }

  it('takes each websocket message for one frame of a single zstd stream', async () => {
    const { urls, told, handlers, closes } = connected('zstd-stream')
    const discord = new Deflater(createZstdCompress())
    for (const frame of FRAMES) handlers().onBinary(await discord.message(frame))
    await closes(4000)
    expect(urls[0]).toContain('&compress=zstd-stream')
    expect(told).toEqual([...FRAMES, 'close 4000 '])
  })

  it('is dropped by garbage', async () => {
    const { told, calls, handlers, closes } = connected('zstd-stream')
    handlers().onBinary(Buffer.from('no zstd at all'))
    await closes(1006)
    expect(calls).toEqual(['terminate'])
    expect(told).toEqual([expect.stringContaining('could not be read')])
  })
})

it('can be read by every Node as zlib', () => {
  expect(canInflate('zlib-stream')).toBe(true)
})
