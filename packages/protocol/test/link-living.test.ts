import { describe, expect, it } from 'vitest'
import type { LinkTransport } from '../src/index.ts'
import {
  address,
  closed,
  closedInTurn,
  connectedLink,
  disconnect,
  envelope,
  goodbye,
  heard,
  hello,
  LinkRun,
  leavingLink,
  message,
  on,
  opened,
  pong,
  prove,
  refused,
  rtm,
  socketMode,
  start,
  timer,
  typing,
  warning,
} from './link-run.ts'

const BOTH: LinkTransport[] = ['rtm', 'socket-mode']
const HOUR_MS = 3_600_000

describe('a live RTM socket', () => {
  it('pings out of turn when it is to prove how far it has caught up, also while its successor is called for', () => {
    expect(connectedLink().feed(prove).all('ping').at(-1)).toEqual({ kind: 'ping', generation: 1, id: 2 })
    expect(leavingLink().feed(prove).all('ping')).toMatchObject([{ generation: 1 }])
    expect(new LinkRun('rtm').feed(start, prove).all('ping')).toEqual([])
  })

  it('delivers events as they came and nothing else', () => {
    const link = connectedLink().feed(
      message('1.1'),
      typing,
      pong(1),
      rtm({ type: 'reconnect_url', url: 'wss://slack.example/x' }),
      hello,
      message('1.2'),
    )
    expect(link.said).toEqual(['1: 1.1', '1: user_typing', 'pong 1 #1', '1: 1.2'])
    expect(link.all('frame')[0]).toEqual({ ...message('1.1'), generation: 1 })
  })

  it('tells replies as such, also the one for the last message of the socket before', () => {
    const link = connectedLink().feed(
      rtm({ ok: true, reply_to: 7, ts: '1.2', text: 'mine' }),
      rtm({ type: 'message', reply_to: 8, ts: '1.3' }),
      rtm({ ok: false, reply_to: 9, error: { code: 2, msg: 'message text is missing' } }),
    )
    expect(link.all('reply').map(({ generation, frame }) => [generation, frame.replyTo, frame.ok])).toEqual([
      [1, 7, true],
      [1, 8, true],
      [1, 9, false],
    ])
    expect(link.all('frame')).toEqual([])
  })

  it('is not left for an error about something we sent', () => {
    const link = connectedLink().feed(rtm({ type: 'error', error: { code: 3, msg: 'slow down' } }))
    expect(link.effects).toEqual([])
    expect(link.state.kind).toBe('connected')
  })

  it('survives a malformed frame', () => {
    expect(connectedLink().feed(rtm(7), message('1.1')).said).toEqual(['malformed', '1: 1.1'])
  })

  it('is left for a successor some time between 7.5 and 8 hours, not all at the same moment', () => {
    const early = new LinkRun('rtm').feed(start, address, opened).feedWith(0, hello).waitMs('age') ?? 0
    const late = new LinkRun('rtm').feed(start, address, opened).feedWith(0.999, hello).waitMs('age') ?? 0
    expect(early).toBe(7.5 * HOUR_MS)
    expect(late).toBeGreaterThan(7.75 * HOUR_MS)
    expect(late).toBeLessThan(7.9 * HOUR_MS)
    const link = connectedLink().feed(timer('age'))
    expect(link.said).toEqual(['callForAddress 2'])
    expect(link.state.kind).toBe('leaving')
  })

  it.each([goodbye, rtm({ type: 'team_migration_started' })])(
    'calls for a successor after $text',
    (farewell) => {
      const link = connectedLink().feed(farewell, on(1, message('1.1')))
      expect(link.said).toEqual(['callForAddress 2', '1: 1.1'])
    },
  )
})

describe('a live Socket Mode socket', () => {
  it('delivers envelopes as they came, whatever their type, and nothing else', () => {
    const link = connectedLink('socket-mode').feed(
      envelope('e1'),
      envelope('e2', 'interactive'),
      envelope('e3', 'something_new'),
      socketMode({ type: 'something_else' }),
      socketMode({ type: 'hello', num_connections: 2 }),
    )
    expect(link.said).toEqual(['1: e1', '1: e2', '1: e3'])
    expect(link.all('frame')[0]).toEqual({ ...envelope('e1'), generation: 1 })
  })

  it('has no age: Slack announces the end of each', () => {
    const link = new LinkRun('socket-mode').feed(start, address, opened, hello)
    expect(link.waitMs('age')).toBeUndefined()
  })

  it.each(['warning', 'refresh_requested', 'a_new_reason'])('calls for a successor after %s', (reason) => {
    const link = connectedLink('socket-mode').feed(disconnect(reason), on(1, envelope('e1')))
    expect(link.said).toEqual(['callForAddress 2', '1: e1'])
  })

  it.each(['link_disabled', 'too_many_websockets'])('is left for a minute at least after %s', (reason) => {
    const link = connectedLink('socket-mode').feedWith(0, disconnect(reason))
    expect(link.said).toEqual(['closeSocket 1 1000', 'disconnected'])
    expect(link.waitMs('reconnect')).toBe(60_000)
  })

  it('makes room for the successor that was one too many beside it: that one is tried again at once', () => {
    const link = leavingLink('socket-mode').feed(address, opened, disconnect('too_many_websockets'))
    expect(link.waitMs('reconnect')).toBeGreaterThanOrEqual(60_000)
    expect(link.feed(on(1, closedInTurn)).said).toEqual(['disconnected'])
    expect(link.waitMs('reconnect')).toBeLessThan(10_000)
    expect(link.feed(timer('reconnect'), address, opened, hello).said).toContain('connected 4')
  })

  it('makes no room by its end where Slack refuses it too', () => {
    const link = leavingLink('socket-mode').feed(address, opened, disconnect('link_disabled'))
    expect(link.feed(on(1, disconnect('link_disabled'))).said).toEqual(['closeSocket 1 1000', 'disconnected'])
    expect(link.waitMs('reconnect')).toBeUndefined()
  })
})

