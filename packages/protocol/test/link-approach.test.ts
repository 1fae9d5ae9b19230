import { describe, expect, it } from 'vitest'
import type { LinkTransport } from '../src/index.ts'
import { FATAL_SLACK_ERRORS } from '../src/slack/errors.ts'
import {
  address,
  closed,
  connectedLink,
  disconnect,
  drained,
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
  refused,
  rtm,
  start,
  stop,
  timer,
  warning,
} from './link-run.ts'

const BOTH: LinkTransport[] = ['rtm', 'socket-mode']

describe.each(BOTH)('a link over %s on its way to a socket', (transport) => {
  it('asks for an address, opens it, and is connected at hello', () => {
    const link = new LinkRun(transport)
    expect(link.feed(start).said).toEqual(['callForAddress 1'])
    expect(link.feed(address).all('openSocket')).toEqual([
      { kind: 'openSocket', generation: 1, url: 'wss://slack.example/link' },
    ])
    expect(link.feed(opened).said).toEqual([])
    expect(link.feed(hello).said).toEqual(['connected 1', 'ping 1 #1'])
    expect(link.state.kind).toBe('connected')
  })

  it('tells each step and each failure as a line of log', () => {
    const link = new LinkRun(transport).feed(start, address, opened, closed)
    expect(link.all('transition').map(({ why }) => why)).toEqual([
      'started',
      'Slack gave an address',
      'the socket is open',
      'the socket closed before hello: 1006; trying again in 4 s',
    ])
  })

  it('says in each wait how long it is, in seconds rounded up', () => {
    const link = new LinkRun(transport).feed(start, refused('internal_error'))
    const why = 'Slack gives no address: internal_error; trying again in 4 s'
    expect(link.all('transition').at(-1)?.why).toBe(why)
    expect(link.state).toMatchObject({ approach: { kind: 'backingOff', why } })
    expect(link.waitMs('reconnect')).toBe(3_750)
  })

  it.each(['call', 'connect', 'hello'] as const)('gives a step up when its timer %s ends first', (name) => {
    const link = new LinkRun(transport).feed(start)
    if (name !== 'call') link.feed(address)
    if (name === 'hello') link.feed(opened)
    link.feed(timer(name))
    expect(link.said).toEqual(name === 'call' ? [] : ['terminateSocket 1'])
    expect(link.state).toMatchObject({ kind: 'opening', approach: { kind: 'backingOff', generation: 2 } })
    expect(link.feed(timer('reconnect')).said).toEqual(['callForAddress 2'])
  })

  it.each([
    ['before it opens', [start, address]],
    ['before hello', [start, address, opened]],
  ])('asks for a new address when the socket closes %s: one is good once', (_, opening) => {
    const link = new LinkRun(transport).feed(...opening)
    expect(link.feed(closed).said).toEqual([])
    expect(link.feed(timer('reconnect'), address).said).toEqual(['callForAddress 2', 'openSocket 2'])
  })

  it('leaves a socket that says farewell in place of hello', () => {
    const link = new LinkRun(transport).feed(start, address, opened).feed(warning)
    expect(link.said).toEqual(['closeSocket 1 1000'])
    expect(link.state).toMatchObject({ approach: { kind: 'backingOff' } })
  })

  it('waits on for hello after a frame that says nothing, and tells of one that it can’t read', () => {
    const link = new LinkRun(transport).feed(start, address, opened)
    link.feed(pong(7), rtm({ type: 'reconnect_url' }), rtm(7), heard, drained)
    expect(link.said).toEqual(['malformed'])
    expect(link.feed(hello).said).toContain('connected 1')
  })

  it('takes an event or envelope in place of hello as both', () => {
    const first = transport === 'rtm' ? message('1.1') : envelope('e1')
    const link = new LinkRun(transport).feed(start, address, opened).feed(first)
    expect(link.said).toEqual(['connected 1', 'ping 1 #1', transport === 'rtm' ? '1: 1.1' : '1: e1'])
  })

  it('ends at once when it is told to stop, whatever step it is at', () => {
    const steps = [[], [start], [start, address], [start, address, opened], [start, refused('x')]]
    const said = steps.map((before) => {
      const link = new LinkRun(transport).feed(...before).feed(stop)
      expect(link.state).toMatchObject({ kind: 'stopped', why: 'told to stop' })
      return link.said
    })
    expect(said).toEqual([[], [], ['closeSocket 1 1000'], ['closeSocket 1 1000'], []])
  })
})

