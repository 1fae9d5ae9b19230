import { describe, expect, it } from 'vitest'
import { type RtmInput, readRtmFrame } from '../src/index.ts'
import { FATAL_SLACK_ERRORS } from '../src/slack/errors.ts'
import {
  address,
  closed,
  connectedRtm,
  frame,
  goodbye,
  hello,
  message,
  opened,
  pong,
  RtmRun,
  refused,
  start,
  stop,
  timer,
} from './rtm-run.ts'

describe('an RTM connection', () => {
  it('asks for an address, opens it, and is connected at hello', () => {
    const rtm = new RtmRun().feed(start)
    expect(rtm.all('callConnect')).toEqual([{ kind: 'callConnect', generation: 1 }])
    expect(rtm.feed(address).all('openSocket')).toHaveLength(1)
    expect(rtm.feed(opened).all('connected')).toHaveLength(0)
    expect(rtm.feed(hello).all('connected')).toHaveLength(1)
  })

  it('delivers events as they came and nothing else', () => {
    const rtm = connectedRtm().feed(
      message('1.1'),
      pong(1),
      frame({ ok: true, reply_to: 7, ts: '1.2', text: 'mine' }),
      frame({ type: 'message', reply_to: 8, ts: '1.3' }),
      hello,
      message('1.4'),
    )
    expect(rtm.all('frame').map(({ text }) => JSON.parse(text).ts)).toEqual(['1.1', '1.4'])
  })

  it('survives a malformed frame', () => {
    const rtm = connectedRtm().feed({ kind: 'frame', frame: readRtmFrame('{'), text: '{' }, message('1.1'))
    expect(rtm.all('malformed')).toHaveLength(1)
    expect(rtm.all('frame')).toHaveLength(1)
  })

  it('takes an event in place of hello as hello and event', () => {
    const rtm = new RtmRun().feed(start, address, opened).feed(message('1.1'))
    expect(rtm.effects.map((effect) => effect.kind).filter((kind) => kind !== 'setTimer')).toEqual([
      'transition',
      'clearTimers',
      'connected',
      'ping',
      'frame',
    ])
  })
})

describe('the address', () => {
  it.each(FATAL_SLACK_ERRORS)('is not asked for again after %s, and the reason says what to do', (error) => {
    const rtm = new RtmRun().feed(start).feed(refused(error))
    expect(rtm.state.kind).toBe('fatal')
    expect(rtm.all('fatal')[0]?.why).toContain(error)
    expect(rtm.all('fatal')[0]?.why.length).toBeGreaterThan(error.length + 40)
    expect(rtm.all('setTimer')).toHaveLength(0)
  })

  it.each(['migration_in_progress', 'internal_error', 'unreachable', 'http_503', 'a_new_error'])(
    'is asked for again some time after %s',
    (error) => {
      const rtm = new RtmRun().feed(start, refused(error))
      expect(rtm.all('setTimer').at(-1)?.timer).toBe('reconnect')
      expect(rtm.feed(timer('reconnect')).all('callConnect')).toHaveLength(1)
    },
  )

  it('is asked for no earlier than Slack allows', () => {
    const rtm = new RtmRun().feed(start, refused('ratelimited', 300_000))
    expect(rtm.all('setTimer').at(-1)).toMatchObject({ timer: 'reconnect', ms: 300_000 })
  })

  it('is asked for at most about once a minute when nothing helps', () => {
    const rtm = new RtmRun().feed(start)
    for (let round = 0; round < 10; round++) rtm.feed(refused('internal_error'), timer('reconnect'))
    rtm.feedWith(0, refused('internal_error'))
    expect(rtm.all('setTimer').at(-1)?.ms).toBe(60_000)
    rtm.feed(timer('reconnect')).feedWith(0.999, refused('internal_error'))
    expect(rtm.all('setTimer').at(-1)?.ms).toBeLessThanOrEqual(120_000)
  })

  it('is never used twice', () => {
    const rtm = new RtmRun().feed(start, address, closed, timer('reconnect'))
    expect(rtm.all('openSocket')).toHaveLength(1)
    expect(rtm.all('callConnect')).toHaveLength(2)
  })

  it('that Slack calls expired is left for a new one', () => {
    const rtm = new RtmRun().feed(start, address, opened)
    rtm.feed(frame({ type: 'error', error: { code: 1, msg: 'Socket URL has expired' } }))
    expect(rtm.state).toMatchObject({ kind: 'backingOff', why: expect.stringContaining('expired') })
    expect(rtm.all('closeSocket')).toHaveLength(1)
  })

  it.each(['call', 'connect', 'hello'] as const)('is given up when the timer %s ends first', (name) => {
    const rtm = new RtmRun().feed(start)
    if (name !== 'call') rtm.feed(address)
    if (name === 'hello') rtm.feed(opened)
    rtm.feed(timer(name))
    expect(rtm.state.kind).toBe('backingOff')
    expect(rtm.all('terminateSocket')).toHaveLength(name === 'call' ? 0 : 1)
  })
})

