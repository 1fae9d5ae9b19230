import { ManualClock } from '@holdfast/runtime'
import { beforeEach, describe, expect, it } from 'vitest'
import { SocketSlot } from '../../src/drivers/socket-slot.ts'
import { FakeSocket } from './world.ts'

let clock: ManualClock
let sockets: FakeSocket[]
let fed: unknown[]
let slot: SocketSlot<'ping' | 'age'>

function open(generation: number): FakeSocket {
  slot.perform({ kind: 'openSocket', generation, url: `wss://${generation}.example/` })
  return sockets.at(-1) as FakeSocket
}

beforeEach(() => {
  clock = new ManualClock()
  sockets = []
  fed = []
  slot = new SocketSlot({
    clock,
    openSocket(url, handlers) {
      const socket = new FakeSocket(url, handlers)
      sockets.push(socket)
      return socket
    },
    feed: (input) => fed.push(input),
    onText: (text, generation) => fed.push({ text, generation }),
    onHeard: (generation) => fed.push({ heard: generation }),
  })
})

describe('the sockets of a unit', () => {
  it('live side by side, and what each says bears its generation', () => {
    const [old, next] = [open(1), open(2)]
    next.open()
    old.says('from the old one')
    next.lives()
    old.drops(1000)
    expect(fed).toEqual([
      { kind: 'socketOpened', generation: 2 },
      { text: 'from the old one', generation: 1 },
      { heard: 2 },
      { kind: 'socketClosed', generation: 1, code: 1000, reason: '' },
    ])
  })

  it('are each spoken to, pinged and closed by generation', () => {
    const [old, next] = [open(1), open(2)]
    slot.send('to the old one', 1)
    slot.send('to the newest')
    slot.ping(1)
    slot.perform({ kind: 'closeSocket', generation: 1, code: 1000 })
    expect([old.sent, next.sent]).toEqual([['to the old one'], ['to the newest']])
    expect([old.pingCount, next.pingCount]).toEqual([1, 0])
    expect([old.closedWith, next.closedWith]).toEqual([1000, undefined])
    slot.perform({ kind: 'terminateSocket', generation: 2 })
    expect(next.closedWith).toBe('terminated')
  })

  it('keep their probes apart', () => {
    open(1)
    const firstAt = clock.monotonicMs()
    slot.probe('ping', 1, 7)
    open(2)
    clock.advance(1_000)
    slot.probe('ping', 2, 7)
    expect(slot.answered(2, 7)).toBe(firstAt + 1_000)
    expect(slot.answered(1, 7)).toBe(firstAt)
  })

  it('tell when each was asked to close, also once it has', () => {
    open(1)
    open(2)
    slot.perform({ kind: 'closeSocket', generation: 1, code: 1000 })
    expect(slot.closeSentMs(1)).toBe(clock.monotonicMs())
    expect(slot.closeSentMs(2)).toBeUndefined()
  })

  it('are all waited for', async () => {
    const [old, next] = [open(1), open(2)]
    let closed = false
    void slot.closed().then(() => {
      closed = true
    })
    next.drops(1000)
    await new Promise(setImmediate)
    expect(closed).toBe(false)
    old.drops(1000)
    await new Promise(setImmediate)
    expect(closed).toBe(true)
  })

  it('that are gone are asked in vain', () => {
    open(1).drops(1006)
    open(2)
    slot.send('nobody hears', 1)
    slot.perform({ kind: 'closeSocket', generation: 1, code: 1000 })
    expect([slot.answered(1), slot.closeSentMs(1)]).toEqual([undefined, undefined])
    expect(sockets[0]?.sent).toEqual([])
  })
})

describe('a probe', () => {
  it('is answered in order where answers bear no id, and never by the next socket', () => {
    open(1)
    const firstAt = clock.monotonicMs()
    slot.probe('heartbeat')
    clock.advance(1_000)
    slot.probe('heartbeat')
    expect(slot.answered()).toBe(firstAt)
    open(2)
    expect(slot.answered()).toBeUndefined()
  })

  it('that is answered answers for those before it, whose answers were lost', () => {
    open(1)
    slot.probe('ping', 1, 1)
    clock.advance(1_000)
    const secondAt = clock.monotonicMs()
    slot.probe('ping', 1, 2)
    expect(slot.answered(1, 2)).toBe(secondAt)
    expect(slot.answered(1, 1)).toBeUndefined()
    expect(slot.answered(1)).toBeUndefined()
  })
})

it('timers are cleared by name or all together', () => {
  slot.perform({ kind: 'setTimer', timer: 'ping', ms: 5, generation: 1 })
  slot.perform({ kind: 'setTimer', timer: 'age', ms: 9, generation: 1 })
  slot.perform({ kind: 'clearTimer', timer: 'ping' })
  clock.advance(9)
  expect(fed).toEqual([{ kind: 'timer', generation: 1, timer: 'age' }])
  slot.perform({ kind: 'setTimer', timer: 'age', ms: 9, generation: 2 })
  slot.perform({ kind: 'clearTimers' })
  expect(clock.timerCount).toBe(0)
})
