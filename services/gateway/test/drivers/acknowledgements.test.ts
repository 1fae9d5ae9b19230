import { ManualClock } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Acknowledgements, type EnvelopeSocket } from '../../src/drivers/acknowledgements.ts'
import { event } from '../fixtures.ts'
import { FakeRoom, World } from './world.ts'

const OLD: EnvelopeSocket = { link: 0, generation: 1 }
const NEXT: EnvelopeSocket = { link: 0, generation: 2 }
const OTHER: EnvelopeSocket = { link: 1, generation: 1 }

let clock: ManualClock
let published: { id: string; confirm: () => void }[]
let acknowledged: string[]
/** What the journal was asked to keep, and the hand on its answer. */
let kept: { id: string; resolve: () => void; reject: () => void }[]
let settled: string[]
let unkept: string[]
let withheldCount: number
let room: FakeRoom
let acknowledgements: Acknowledgements

beforeEach(() => {
  clock = new ManualClock()
  published = []
  acknowledged = []
  kept = []
  settled = []
  unkept = []
  withheldCount = 0
  room = new FakeRoom()
  acknowledgements = new Acknowledgements({
    connection: 'acme',
    origin: () => ({ connection: 'acme' }),
    clock,
    room,
    metrics: { ...new World().metrics, withheld: () => withheldCount++ },
    publish: ({ id }, _connection, confirm) => published.push({ id, confirm }),
    journal: {
      keep: ({ id }) =>
        new Promise((resolve, reject) => {
          const entry = { settle: () => void settled.push(id) }
          kept.push({ id, resolve: () => resolve(entry), reject: () => reject(new Error('full')) })
        }),
    },
    acknowledge: ({ envelopeId, socket: { link, generation } }) =>
      acknowledged.push(`${envelopeId} on ${link}/${generation}`),
    onUnkept: ({ id }) => unkept.push(id),
  })
})

afterEach(() => {
  acknowledgements.stop()
  expect(clock.timerCount, 'timers left').toBe(0)
})

function comes(id: string, envelopeId: string, socket = OLD, interactive = false): void {
  acknowledgements.publish(event(id, { interactive }), {
    envelopeId,
    socket,
    receivedMs: clock.monotonicMs(),
  })
}

const presses = (id: string, envelopeId: string, socket = OLD) => comes(id, envelopeId, socket, true)

function confirm(id: string): void {
  for (const each of published.filter((candidate) => candidate.id === id)) each.confirm()
}

const turn = () => new Promise(setImmediate)

describe('an envelope', () => {
  it('is acknowledged on its own socket, once its event is confirmed', () => {
    comes('message', 'e1', OLD)
    comes('reaction', 'e2', OTHER)
    expect(acknowledged).toEqual([])
    confirm('reaction')
    expect(acknowledged).toEqual(['e2 on 1/1'])
    confirm('message')
    expect(acknowledged).toEqual(['e2 on 1/1', 'e1 on 0/1'])
  })

  it('is withheld for as long as Redis is away, and nothing else is done for it', async () => {
    comes('message', 'e1')
    clock.advance(600_000)
    await turn()
    expect([acknowledged, kept]).toEqual([[], []])
  })

  it('delivered again while its event waits joins it: published once, acknowledged each time', () => {
    comes('message', 'e1', OLD)
    comes('message', 'e1', OTHER)
    expect(published).toHaveLength(1)
    confirm('message')
    expect(acknowledged).toEqual(['e1 on 0/1', 'e1 on 1/1'])
  })

  it('delivered again after its acknowledgement is published again: the queue recognises it', () => {
    comes('message', 'e1')
    confirm('message')
    comes('message', 'e1')
    expect(published).toHaveLength(2)
  })

  it('whose socket has gone is not acknowledged on another', () => {
    comes('message', 'e1', OLD)
    acknowledgements.closed(OLD)
    confirm('message')
    expect(acknowledged).toEqual([])
  })
})

describe('an interactive payload that Redis does not confirm within 2.5 s', () => {
  it('is put into the journal, acknowledged when it lies there, and taken out when it is confirmed', async () => {
    presses('button', 'e1')
    clock.advance(2_499)
    expect(kept).toEqual([])
    clock.advance(1)
    expect(acknowledged).toEqual([])
    kept[0]?.resolve()
    await turn()
    expect([acknowledged, settled]).toEqual([['e1 on 0/1'], []])
    confirm('button')
    expect([acknowledged, settled]).toEqual([['e1 on 0/1'], ['button']])
  })

  it('is acknowledged when it is confirmed while the journal writes, and leaves the journal at once', async () => {
    presses('button', 'e1')
    clock.advance(2_500)
    confirm('button')
    expect(acknowledged).toEqual(['e1 on 0/1'])
    kept[0]?.resolve()
    await turn()
    expect([acknowledged, settled]).toEqual([['e1 on 0/1'], ['button']])
  })

  it('is not acknowledged when the journal refuses it, so that the person sees that it failed', async () => {
    presses('button', 'e1')
    clock.advance(2_500)
    kept[0]?.reject()
    await turn()
    expect([acknowledged, unkept]).toEqual([[], ['button']])
  })

  it('and that comes again is acknowledged at once, for the journal has it', async () => {
    presses('button', 'e1')
    clock.advance(2_500)
    kept[0]?.resolve()
    await turn()
    presses('button', 'e2', OTHER)
    expect(acknowledged).toEqual(['e1 on 0/1', 'e2 on 1/1'])
    expect(published).toHaveLength(1)
  })

  it('needs no journal if Redis is quick', () => {
    presses('button', 'e1')
    confirm('button')
    expect(clock.timerCount).toBe(0)
  })
})