describe.each(BOTH)('liveness over %s', (transport) => {
  it('is asked for at hello and every few seconds, each ping with a number of its own', () => {
    const link = new LinkRun(transport).feed(start, address, opened).feed(hello)
    expect(link.said).toContain('ping 1 #1')
    expect(link.waitMs('ping')).toBe(5_000)
    expect(link.feed(heard, timer('ping')).said).toEqual(['ping 1 #2'])
    expect(link.waitMs('ping')).toBe(5_000)
  })

  it('is given up after three pings without a sign of life', () => {
    const link = connectedLink(transport).feed(timer('ping'), timer('ping'))
    expect(link.state.kind).toBe('connected')
    expect(link.feed(timer('ping')).said).toEqual(['terminateSocket 1', 'disconnected'])
    expect(link.state).toMatchObject({ kind: 'opening', approach: { kind: 'backingOff', generation: 2 } })
  })

  it.each([
    ['any frame', message('1.1')],
    ['a frame that can’t be read', rtm(7)],
    ['a websocket ping or pong', heard],
  ])('is shown by %s', (_, sign) => {
    const link = connectedLink(transport).feed(timer('ping'), timer('ping'), sign, timer('ping'))
    expect(link.state.kind).toBe('connected')
  })
})

describe.each(BOTH)('a lost socket over %s', (transport) => {
  it('is told with how long the wait before the next call is, or how much is left at most of one that has begun', () => {
    const first = connectedLink(transport).feed(closed)
    expect(first.all('transition')).toMatchObject([
      { why: expect.stringMatching(/; trying again in under 1 s$/) },
    ])
    const second = leavingLink(transport).feed(refused('internal_error')).feed(on(1, closed))
    expect(second.all('transition')).toMatchObject([
      { why: expect.stringMatching(/; trying again within \d+ s$/) },
    ])
  })

  it('is told at once, and its successor as soon as it serves', () => {
    const link = connectedLink(transport).feed(closed)
    expect(link.said).toEqual(['disconnected'])
    expect(link.feed(timer('reconnect'), address, opened, hello).said).toContain('connected 2')
  })

  it('is followed by a new attempt within a second when the link was healthy', () => {
    const link = connectedLink(transport)
    for (let round = 1; round <= 12; round++) link.feed(heard, timer('ping'))
    expect(link.feed(heard).feedWith(0.999, closed).waitMs('reconnect')).toBeLessThanOrEqual(1_000)
  })

  it('is followed by a new attempt within a second when it had been the first that was called for, however short it lived', () => {
    expect(connectedLink(transport).feedWith(0.999, closed).waitMs('reconnect')).toBeLessThanOrEqual(1_000)
    const silent = connectedLink(transport).feed(timer('ping'), timer('ping')).feedWith(0.999, timer('ping'))
    expect(silent.all('terminateSocket')).toHaveLength(1)
    expect(silent.waitMs('reconnect')).toBeLessThanOrEqual(1_000)
  })

  it('is followed by later and later attempts when sockets do not live', () => {
    const link = connectedLink(transport)
    const waits = [1, 2, 3, 4].map(() => {
      const waitMs = link.feedWith(0, closed).waitMs('reconnect') ?? 0
      link.feed(timer('reconnect'), address, opened, hello)
      return waitMs
    })
    expect(waits).toEqual([0, 2_500, 5_000, 10_000])
  })

  it.each([
    ['a close', closed],
    ['a frame', message('1.1')],
    ['a websocket pong', heard],
    ['its ping timer', timer('ping')],
    ['its age timer', timer('age')],
    ['an address', address],
    ['a farewell', warning],
  ])('leaves %s that comes late without effect', (_, late) => {
    const link = connectedLink(transport).feed(closed, timer('reconnect'), address, opened, hello)
    const before = link.state
    expect(before.kind).toBe('connected')
    link.feed(on(1, late))
    expect(link.state).toBe(before)
    expect(link.effects).toEqual([])
  })
})
