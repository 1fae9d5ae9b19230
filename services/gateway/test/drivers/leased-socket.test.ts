import { expect, test, vi } from 'vitest'
import { leased } from '../../src/drivers/leased-socket.ts'
import type { OpenSocket } from '../../src/drivers/socket.ts'
import { FakeSocket } from './world.ts'

function surroundings() {
  const sockets: FakeSocket[] = []
  const open: OpenSocket = (url, handlers) => {
    const socket = new FakeSocket(url, handlers)
    sockets.push(socket)
    return socket
  }
  const handlers = { onOpen: vi.fn(), onText: vi.fn(), onClose: vi.fn() }
  let answer: (allowed: boolean) => void = () => {}
  const asked = () => new Promise<boolean>((resolve) => (answer = resolve))
  return { sockets, open, handlers, asked, answer: (allowed: boolean) => answer(allowed) }
}

test('a socket that needs no leave opens at once', () => {
  const { sockets, open, handlers } = surroundings()
  leased(open, () => 'unasked')('wss://a', handlers)
  expect(sockets.map(({ url }) => url)).toEqual(['wss://a'])
})

test('one that is allowed opens with the answer, and is a socket like any other', async () => {
  const { sockets, open, handlers, asked, answer } = surroundings()
  const socket = leased(open, asked)('wss://a', handlers)
  expect(sockets).toEqual([])
  answer(true)
  await vi.waitFor(() => expect(sockets).toHaveLength(1))
  sockets[0]?.open()
  socket.send('hello')
  expect(sockets[0]?.sent).toEqual(['hello'])
  expect(handlers.onOpen).toHaveBeenCalledOnce()
  socket.close(1000)
  await socket.closed
  expect(handlers.onClose).toHaveBeenCalledOnce()
})

test('one that is not allowed never begins to connect, and is told as closed', async () => {
  const { sockets, open, handlers, asked, answer } = surroundings()
  const socket = leased(open, asked)('wss://a', handlers)
  answer(false)
  await socket.closed
  expect(sockets).toEqual([])
  expect(handlers.onClose).toHaveBeenCalledExactlyOnceWith(
    undefined,
    expect.stringContaining('another gateway'),
  )
})

test('one that is closed while it waits never opens', async () => {
  const { sockets, open, handlers, asked, answer } = surroundings()
  const socket = leased(open, asked)('wss://a', handlers)
  socket.terminate()
  answer(true)
  await socket.closed
  expect(sockets).toEqual([])
  expect(handlers.onClose).toHaveBeenCalledOnce()
})
