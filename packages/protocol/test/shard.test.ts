import { describe, expect, it } from 'vitest'
import type { ShardInput } from '../src/index.ts'
import {
  acknowledged,
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
  ready,
  reconnectAsked,
  resumingShard,
  ShardRun,
  type ShardScript,
  STORED_SESSION,
  start,
  timer,
} from './shard-run.ts'

const QUERY = '/?v=10&encoding=json'

describe('a shard without a session', () => {
  it('asks for the generic address, then opens it with version and encoding', () => {
    const shard = new ShardRun().feed(start)
    expect(shard.effects).toContainEqual({ kind: 'locate', generation: 1 })
    shard.feed(located)
    expect(shard.all('openSocket')).toEqual([{ kind: 'openSocket', generation: 1, url: GATEWAY_URL + QUERY }])
  })

  it('asks for a permit after hello and identifies only with it', () => {
    const shard = new ShardRun().feed(start, located, opened, hello)
    expect(shard.all('requestPermit')).toHaveLength(1)
    expect(shard.all('identify')).toHaveLength(0)
    expect(shard.feed(granted).all('identify')).toHaveLength(1)
  })

  it('tells of the new session before its READY', () => {
    const shard = new ShardRun().feed(start, located, opened, hello, granted).feed(ready())
    expect(shard.effects.map((effect) => effect.kind)).toEqual(['transition', 'sessionStarted', 'dispatch'])
    expect(shard.all('sessionStarted')[0]?.session).toEqual({
      sessionId: 'session-a',
      resumeUrl: RESUME_URL,
      applicationId: '100000000000000002',
      botUserId: '100000000000000001',
      received: 1,
      confirmed: 0,
      flood: [],
    })
  })

  it('stops with advice when Discord refuses the token', () => {
    const shard = new ShardRun().feed(start, { kind: 'locateFailed', status: 401, reason: 'HTTP 401' })
    expect(shard.state.kind).toBe('fatal')
    expect(shard.all('fatal')[0]?.why).toMatch(/401.*`token`/)
  })

  it('waits as long as Discord asks when the address is rate limited', () => {
    const shard = new ShardRun().feed(start, {
      kind: 'locateFailed',
      status: 429,
      retryAfterMs: 90_000,
      reason: 'HTTP 429',
    })
    expect(shard.all('setTimer').at(-1)).toMatchObject({ timer: 'reconnect', ms: 90_000 })
  })

  it('gives its wish for a permit back when the socket closes first', () => {
    const shard = new ShardRun().feed(start, located, opened, hello).feed(closed(1006))
    expect(shard.all('cancelPermit')).toHaveLength(1)
    expect(shard.feed({ kind: 'permitGranted', generation: 1 }).all('identify')).toHaveLength(0)
  })

  it('reconnects and counts a malformed frame when READY names no session', () => {
    const shard = new ShardRun()
      .feed(start, located, opened, hello, granted)
      .feed(dispatch(1, 'READY', { v: 10 }))
    expect(shard.all('malformed')).toHaveLength(1)
    expect(shard.all('closeSocket')).toMatchObject([{ code: 4000 }])
    expect(shard.state.kind).toBe('backingOff')
  })
})