describe.each(BOTH)('a refused address over %s', (transport) => {
  const token = transport === 'rtm' ? /`botToken`|classic app/ : /`appToken`/

  it.each(FATAL_SLACK_ERRORS)('is fatal after %s, and the reason says what to do', (error) => {
    const link = new LinkRun(transport).feed(start).feed(refused(error))
    expect(link.state.kind).toBe('fatal')
    const why = link.all('fatal')[0]?.why ?? ''
    expect(why).toContain(error)
    expect(why.length).toBeGreaterThan(error.length + 60)
    expect(link.all('setTimer')).toEqual([])
    expect(link.feed(start, address, timer('reconnect')).effects).toEqual([])
  })

  it.each(FATAL_SLACK_ERRORS)('says after %s how the gateway learns that it is corrected', (error) => {
    const why = new LinkRun(transport).feed(start, refused(error)).all('fatal')[0]?.why
    expect(why).toMatch(
      /configuration file is taken over while the gateway runs|send the gateway SIGHUP$|newer version of Holdfast/,
    )
    expect(why).not.toMatch(/and restart|\n/)
  })

  it.each(['invalid_auth', 'token_revoked', 'account_inactive', 'user_removed_from_team', 'missing_scope'])(
    'names after %s the token that this transport takes',
    (error) => {
      expect(new LinkRun(transport).feed(start, refused(error)).all('fatal')[0]?.why).toMatch(token)
    },
  )

  it.each(['migration_in_progress', 'internal_error', 'unreachable', 'http_503', 'no_url', 'a_new_error'])(
    'is asked for again some time after %s',
    (error) => {
      const link = new LinkRun(transport).feed(start, refused(error))
      expect(link.waitMs('reconnect')).toBeGreaterThan(0)
      expect(link.feed(timer('reconnect')).said).toEqual(['callForAddress 2'])
    },
  )

  it('is asked for no earlier than Slack allows', () => {
    const link = new LinkRun(transport).feed(start, refused('ratelimited', 300_000))
    expect(link.waitMs('reconnect')).toBe(300_000)
  })

  it('is waited for longer than a short Retry-After when much has failed', () => {
    const link = new LinkRun(transport).feed(start)
    for (let round = 0; round < 10; round++) link.feed(refused('internal_error'), timer('reconnect'))
    expect(link.feed(refused('ratelimited', 1_000)).waitMs('reconnect')).toBeGreaterThanOrEqual(60_000)
  })

  it('is asked for at most about once a minute when nothing helps', () => {
    const link = new LinkRun(transport).feed(start)
    for (let round = 0; round < 10; round++) link.feed(refused('internal_error'), timer('reconnect'))
    expect(link.feedWith(0, refused('internal_error')).waitMs('reconnect')).toBe(60_000)
    link.feed(timer('reconnect'))
    expect(link.feedWith(0.999, refused('internal_error')).waitMs('reconnect')).toBeLessThanOrEqual(120_000)
  })

  it('that our own budget held back is waited for exactly as long as told, and counts for no failure', () => {
    const link = new LinkRun(transport).feed(start)
    for (let round = 0; round < 6; round++) {
      expect(link.feed(refused('budget_spent', 41_234)).waitMs('reconnect')).toBe(41_234)
      link.feed(timer('reconnect'))
    }
    expect(link.feedWith(0.999, refused('internal_error')).waitMs('reconnect')).toBeLessThanOrEqual(5_000)
  })

  it('that our own budget held back without saying until when is asked for again all the same', () => {
    const link = new LinkRun(transport).feed(start, refused('budget_spent'))
    expect(link.waitMs('reconnect')).toBeGreaterThan(0)
  })
})