describe('an interactive payload on a socket that is told to drain', () => {
  const drain = (socket: EnvelopeSocket, drained: string[] = []) =>
    acknowledgements.drain(socket, () => drained.push(`${socket.link}/${socket.generation}`))

  it('is put into the journal at once, so that it is acknowledged before the socket ends', async () => {
    const drained: string[] = []
    presses('button', 'e1', OLD)
    presses('elsewhere', 'e2', OTHER)
    drain(OLD, drained)
    expect(kept.map(({ id }) => id)).toEqual(['button'])
    kept[0]?.resolve()
    await turn()
    expect([acknowledged, drained]).toEqual([['e1 on 0/1'], ['0/1']])
  })

  it('is put there at once too when it comes on it afterwards, or comes again', () => {
    comes('message', 'e1', OLD)
    presses('elsewhere', 'e2', OTHER)
    drain(OLD)
    presses('button', 'e3', OLD)
    presses('elsewhere', 'e4', OLD)
    expect(kept.map(({ id }) => id)).toEqual(['button', 'elsewhere'])
  })

  it('is put there once, also where its 2.5 s end meanwhile', () => {
    presses('late', 'e1', OLD)
    clock.advance(2_500)
    presses('early', 'e2', OLD)
    drain(OLD)
    clock.advance(2_500)
    expect(kept.map(({ id }) => id)).toEqual(['late', 'early'])
  })

  it('is not put there if it is confirmed already; nor is what Slack repeats', () => {
    presses('button', 'e1', OLD)
    confirm('button')
    comes('message', 'e2', OLD)
    drain(OLD)
    expect(kept).toEqual([])
  })
})

describe('a socket', () => {
  it('is drained when none of its envelopes waits, whatever waits on others', () => {
    const drained: string[] = []
    comes('one', 'e1', OLD)
    comes('two', 'e2', OLD)
    comes('three', 'e3', NEXT)
    acknowledgements.drain(OLD, () => drained.push('old'))
    confirm('one')
    expect(drained).toEqual([])
    confirm('two')
    expect(drained).toEqual(['old'])
  })

  it('is drained at once when nothing came on it', () => {
    let drained = false
    acknowledgements.drain(OLD, () => {
      drained = true
    })
    expect(drained).toBe(true)
  })
})

describe('what has come', () => {
  it('is settled when all of it is acknowledged; what comes later is not waited for', async () => {
    let done = false
    comes('before', 'e1')
    void acknowledgements.settled().then(() => {
      done = true
    })
    comes('after', 'e2')
    await turn()
    expect(done).toBe(false)
    confirm('before')
    await turn()
    expect(done).toBe(true)
  })

  it('is settled when its socket goes: it can’t be acknowledged any more', async () => {
    comes('message', 'e1', OLD)
    const done = acknowledgements.settled()
    acknowledgements.closed(OLD)
    await done
  })

  it('would be lost from the oldest on that neither Redis nor the journal has', async () => {
    presses('button', 'e1')
    const [firstMs, secondMs] = [clock.monotonicMs(), clock.monotonicMs() + 1_000]
    clock.advance(1_000)
    comes('message', 'e2')
    acknowledgements.closed(OLD)
    expect(acknowledgements.oldestMs).toBe(firstMs)
    clock.advance(1_500)
    kept[0]?.resolve()
    await turn()
    expect(acknowledgements.oldestMs).toBe(secondMs)
    confirm('message')
    expect(acknowledgements.oldestMs).toBeUndefined()
  })
})

describe('while nothing more can be held', () => {
  beforeEach(() => {
    room.full = true
  })

  it('what Slack repeats is neither published nor acknowledged, and counted', async () => {
    comes('message', 'e1')
    await turn()
    expect([published, acknowledged, kept]).toEqual([[], [], []])
    expect(withheldCount).toBe(1)
    room.full = false
    comes('message', 'e1 again')
    confirm('message')
    expect(acknowledged).toEqual(['e1 again on 0/1'])
  })

  it('a delivery joins the event that waits since there was room', () => {
    room.full = false
    comes('message', 'e1')
    room.full = true
    comes('message', 'e2')
    confirm('message')
    expect(acknowledged).toEqual(['e1 on 0/1', 'e2 on 0/1'])
    expect(withheldCount).toBe(0)
  })

  it('what Slack does not repeat goes to the journal first, and only then to the queue', async () => {
    presses('button', 'e1')
    expect(published).toEqual([])
    kept[0]?.resolve()
    await turn()
    expect(acknowledged).toEqual(['e1 on 0/1'])
    expect(published.map(({ id }) => id)).toEqual(['button'])
    confirm('button')
    expect(settled).toEqual(['button'])
    expect(acknowledged).toHaveLength(1)
  })

  it('what the journal refuses is left to Slack to tell the person', async () => {
    presses('button', 'e1')
    kept[0]?.reject()
    await turn()
    expect([published, acknowledged]).toEqual([[], []])
    expect(unkept).toEqual(['button'])
    expect(withheldCount).toBe(1)
  })
})