describe('heartbeats', () => {
  it('begin at interval × random, then come every interval', () => {
    const shard = new ShardRun().feed(start, located, opened).feedWith(0.25, hello)
    expect(shard.all('setTimer')).toContainEqual({
      kind: 'setTimer',
      timer: 'heartbeat',
      ms: 10_000,
      generation: 1,
    })
    expect(shard.feed(timer('heartbeat')).effects).toEqual([
      { kind: 'heartbeat', sequence: null },
      { kind: 'setTimer', timer: 'heartbeat', ms: 40_000, generation: 1 },
    ])
  })

  it('carry the last received sequence', () => {
    const shard = connectedShard().feed(dispatch(2), dispatch(3)).feed(timer('heartbeat'))
    expect(shard.all('heartbeat')).toEqual([{ kind: 'heartbeat', sequence: 3 }])
  })

  it('carry the sequence that was resumed from, until the replay moves on', () => {
    const shard = connectedShard().feed(dispatch(2), dispatch(3), closed(1006), timer('reconnect'))
    expect(shard.feed(opened, hello, timer('heartbeat')).all('heartbeat')).toEqual([
      { kind: 'heartbeat', sequence: 0 },
    ])
    expect(shard.feed(dispatch(1), timer('heartbeat')).all('heartbeat')).toEqual([
      { kind: 'heartbeat', sequence: 1 },
    ])
  })

  it('are sent at once when Discord asks, without moving the timer', () => {
    const shard = connectedShard().feed({ kind: 'frame', frame: { kind: 'heartbeatRequest' } })
    expect(shard.effects).toEqual([{ kind: 'heartbeat', sequence: 1 }])
  })

  it('terminate a zombie at once and resume, when no frame came between two of them', () => {
    const shard = connectedShard().feed(timer('heartbeat')).feed(timer('heartbeat'))
    expect(shard.all('terminateSocket')).toHaveLength(1)
    expect(shard.all('closeSocket')).toHaveLength(0)
    expect(shard.feed(timer('reconnect'), opened, hello).all('resume')).toEqual([
      { kind: 'resume', sessionId: 'session-a', sequence: 0 },
    ])
  })

  it.each([
    ['a dispatch', dispatch(2)],
    ['an acknowledgement', acknowledged],
    ['an unknown op', { kind: 'frame', frame: { kind: 'unknown', op: 99 } } as const],
  ])('take %s as a sign of life', (_, frame) => {
    const shard = connectedShard().feed(timer('heartbeat'), frame).feed(timer('heartbeat'))
    expect(shard.state.kind).toBe('connected')
    expect(shard.all('heartbeat')).toHaveLength(1)
  })

  it('find a socket dead that says nothing readable any more, as one does whose compression is out of step', () => {
    const malformed = { kind: 'frame', frame: { kind: 'malformed', problem: 'x' } } as const
    const shard = connectedShard().feed(timer('heartbeat'), malformed, malformed).feed(timer('heartbeat'))
    expect(shard.all('terminateSocket')).toHaveLength(1)
  })

  it('stay with a socket that also says something malformed', () => {
    const malformed = { kind: 'frame', frame: { kind: 'malformed', problem: 'x' } } as const
    const shard = connectedShard().feed(timer('heartbeat'), acknowledged, malformed).feed(timer('heartbeat'))
    expect(shard.state.kind).toBe('connected')
  })

  it('end a shard that waits for its permit on a dead socket, and give the wish back', () => {
    const shard = new ShardRun()
      .feed(start, located, opened, hello, timer('heartbeat'))
      .feed(timer('heartbeat'))
    expect(shard.all('cancelPermit')).toHaveLength(1)
    expect(shard.all('terminateSocket')).toHaveLength(1)
  })
})

describe('an acknowledged heartbeat', () => {
  it('proves that nothing is missing once connected, but not while a replay is under way', () => {
    const shard = resumingShard().feed(timer('heartbeat'), acknowledged)
    expect(shard.all('heartbeatAcknowledged')).toEqual([{ kind: 'heartbeatAcknowledged', caughtUp: false }])
    shard.feed(dispatch(42, 'RESUMED'), timer('heartbeat'), acknowledged)
    expect(shard.all('heartbeatAcknowledged')).toEqual([{ kind: 'heartbeatAcknowledged', caughtUp: true }])
  })
})