describe('a refused socket', () => {
  it('is left for a new address at once when Slack calls the old one expired', () => {
    const link = new LinkRun('rtm').feed(start, address, opened)
    link.feed(rtm({ type: 'error', error: { code: 1, msg: 'Socket URL has expired' } }))
    expect(link.said).toEqual(['closeSocket 1 1000'])
    expect(link.all('transition')[0]?.why).toBe(
      'Slack refuses the socket: Socket URL has expired (1); trying again in 4 s',
    )
    expect(link.waitMs('reconnect')).toBeLessThanOrEqual(5_000)
  })

  it.each([
    ['too_many_websockets', /more sockets than Slack allows/],
    ['link_disabled', /switch it on/],
  ])(
    '%s is left for a minute, doubling to a quarter of an hour, and the log says what to do',
    (reason, what) => {
      const waits: (number | undefined)[] = []
      const link = new LinkRun('socket-mode').feed(start)
      for (let round = 0; round < 6; round++) {
        link.feed(address, opened).feedWith(0, disconnect(reason))
        expect(link.said).toHaveLength(1)
        expect(link.all('transition')).toMatchObject([{ why: expect.stringMatching(what) }])
        waits.push(link.waitMs('reconnect'))
        link.feed(timer('reconnect'))
      }
      expect(waits).toEqual([60_000, 120_000, 240_000, 450_000, 450_000, 450_000])
    },
  )

  it('is waited for up to a quarter of an hour', () => {
    const link = new LinkRun('socket-mode').feed(start)
    for (let round = 0; round < 9; round++)
      link.feed(address, opened, disconnect('link_disabled'), timer('reconnect'))
    link.feed(address, opened).feedWith(0.999, disconnect('link_disabled'))
    expect(link.waitMs('reconnect')).toBeGreaterThan(890_000)
    expect(link.waitMs('reconnect')).toBeLessThanOrEqual(900_000)
  })

  it('is no longer than a minute away when only other things failed before', () => {
    const link = new LinkRun('socket-mode').feed(start)
    for (let round = 0; round < 6; round++) link.feed(refused('internal_error'), timer('reconnect'))
    link.feed(address, opened).feedWith(0, disconnect('too_many_websockets'))
    expect(link.waitMs('reconnect')).toBe(60_000)
  })
})

describe.each(BOTH)('while an older socket serves over %s, the way to its successor', (transport) => {
  const probe = transport === 'rtm' ? ['ping 1 #2'] : []

  it('goes on after a failure, and the old one serves on', () => {
    const link = leavingLink(transport).feed(refused('internal_error'))
    expect(link.said).toEqual([])
    expect(link.state).toMatchObject({
      kind: 'leaving',
      live: { generation: 1 },
      approach: { kind: 'backingOff' },
    })
    expect(link.feed(timer('reconnect'), address, closed).said).toEqual([
      'callForAddress 3',
      ...probe,
      'openSocket 3',
    ])
    expect(link.feed(on(1, message('1.1'))).said).toEqual(['1: 1.1'])
  })

  it('does not grow impatient because the old socket is well', () => {
    const link = leavingLink(transport)
    for (let round = 0; round < 20; round++)
      link.feed(refused('internal_error'), on(1, timer('ping')), on(1, heard), timer('reconnect'))
    expect(link.feedWith(0, refused('internal_error')).waitMs('reconnect')).toBe(60_000)
  })

  it('is not the end of a socket that serves: the link ends when that does', () => {
    const link = leavingLink(transport).feed(refused('invalid_auth'))
    expect(link.state.kind).toBe('leaving')
    expect(link.all('transition')).toMatchObject([{ why: expect.stringContaining('invalid_auth') }])
    link.feed(on(1, closed), timer('reconnect'), refused('invalid_auth'))
    expect(link.said).toEqual(['disconnected', 'callForAddress 3', 'fatal'])
  })

  it('goes on where it is when the old socket closes first', () => {
    for (const before of [[], [address], [address, opened]]) {
      const link = leavingLink(transport).feed(...before)
      expect(link.feed(on(1, closed)).said).toEqual(['disconnected'])
      expect(link.state.kind).toBe('opening')
      const rest = [address, opened].slice(before.length)
      expect(link.feed(...rest, hello).said).toContain('connected 2')
    }
  })

  it('goes on where it is when the old socket falls silent', () => {
    const pingDue = on(1, timer('ping'))
    const link = leavingLink(transport).feed(address, opened).feed(pingDue, pingDue, pingDue)
    expect(link.all('ping')).toHaveLength(3)
    expect(link.feed(pingDue).said).toEqual(['terminateSocket 1', 'disconnected'])
    expect(link.feed(hello).said).toContain('connected 2')
  })

  it('is begun once, however often Slack says farewell', () => {
    const link = leavingLink(transport)
    expect(link.feed(on(1, goodbye), on(1, warning)).said).toEqual([])
  })
})

describe('a Slack workspace that moves', () => {
  it('is waited for while rtm.connect says migration_in_progress', () => {
    const link = connectedLink().feed(rtm({ type: 'team_migration_started' }))
    expect(link.said).toEqual(['callForAddress 2'])
    expect(link.feed(on(1, closed), on(2, refused('migration_in_progress'))).said).toEqual(['disconnected'])
    expect(link.feed(timer('reconnect')).said).toEqual(['callForAddress 3'])
    expect(link.feed(address, opened, hello).said).toContain('connected 3')
  })
})
