import { describe, expect, it } from 'vitest'
import { idleShard, type ShardInput, stepShard } from '../src/index.ts'
import {
  closed,
  connectedShard,
  dispatch,
  full,
  granted,
  hello,
  located,
  opened,
  ready,
  resumingShard,
  room,
  ShardRun,
  start,
  timer,
} from './shard-run.ts'

describe('a shard for which there is no room', () => {
  it('closes its socket so that the session stays, and resumes from the confirmed sequence when there is room', () => {
    const shard = connectedShard().feed(dispatch(2), dispatch(3), {
      kind: 'confirmed',
      sessionId: 'session-a',
      sequence: 2,
    })
    shard.feed(full)
    expect(shard.all('closeSocket')).toMatchObject([{ code: 4000 }])
    expect(shard.state.kind).toBe('holding')
    shard.feed(room, timer('reconnect'), opened, hello)
    expect(shard.all('resume')).toMatchObject([{ sessionId: 'session-a', sequence: 2 }])
    expect(shard.all('requestPermit')).toEqual([])
  })

  it('resumes from what was confirmed while it held', () => {
    const shard = connectedShard().feed(dispatch(2), dispatch(3), full)
    shard.feed({ kind: 'confirmed', sessionId: 'session-a', sequence: 3 })
    expect(shard.state.kind).toBe('holding')
    shard.feed(room, timer('reconnect'), opened, hello)
    expect(shard.all('resume')).toMatchObject([{ sequence: 3 }])
  })

  it('stops a replay that is under way, and asks for it again later', () => {
    const shard = resumingShard().feed(dispatch(42), full)
    expect(shard.all('closeSocket')).toHaveLength(1)
    shard.feed(room, timer('reconnect'), opened, hello)
    expect(shard.all('resume')).toMatchObject([{ sequence: 41 }])
  })

  it('leaves a socket on its way, and withdraws its wish to identify', () => {
    const shard = new ShardRun().feed(start, located, opened, hello).feed(full)
    expect(shard.all('cancelPermit')).toHaveLength(1)
    expect(shard.all('closeSocket')).toHaveLength(1)
    expect(shard.feed(granted).effects).toEqual([])
    expect(shard.state.kind).toBe('holding')
  })

  it('waits for the READY of an identify that is spent: from then on Discord keeps what happens', () => {
    const shard = new ShardRun().feed(start, located, opened, hello, granted).feed(full)
    expect(shard.state.kind).toBe('identifying')
    shard.feed(ready())
    expect(shard.all('sessionStarted')).toHaveLength(1)
    expect(shard.all('closeSocket')).toMatchObject([{ code: 4000 }])
    expect(shard.state.kind).toBe('holding')
    shard.feed(room, timer('reconnect'), opened, hello)
    expect(shard.all('resume')).toHaveLength(1)
  })

  it('that backs off ends its wait first, and then holds', () => {
    const shard = connectedShard().feed(closed(1006), full)
    expect(shard.state.kind).toBe('backingOff')
    shard.feed(timer('reconnect'))
    expect(shard.state.kind).toBe('holding')
    expect(shard.all('openSocket')).toEqual([])
  })

  it('that has not started holds when it does', () => {
    const shard = new ShardRun().feed(full, start)
    expect(shard.state.kind).toBe('holding')
    expect(shard.all('locate')).toEqual([])
    expect(shard.feed(room, timer('reconnect')).all('locate')).toHaveLength(1)
  })

  it('asks whether there is room, should the change have gone by', () => {
    const shard = connectedShard().feed(full).feed(timer('hold'))
    expect(shard.effects).toMatchObject([{ kind: 'askRoom' }, { kind: 'setTimer', timer: 'hold' }])
    expect(shard.feed(full).effects).toEqual([])
  })

  it('is drained and stopped like any other', () => {
    const shard = connectedShard().feed({ kind: 'confirmed', sessionId: 'session-a', sequence: 1 }, full)
    expect(shard.feed({ kind: 'drain', graceMs: 1_000 }).all('drained')).toHaveLength(1)
    expect(shard.feed({ kind: 'stop', why: 'told to' }).state.kind).toBe('stopped')
    expect(connectedShard().feed(full, { kind: 'stop', why: 'told to' }).state.kind).toBe('stopped')
  })

  it('holds and resumes again and again without ever waiting longer for it', () => {
    const shard = connectedShard()
    for (let turn = 0; turn < 10; turn++) {
      shard.feed(full).feed(room)
      expect(shard.all('setTimer').at(-1)?.ms).toBeLessThanOrEqual(500)
      shard.feed(timer('reconnect'), opened, hello, dispatch(2 + turn, 'RESUMED'))
    }
    expect(shard.state.kind).toBe('connected')
  })
})

it('a hundred shards that held come back spread over some seconds', () => {
  const noRoom: ShardInput = { kind: 'room', full: true }
  const waits = [0, 0.25, 0.5, 0.75, 0.99].map((random) => {
    const idle = idleShard([7, 100])
    const held = stepShard({ ...idle, memory: { ...idle.memory, session: session() } }, noRoom, random).state
    const holding = stepShard(held, { kind: 'start' }, random).state
    const { effects } = stepShard(holding, { kind: 'room', full: false }, random)
    return effects.flatMap((effect) => (effect.kind === 'setTimer' ? [effect.ms] : []))[0] ?? -1
  })
  expect(waits).toEqual([...waits].sort((one, other) => one - other))
  expect((waits.at(-1) ?? 0) - (waits[0] ?? 0)).toBeGreaterThan(3_000)
  expect(Math.max(...waits)).toBeLessThanOrEqual(5_000)
})

function session() {
  return {
    sessionId: 'session-a',
    resumeUrl: 'wss://resume.example',
    applicationId: '1',
    botUserId: '2',
    received: 1,
    confirmed: 1,
    flood: [],
  }
}

describe('a deaf shard', () => {
  it('is resumed, which costs no identify', () => {
    const shard = connectedShard().feed({ kind: 'deaf', anew: false })
    expect(shard.all('closeSocket')).toMatchObject([{ code: 4000 }])
    expect(shard.all('sessionLost')).toEqual([])
    shard.feed(timer('reconnect'), opened, hello)
    expect(shard.all('resume')).toHaveLength(1)
  })

  it('whose resumes have not helped is begun anew, and its session told as lost for that', () => {
    const shard = connectedShard().feed({ kind: 'deaf', anew: true })
    expect(shard.all('closeSocket')).toMatchObject([{ code: 4000 }])
    expect(shard.all('sessionLost')).toMatchObject([{ session: { sessionId: 'session-a' }, deaf: true }])
    shard.feed(timer('reconnect'), opened, hello)
    expect(shard.all('requestPermit')).toHaveLength(1)
  })

  it('is judged only while it serves', () => {
    const shard = resumingShard().feed({ kind: 'deaf', anew: true })
    expect(shard.effects).toEqual([])
    expect(shard.state.kind).toBe('resuming')
  })
})