describe('a resume', () => {
  it('resumes from the confirmed sequence after close 4000', () => {
    const shard = connectedShard()
      .feed(dispatch(2), dispatch(3), { kind: 'confirmed', sessionId: 'session-a', sequence: 2 })
      .feed(closed(4000), timer('reconnect'), opened, hello)
    expect(shard.all('openSocket').map((effect) => effect.url)).toEqual([RESUME_URL + QUERY])
    expect(shard.all('resume')).toEqual([{ kind: 'resume', sessionId: 'session-a', sequence: 2 }])
    expect(shard.all('requestPermit')).toHaveLength(0)
  })

  it('takes a confirm that arrives while it is away from Discord', () => {
    const shard = connectedShard()
      .feed(dispatch(2), closed(4000), { kind: 'confirmed', sessionId: 'session-a', sequence: 2 })
      .feed(timer('reconnect'), opened, hello)
    expect(shard.all('resume')[0]?.sequence).toBe(2)
  })

  it('ignores the confirms of another session and those that would go back', () => {
    const shard = connectedShard()
      .feed(dispatch(2), { kind: 'confirmed', sessionId: 'session-a', sequence: 2 })
      .feed(
        { kind: 'confirmed', sessionId: 'session-z', sequence: 900 },
        { kind: 'confirmed', sessionId: 'session-a', sequence: 1 },
      )
      .feed(closed(4000), timer('reconnect'), opened, hello)
    expect(shard.all('resume')[0]?.sequence).toBe(2)
  })

  it('delivers what is replayed before RESUMED as replay, and what follows as live', () => {
    const shard = resumingShard().feed(dispatch(42), dispatch(43), dispatch(44, 'RESUMED'), dispatch(45))
    expect(shard.all('dispatch').map(({ sequence, delivery }) => [sequence, delivery])).toEqual([
      [42, 'replay'],
      [43, 'replay'],
      [44, 'live'],
      [45, 'live'],
    ])
    expect(shard.all('sessionResumed')).toHaveLength(1)
  })

  it('starts from a stored session without asking for address or permit', () => {
    const shard = new ShardRun().feed({ kind: 'start', session: STORED_SESSION }, opened, hello)
    expect(shard.all('locate')).toHaveLength(0)
    expect(shard.all('resume')).toEqual([{ kind: 'resume', sessionId: 'session-stored', sequence: 41 }])
  })

  it('gives a stored session up when the shard count has changed, and says so', () => {
    const shard = new ShardRun().feed({ kind: 'start', session: { ...STORED_SESSION, shard: [0, 2] } })
    expect(shard.all('sessionLost')).toMatchObject([
      { session: { sessionId: 'session-stored', confirmed: 41 } },
    ])
    expect(shard.all('locate')).toHaveLength(1)
  })

  it('falls back to the generic address when its own can’t be reached, and keeps the session', () => {
    const shard = connectedShard().feed(reconnectAsked, timer('reconnect'))
    expect(shard.all('openSocket')[0]?.url).toBe(RESUME_URL + QUERY)
    shard.feed(closed(1006), timer('reconnect'), opened, hello)
    expect(shard.all('openSocket')[0]?.url).toBe(GATEWAY_URL + QUERY)
    expect(shard.all('resume')[0]?.sessionId).toBe('session-a')
  })

  it('asks for the generic address anew when that can’t be reached either', () => {
    const shard = connectedShard().feed(reconnectAsked, timer('reconnect'))
    const nextUrl = () => shard.feed(closed(1006), timer('reconnect')).all('openSocket')[0]?.url
    expect(nextUrl()).toBe(GATEWAY_URL + QUERY)
    expect(nextUrl()).toBe(RESUME_URL + QUERY)
    expect(nextUrl()).toBeUndefined()
    expect(shard.all('locate')).toHaveLength(1)
  })

  it.each(['awaitingHello', 'connecting'] as const)('is tried again when nothing comes in %s', (kind) => {
    const shard = new ShardRun().feed({ kind: 'start', session: STORED_SESSION })
    if (kind === 'awaitingHello') shard.feed(opened)
    expect(shard.state.kind).toBe(kind)
    shard.feed(timer(kind === 'connecting' ? 'connect' : 'hello'))
    expect(shard.all('terminateSocket')).toHaveLength(1)
    expect(shard.state.memory.session?.sessionId).toBe('session-stored')
  })
})