describe('liveness', () => {
  it('is asked for at hello and every few seconds', () => {
    const rtm = new RtmRun().feed(start, address, opened).feed(hello)
    expect(rtm.all('ping')).toEqual([{ kind: 'ping', id: 1 }])
    rtm.feed(pong(1), timer('ping'))
    expect(rtm.all('pong')).toEqual([{ kind: 'pong', id: 1 }])
    expect(rtm.all('ping')).toEqual([{ kind: 'ping', id: 2 }])
  })

  it('is given up after three pings without any frame, at once', () => {
    const rtm = connectedRtm().feed(timer('ping'), timer('ping'))
    expect(rtm.state.kind).toBe('connected')
    rtm.feed(timer('ping'))
    expect(rtm.all('terminateSocket')).toHaveLength(1)
    expect(rtm.all('disconnected')).toHaveLength(1)
  })

  it('is shown by any frame', () => {
    const rtm = connectedRtm().feed(timer('ping'), timer('ping'), message('1.1'), timer('ping'))
    expect(rtm.state.kind).toBe('connected')
  })
})

describe('an end of the socket', () => {
  it('is told before the next attempt', () => {
    const rtm = connectedRtm().feed(closed)
    expect(rtm.all('disconnected')).toHaveLength(1)
    expect(rtm.feed(timer('reconnect'), address, opened, hello).all('connected')).toHaveLength(1)
  })

  it('after goodbye takes frames until Slack closes', () => {
    const rtm = connectedRtm().feed(goodbye, message('1.1'))
    expect(rtm.all('frame')).toHaveLength(1)
    expect(rtm.all('disconnected')).toHaveLength(0)
    expect(rtm.feed(closed).all('disconnected')).toHaveLength(1)
  })

  it('after goodbye is made by us when Slack does not close', () => {
    const rtm = connectedRtm().feed(goodbye, timer('goodbye'))
    expect(rtm.all('closeSocket')).toHaveLength(1)
    expect(rtm.state.kind).toBe('backingOff')
  })

  it('is followed by a new attempt within a second when the connection was healthy', () => {
    const rtm = connectedRtm()
    for (let id = 1; id <= 12; id++) rtm.feed(pong(id), timer('ping'))
    rtm.feed(pong(13)).feedWith(0.999, closed)
    expect(rtm.all('setTimer').at(-1)?.ms).toBeLessThanOrEqual(1_000)
  })

  it.each<[string, RtmInput]>([
    ['a close', { kind: 'socketClosed', generation: 1, code: 1006, reason: '' }],
    ['a frame', { kind: 'frame', generation: 1, frame: { kind: 'event' }, text: '{}' }],
    ['a timer', { kind: 'timer', generation: 1, timer: 'ping' }],
    ['an address', { kind: 'addressGiven', generation: 1, url: 'wss://old.example' }],
  ])('leaves %s that comes late without effect on the next one', (_, late) => {
    const rtm = connectedRtm().feed(closed, timer('reconnect'), address, opened, hello)
    const before = rtm.state
    expect(before.kind).toBe('connected')
    rtm.feed(late)
    expect(rtm.state).toBe(before)
    expect(rtm.effects).toEqual([])
  })

  it('by stop closes, takes what Slack had still written, and is final', () => {
    const rtm = connectedRtm().feed(stop)
    expect(rtm.all('closeSocket')).toHaveLength(1)
    rtm.feed(message('1.1'), stop, pong(1), timer('ping'))
    expect(rtm.effects.map(({ kind }) => kind)).toEqual(['frame', 'pong'])
    rtm.feed({ kind: 'socketClosed', code: 1000, reason: '' })
    expect(rtm.state).toMatchObject({ kind: 'stopped', why: 'told to stop' })
    expect(rtm.all('closedInTurn')).toHaveLength(1)
    expect(rtm.all('disconnected')).toHaveLength(1)
    expect(rtm.feed(start, message('1.2'), timer('close')).effects).toEqual([])
  })

  it('by stop takes a connection that just ended for no answer', () => {
    const rtm = connectedRtm().feed(stop, closed)
    expect(rtm.state.kind).toBe('stopped')
    expect(rtm.all('closedInTurn')).toEqual([])
    expect(rtm.all('disconnected')).toHaveLength(1)
  })

  it('by stop ends also where the close is never answered', () => {
    const rtm = connectedRtm().feed(stop, timer('close'))
    expect(rtm.state.kind).toBe('stopped')
    expect(rtm.all('terminateSocket')).toHaveLength(1)
    expect(rtm.all('disconnected')).toHaveLength(1)
  })
})
