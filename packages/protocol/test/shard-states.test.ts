import { describe, expect, it } from 'vitest'
import {
  closed,
  connectedShard,
  dispatch,
  GATEWAY_URL,
  granted,
  hello,
  invalidSession,
  located,
  opened,
  RESUME_URL,
  reconnectAsked,
  resumingShard,
  ShardRun,
  start,
  timer,
} from './shard-run.ts'

const QUERY = '/?v=10&encoding=json'

describe('in every state after hello', () => {
  const STATES = ['awaitingPermit', 'identifying', 'resuming', 'connected'] as const
  type Living = (typeof STATES)[number]

  function shardIn(kind: Living): ShardRun {
    const shard = {
      awaitingPermit: () => new ShardRun().feed(start, located, opened, hello),
      identifying: () => new ShardRun().feed(start, located, opened, hello, granted),
      resuming: resumingShard,
      connected: () => connectedShard(),
    }[kind]()
    expect(shard.state.kind).toBe(kind)
    return shard
  }
  const hasSession = (kind: Living) => kind === 'resuming' || kind === 'connected'

  it.each(STATES)('%s: op 1 is answered at once, by a heartbeat and nothing else', (kind) => {
    const shard = shardIn(kind).feed({ kind: 'frame', frame: { kind: 'heartbeatRequest' } })
    expect(shard.effects).toMatchObject([{ kind: 'heartbeat' }])
    expect(shard.state.kind).toBe(kind)
  })

  it.each(STATES)('%s: op 7 closes with 4000, and what there is of a session is kept', (kind) => {
    const shard = shardIn(kind).feed(reconnectAsked)
    expect(shard.all('closeSocket')).toMatchObject([{ code: 4000 }])
    expect(shard.all('sessionLost')).toEqual([])
    shard.feed(timer('reconnect'), located, opened, hello)
    expect(shard.all('resume')).toHaveLength(hasSession(kind) ? 1 : 0)
    expect(shard.all('requestPermit')).toHaveLength(hasSession(kind) ? 0 : 1)
  })

  it.each(STATES)('%s: op 9 with d=true closes with 4000 and tries again', (kind) => {
    const shard = shardIn(kind).feed(invalidSession(true))
    expect(shard.all('closeSocket')).toMatchObject([{ code: 4000 }])
    expect(shard.all('sessionLost')).toEqual([])
    shard.feed(timer('reconnect'), located, opened, hello)
    expect(shard.all('resume')).toHaveLength(hasSession(kind) ? 1 : 0)
  })

  it.each(STATES)('%s: op 9 with d=false asks for a new permit after 1 s at the least', (kind) => {
    const shard = shardIn(kind).feed(invalidSession(false))
    expect(shard.all('sessionLost')).toHaveLength(hasSession(kind) ? 1 : 0)
    expect(shard.all('setTimer').at(-1)?.ms).toBeGreaterThanOrEqual(1_000)
    shard.feed(timer('reconnect'), located, opened, hello)
    expect(shard.all('resume')).toEqual([])
    expect(shard.all('requestPermit')).toHaveLength(1)
    expect(shard.all('identify')).toEqual([])
  })

  it.each(STATES)(
    '%s: a zombie is terminated at the second heartbeat, without a close that nobody answers',
    (kind) => {
      const shard = shardIn(kind).feed(timer('heartbeat')).feed(timer('heartbeat'))
      expect(shard.all('terminateSocket')).toHaveLength(1)
      expect(shard.all('closeSocket')).toEqual([])
      expect(shard.state.kind).toBe('backingOff')
    },
  )

  it.each(STATES)('%s: a cut loses no session', (kind) => {
    const shard = shardIn(kind).feed(closed(1006))
    expect(shard.all('sessionLost')).toEqual([])
    expect(shard.state.memory.session !== undefined).toBe(hasSession(kind))
  })
})

describe('a session that served', () => {
  it.each([
    ['a close by Discord', closed(4000)],
    ['a close without a code', closed()],
    ['op 9', invalidSession(true)],
    ['op 9 that ends it', invalidSession(false)],
  ])('and was ended by %s may be with somebody else: that is told', (_, end) => {
    expect(connectedShard().feed(end).all('ousted')).toHaveLength(1)
  })

  it.each([
    ['a cut', connectedShard().feed(closed(1006))],
    ['op 7', connectedShard().feed(reconnectAsked)],
    ['a resume that is refused', resumingShard().feed(invalidSession(false))],
    ['a zombie', connectedShard().feed(timer('heartbeat'), timer('heartbeat'))],
  ])('is with nobody else because of %s', (_, shard) => {
    expect(shard.all('ousted')).toEqual([])
  })
})

describe('before hello', () => {
  it('an op 9 answers nothing that was asked: hello is still waited for, until its timer', () => {
    const shard = resumingShard()
      .feed(closed(1006), timer('reconnect'), located, opened)
      .feed(invalidSession(false))
    expect(shard.state.kind).toBe('awaitingHello')
    expect(shard.feed(timer('hello')).all('terminateSocket')).toHaveLength(1)
    expect(shard.state.memory.session?.sessionId).toBe('session-stored')
  })

  it('one refused connect never loses the session', () => {
    const shard = connectedShard().feed(closed(1006), timer('reconnect')).feed(closed(1006))
    expect(shard.all('sessionLost')).toEqual([])
    shard.feed(timer('reconnect'), located, opened, hello)
    expect(shard.all('resume')).toMatchObject([{ sessionId: 'session-a' }])
  })

  it('after a resume over the generic address the session’s own comes first again', () => {
    const shard = connectedShard().feed(closed(1006), timer('reconnect'), closed(1006), timer('reconnect'))
    expect(shard.all('openSocket').map(({ url }) => url)).toEqual([RESUME_URL + QUERY, GATEWAY_URL + QUERY])
    shard.feed(opened, hello, dispatch(2, 'RESUMED'), closed(1006)).feed(timer('reconnect'))
    expect(shard.all('openSocket').map(({ url }) => url)).toEqual([RESUME_URL + QUERY])
  })
})