describe('what Discord asks for', () => {
  it('op 7 closes with 4000 and resumes', () => {
    const shard = connectedShard().feed(reconnectAsked)
    expect(shard.all('closeSocket')).toMatchObject([{ generation: 1, code: 4000 }])
    expect(shard.all('sessionLost')).toHaveLength(0)
    expect(shard.feed(timer('reconnect'), opened, hello).all('resume')).toHaveLength(1)
  })

  it('op 7 in place of hello is followed too', () => {
    const shard = new ShardRun().feed(start, located, opened).feed(reconnectAsked)
    expect(shard.state.kind).toBe('backingOff')
    expect(shard.all('closeSocket')).toHaveLength(1)
  })

  it('op 9 with d=true resumes', () => {
    const shard = connectedShard().feed(invalidSession(true), timer('reconnect'), opened, hello)
    expect(shard.all('sessionLost')).toHaveLength(0)
    expect(shard.all('resume')).toHaveLength(1)
  })

  it('op 9 with d=false tells of the loss, goes to the generic address and identifies anew', () => {
    const shard = resumingShard().feed(invalidSession(false))
    expect(shard.all('sessionLost')).toMatchObject([
      { session: { sessionId: 'session-stored', confirmed: 41 } },
    ])
    shard.feed(timer('reconnect'), located, opened, hello, granted)
    expect(shard.all('openSocket')[0]?.url).toBe(GATEWAY_URL + QUERY)
    expect(shard.all('identify')).toHaveLength(1)
    expect(shard.all('resume')).toHaveLength(0)
  })

  it('op 9 to an identify waits 1 to 5 s and longer each time', () => {
    const shard = new ShardRun().feed(start, located, opened, hello, granted).feed(invalidSession(false))
    const first = shard.all('setTimer').at(-1)?.ms ?? 0
    shard.feed(timer('reconnect'), opened, hello, granted).feed(invalidSession(false))
    const second = shard.all('setTimer').at(-1)?.ms ?? 0
    expect(first).toBeGreaterThanOrEqual(1_000)
    expect(second).toBeGreaterThan(first)
  })

  it('a dispatch before READY or before the identify is counted, and the connection kept', () => {
    const shard = new ShardRun().feed(start, located, opened, hello).feed(dispatch(1), granted, dispatch(1))
    expect(shard.all('malformed')).toHaveLength(2)
    expect(shard.state.kind).toBe('identifying')
  })
})

describe('a stored session of other intents', () => {
  const stored = { ...STORED_SESSION, intents: 513 }

  it('is given up, since a resume would keep them, and says so', () => {
    const shard = new ShardRun().feed({ kind: 'start', session: stored, intents: 33_281 })
    expect(shard.all('sessionLost')).toEqual([
      {
        kind: 'sessionLost',
        session: { sessionId: 'session-stored', confirmed: 41 },
        why: 'its session was made with intents 513, now `intents` come to 33281',
      },
    ])
    expect(shard.feed(located, opened, hello).all('requestPermit')).toHaveLength(1)
  })

  it.each([
    ['of the same intents', stored, 513],
    ['of intents that nobody wrote down', STORED_SESSION, 513],
  ])('but one %s is resumed', (_, session, intents) => {
    const shard = new ShardRun().feed({ kind: 'start', session, intents }, opened, hello)
    expect(shard.all('resume')).toHaveLength(1)
  })
})

describe('backoff', () => {
  it('stays within 16 s while a session can be resumed', () => {
    const shard = resumingShard()
    for (let round = 0; round < 20; round++) {
      shard.feed(closed(1006))
      expect(shard.all('setTimer').at(-1)?.ms).toBeLessThanOrEqual(16_000)
      shard.feed(timer('reconnect'), located)
    }
  })

  it('waits no longer to identify for attempts that have spent none: those before a session was lost, or that reached nobody', () => {
    const shard = resumingShard()
    for (let round = 0; round < 10; round++) shard.feed(closed(1006), timer('reconnect'), located)
    shard.feed(opened, hello, invalidSession(false))
    for (let round = 0; round < 10; round++) {
      expect(shard.all('setTimer').at(-1)?.ms).toBeLessThanOrEqual(16_000)
      shard.feed(timer('reconnect'), { kind: 'locateFailed', reason: 'HTTP 503' })
    }
  })

  it('says how long it is, in seconds rounded up', () => {
    const shard = connectedShard().feed(closed(1006))
    const [first] = shard.all('transition')
    expect(first?.why).toMatch(/^the socket closed: 1006 .*; trying again in under 1 s$/)
    expect(shard.state).toMatchObject({ kind: 'backingOff', why: first?.why })
    shard.feed(timer('reconnect'), closed(1006))
    const waitMs = shard.all('setTimer').at(-1)?.ms ?? 0
    const seconds = Math.ceil(waitMs / 1_000)
    expect(shard.all('transition').at(-1)?.why).toMatch(
      new RegExp(`; trying again in (${seconds} s|under 1 s)$`),
    )
  })

  it('of an identify after a session was given up is 1 to 5 s, however many resumes failed before', () => {
    const shard = resumingShard()
    for (let round = 0; round < 6; round++) shard.feed(closed(1006), timer('reconnect'), located)
    shard.feed(opened, hello).feedWith(0.99, invalidSession(false))
    const waitMs = shard.all('setTimer').at(-1)?.ms
    expect(waitMs).toBeGreaterThanOrEqual(1_000)
    expect(waitMs).toBeLessThanOrEqual(5_000)
  })

  it('comes to two minutes where one session after the other is lost', () => {
    const shard = connectedShard()
    for (let round = 0; round < 6; round++)
      shard.feed(closed(4003), timer('reconnect'), located, opened, hello, granted, ready())
    expect(shard.feed(closed(4003)).all('setTimer').at(-1)?.ms).toBeGreaterThanOrEqual(60_000)
  })

  /** The longest waits of a shard that serves each time when it is made to leave. */
  function waitsOf(leave: ShardScript): readonly (number | undefined)[] {
    const shard = connectedShard()
    return [1, 2, 3, 4, 5, 6].map((round) => {
      const waitMs = shard.feedWith(0.999, leave).all('setTimer').at(-1)?.ms
      shard.feed(timer('reconnect'), opened, hello, dispatch(1 + round, 'RESUMED'))
      return waitMs
    })
  }

  it('is none to speak of when a socket served, and grows while sockets do not live', () => {
    expect(waitsOf(closed(1006))).toEqual([500, 1_000, 1_999, 3_998, 7_996, 15_992])
  })

  it('never comes to more than two seconds for a shard that serves and is asked to reconnect', () => {
    expect(waitsOf(reconnectAsked)).toEqual([500, 500, 1_000, 1_999, 1_999, 1_999])
  })

  it('grows as ever where op 7 comes before the replay is whole', () => {
    const shard = resumingShard()
    for (let round = 0; round < 6; round++)
      shard.feed(reconnectAsked, timer('reconnect'), located, opened, hello)
    expect(shard.state.kind).toBe('resuming')
    expect(shard.feed(reconnectAsked).all('setTimer').at(-1)?.ms).toBeGreaterThan(8_000)
  })

  it('starts over after two acknowledged heartbeats', () => {
    const shard = resumingShard()
    for (let round = 0; round < 6; round++) shard.feed(closed(1006), timer('reconnect'), located)
    shard.feed(opened, hello, dispatch(42, 'RESUMED'), timer('heartbeat'), acknowledged)
    expect(shard.state.memory.attemptCount).toBeGreaterThan(0)
    shard.feed(timer('heartbeat'), acknowledged).feed(closed(1006))
    expect(shard.all('setTimer').at(-1)?.ms).toBeLessThanOrEqual(500)
  })
})

describe('generations', () => {
  it.each<[string, ShardInput]>([
    ['a close', { kind: 'socketClosed', generation: 1, code: 4004, reason: '' }],
    ['a frame', { kind: 'frame', generation: 1, frame: { kind: 'invalidSession', resumable: false } }],
    ['a timer', { kind: 'timer', generation: 1, timer: 'heartbeat' }],
    ['a permit', { kind: 'permitGranted', generation: 1 }],
  ])('drop %s of an older socket while the new one lives', (_, late) => {
    const shard = connectedShard().feed(reconnectAsked, timer('reconnect'), opened, hello)
    const before = shard.state
    expect(before.kind).toBe('resuming')
    shard.feed(late)
    expect(shard.state).toBe(before)
    expect(shard.effects).toEqual([])
  })
})

describe('drain and stop', () => {
  it('keeps the socket until everything received is confirmed, takes no more, then closes with 4000', () => {
    const shard = connectedShard().feed(dispatch(2)).feed({ kind: 'drain', graceMs: 1_000 })
    expect(shard.all('closeSocket')).toHaveLength(0)
    expect(shard.feed(dispatch(3)).all('dispatch')).toHaveLength(0)
    expect(shard.feed({ kind: 'confirmed', sessionId: 'session-a', sequence: 1 }).all('drained')).toEqual([])
    expect(
      shard.feed({ kind: 'confirmed', sessionId: 'session-a', sequence: 2 }).all('drained'),
    ).toHaveLength(1)
    expect(shard.feed({ kind: 'stop', why: 'told to stop' }).all('closeSocket')).toMatchObject([
      { code: 4000 },
    ])
    expect(shard.state.kind).toBe('stopped')
  })

  it('is drained at once when nothing is unconfirmed', () => {
    const shard = connectedShard().feed({ kind: 'confirmed', sessionId: 'session-a', sequence: 1 })
    expect(shard.feed({ kind: 'drain', graceMs: 1_000 }).all('drained')).toHaveLength(1)
  })

  it('is drained when the grace is over', () => {
    const shard = connectedShard().feed({ kind: 'drain', graceMs: 1_000 })
    expect(shard.all('setTimer')).toMatchObject([{ timer: 'drain', ms: 1_000 }])
    expect(shard.feed(timer('drain')).all('drained')).toHaveLength(1)
  })

  it('is drained when it is told to stop meanwhile, and once', () => {
    const shard = connectedShard().feed(dispatch(2), { kind: 'drain', graceMs: 1_000 })
    expect(shard.feed({ kind: 'stop', why: 'taken over' }).all('drained')).toHaveLength(1)
    expect(shard.state.kind).toBe('stopped')
    expect(shard.feed(timer('drain')).all('drained')).toHaveLength(0)
  })

  it('keeps answering for the socket while it drains', () => {
    const shard = connectedShard().feed({ kind: 'drain', graceMs: 1_000 })
    expect(shard.feed(timer('heartbeat')).all('heartbeat')).toHaveLength(1)
    expect(shard.feed({ kind: 'frame', frame: { kind: 'heartbeatRequest' } }).all('heartbeat')).toHaveLength(
      1,
    )
  })

  it('still waits for its confirms when it drains between two sockets', () => {
    const shard = connectedShard().feed(dispatch(2), closed(1006)).feed({ kind: 'drain', graceMs: 1_000 })
    expect(shard.all('drained')).toHaveLength(0)
    expect(
      shard.feed({ kind: 'confirmed', sessionId: 'session-a', sequence: 2 }).all('drained'),
    ).toHaveLength(1)
  })

  it('never closes with 1000 or 1001, and gives a wish for a permit back', () => {
    const shard = new ShardRun().feed(start, located, opened, hello).feed({ kind: 'stop', why: 'told to' })
    expect(shard.all('cancelPermit')).toHaveLength(1)
    expect(shard.all('closeSocket')).toMatchObject([{ code: 4000 }])
  })

  it('is final', () => {
    const shard = connectedShard().feed({ kind: 'stop', why: 'told to' })
    expect(shard.feed(start, timer('reconnect'), dispatch(2)).effects).toEqual([])
  })
})
