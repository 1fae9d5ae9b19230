import { describe, expect, it } from 'vitest'
import {
  address,
  closed,
  closedInTurn,
  disconnect,
  drained,
  envelope,
  goodbye,
  handingOverLink,
  heard,
  hello,
  type LinkRun,
  type LinkScript,
  leavingLink,
  message,
  on,
  opened,
  pong,
  refused,
  rtm,
  socketMode,
  timer,
  typing,
  warning,
} from './link-run.ts'

const farewell = on(2, warning)

describe('an RTM hand-over', () => {
  it('lets the old socket serve until its successor says hello, then closes it', () => {
    const link = leavingLink().feed(on(1, message('1.1')), address, opened, on(1, message('1.2')))
    expect(link.said).toEqual(['1: 1.1', 'ping 1 #2', 'openSocket 2', '1: 1.2'])
    expect(link.feed(on(1, pong(2)), hello).said).toEqual(['pong 1 #2', 'closeSocket 1 1000', 'ping 2 #1'])
    expect(link.waitMs('handover')).toBe(2_000)
  })

  it('does not close a late old socket before it has answered a ping from after the successor’s address', () => {
    const link = leavingLink().feed(address, opened).feed(hello)
    expect(link.said).toEqual(['ping 2 #1'])
    expect(link.waitMs('handover')).toBe(5_000)
    link.feed(message('2.2'), on(1, message('1.1')), on(1, pong(1)), on(1, message('2.2')))
    expect(link.said).toEqual(['1: 1.1', 'pong 1 #1', '1: 2.2'])
    expect(link.feed(on(1, pong(2))).said).toEqual(['pong 1 #2', 'closeSocket 1 1000'])
    expect(link.waitMs('handover')).toBe(2_000)
    expect(link.feed(on(1, pong(3))).said).toEqual(['pong 1 #3'])
    expect(link.feed(on(1, closedInTurn)).said).toEqual(['2: 2.2', 'handedOver 1 to 2'])
  })

  it('waits five seconds for that answer, then closes the old socket and announces what it may have kept', () => {
    const link = leavingLink().feed(address, opened, hello, message('2.1'))
    expect(link.feed(on(1, timer('handover'))).said).toEqual([
      'closeSocket 1 1000',
      'disconnected',
      'connected 2',
      '2: 2.1',
    ])
    expect(link.feed(on(1, message('1.1')), on(1, pong(2))).said).toEqual(['1: 1.1'])
    expect(link.feed(on(1, closedInTurn)).said).toEqual(['handedOver 1 to 2'])
  })

  it('hears the old socket first, then the successor, in order', () => {
    const link = handingOverLink().feed(message('2.1'), on(1, message('1.1')), message('2.2'), on(1, pong(1)))
    expect(link.said).toEqual(['1: 1.1', 'pong 1 #1'])
    expect(link.feed(on(1, closedInTurn)).said).toEqual(['2: 2.1', '2: 2.2', 'handedOver 1 to 2'])
    expect(link.feed(message('2.3')).said).toEqual(['2: 2.3'])
  })

  it('takes frames without a stamp from the old socket alone, then from the successor alone', () => {
    const link = handingOverLink().feed(typing, on(1, typing))
    expect(link.said).toEqual(['1: user_typing'])
    link.feed(on(1, timer('handover')))
    expect(link.feed(typing, on(1, typing)).said).toEqual(['2: user_typing'])
  })

  it('gives no pong of the successor for a proof while the old socket may still speak', () => {
    const link = handingOverLink().feed(pong(1))
    expect(link.said).toEqual([])
    expect(link.feed(on(1, closedInTurn), on(2, pong(2))).said).toEqual(['handedOver 1 to 2', 'pong 2 #2'])
  })

  it('never takes a reply for an event, whichever socket it comes on', () => {
    const reply = rtm({ ok: true, reply_to: 1, ts: '1.1', text: 'mine' })
    expect(handingOverLink().feed(reply, on(1, reply)).said).toEqual(['reply 2', 'reply 1'])
  })

  it('takes an event in place of the successor’s hello as both, and holds it', () => {
    const link = leavingLink()
      .feed(address, opened, on(1, pong(2)))
      .feed(message('2.1'))
    expect(link.said).toEqual(['closeSocket 1 1000', 'ping 2 #1'])
    expect(link.feed(on(1, closedInTurn)).said).toContain('2: 2.1')
  })

  it('takes the old socket for whole once it has answered a ping from after the successor’s address', () => {
    const early = leavingLink().feed(address, on(1, pong(1)), opened, hello)
    expect(early.feed(on(1, pong(2)), on(1, closedInTurn)).said).toEqual([
      'pong 1 #2',
      'closeSocket 1 1000',
      'handedOver 1 to 2',
    ])
    const never = leavingLink().feed(address, on(1, pong(1)), opened, hello)
    expect(never.feed(on(1, pong(1)), on(1, closedInTurn)).said).toEqual([
      'pong 1 #1',
      'disconnected',
      'connected 2',
      'handedOver 1 to 2',
    ])
  })

  it('takes no answer from before another address for one', () => {
    const link = leavingLink().feed(address, on(1, pong(2)), closed, timer('reconnect'), address, opened)
    expect(link.feed(hello, on(1, closedInTurn)).said.slice(-3)).toEqual([
      'disconnected',
      'connected 3',
      'handedOver 1 to 3',
    ])
  })

  it('announces what the old socket may have kept when it ends without an answer, before the successor is heard', () => {
    const link = handingOverLink().feed(message('2.1')).feed(on(1, closed))
    expect(link.said).toEqual(['disconnected', 'connected 2', '2: 2.1', 'handedOver 1 to 2'])
  })

  it('says why it is not whole', () => {
    const whyAfter = (...inputs: LinkScript[]) =>
      leavingLink()
        .feed(address, opened, hello)
        .feed(...inputs)
        .all('disconnected')[0]?.why
    expect(whyAfter(on(1, closedInTurn))).toMatch(/did not answer our last ping$/)
    expect(whyAfter(on(1, timer('handover')))).toMatch(/did not answer our last ping$/)
    expect(whyAfter(on(1, pong(2)), on(1, closed))).toMatch(/did not answer our close$/)
    expect(whyAfter(on(1, pong(2)), on(1, timer('handover')))).toMatch(/did not answer our close$/)
  })

  it('takes a close frame without a code for an answer', () => {
    const unnamed = { kind: 'socketClosed', code: undefined, reason: '', generation: 1 } as const
    expect(handingOverLink().feed(unnamed).said).toEqual(['handedOver 1 to 2'])
  })

  it('waits for the old socket two seconds, then takes what it still says as it comes', () => {
    const link = handingOverLink()
      .feed(message('2.1'))
      .feed(on(1, timer('handover')))
    expect(link.said).toEqual(['disconnected', 'connected 2', '2: 2.1'])
    link.feed(on(2, message('2.2')), on(1, message('1.1')), on(1, pong(1)), on(1, rtm(7)))
    expect(link.said).toEqual(['2: 2.2', '1: 1.1', 'malformed'])
    expect(link.feed(on(1, timer('close'))).said).toEqual(['terminateSocket 1', 'handedOver 1 to 2'])
    expect(link.state.kind).toBe('connected')
  })

  it('holds 5,000 frames at the most', () => {
    const link = handingOverLink()
    for (let count = 1; count < 5_000; count++) expect(link.feed(message(`2.${count}`)).said).toEqual([])
    expect(link.feed(message('2.5000')).all('frame')).toHaveLength(5_000)
    expect(link.feed(on(1, message('1.1')), message('2.5001')).said).toEqual(['1: 1.1', '2: 2.5001'])
  })

  it('pings the successor, not the old socket', () => {
    const link = handingOverLink().feed(on(1, timer('ping')), on(1, timer('age')))
    expect(link.effects).toEqual([])
    expect(link.feed(on(2, timer('ping'))).said).toEqual(['ping 2 #2'])
  })

  it('ends with nothing left when the successor is lost: what it said so far counts', () => {
    const link = handingOverLink().feed(message('2.1')).feed(on(2, closed))
    expect(link.said).toEqual(['terminateSocket 1', '2: 2.1', 'disconnected'])
    expect(link.state).toMatchObject({ kind: 'opening', approach: { kind: 'backingOff', generation: 3 } })
    expect(link.feed(on(1, message('1.1')), on(1, closed)).effects).toEqual([])
  })

  it('is told of no other socket’s timers', () => {
    const link = handingOverLink().feed(
      on(2, timer('handover')),
      on(1, timer('close')),
      on(2, timer('close')),
    )
    expect(link.effects).toEqual([])
  })

  it('is the same over and over', () => {
    const link = handingOverLink().feed(on(1, closedInTurn))
    for (let next = 3; next < 8; next++) {
      const proof = on(next - 1, pong(2))
      link.feed(goodbye, address, opened, proof, hello).feed(on(next - 1, closedInTurn))
      expect(link.said).toEqual([`handedOver ${next - 1} to ${next}`])
    }
  })
})

describe('a Socket Mode hand-over', () => {
  it('delivers envelopes of both sockets at once, each under its own number', () => {
    const link = handingOverLink('socket-mode')
    link.feed(envelope('e2'), on(1, envelope('e1')), envelope('e3'))
    expect(link.said).toEqual(['2: e2', '1: e1', '2: e3'])
  })

  it('closes the old socket when its envelopes are acknowledged', () => {
    const link = leavingLink('socket-mode').feed(address, opened).feed(hello)
    expect(link.said).toEqual(['drain 1', 'ping 2 #1'])
    expect(link.waitMs('handover')).toBe(10_000)
    expect(link.feed(on(1, drained)).said).toEqual(['closeSocket 1 1000'])
    expect(link.feed(on(1, envelope('late'))).said).toEqual(['1: late'])
    expect(link.feed(on(1, drained), on(1, closedInTurn)).said).toEqual(['handedOver 1 to 2'])
    expect(link.state.kind).toBe('connected')
  })

  it('closes the old socket after ten seconds all the same', () => {
    const link = handingOverLink('socket-mode').feed(on(1, timer('handover')))
    expect(link.said).toEqual(['closeSocket 1 1000'])
    expect(link.feed(on(1, timer('close'))).said).toEqual(['terminateSocket 1', 'handedOver 1 to 2'])
  })

  it('is over when Slack closes the old socket itself, and nothing was missed', () => {
    const link = handingOverLink('socket-mode').feed(on(1, closed))
    expect(link.said).toEqual(['handedOver 1 to 2'])
  })

  it('heeds nothing that Slack says of the old socket any more', () => {
    const link = handingOverLink('socket-mode')
    link.feed(
      on(1, warning),
      on(1, disconnect('link_disabled')),
      on(1, heard),
      on(1, socketMode({ type: 'x' })),
    )
    expect(link.said).toEqual([])
    expect(link.state.kind).toBe('handingOver')
  })

  it.each<[string, (link: LinkRun) => LinkRun, string[]]>([
    ['closes', (link) => link.feed(on(2, closed)), []],
    ['is refused after all', (link) => link.feed(on(2, disconnect('link_disabled'))), ['closeSocket 2 1000']],
    [
      'falls silent',
      (link) => link.feed(...[1, 2, 3].map(() => on(2, timer('ping')))),
      ['ping 2 #2', 'ping 2 #3', 'terminateSocket 2'],
    ],
  ])('falls back to the old socket when the successor %s first', (_, lose, said) => {
    const link = lose(handingOverLink('socket-mode'))
    expect(link.said).toEqual([...said, 'ping 1 #2'])
    expect(link.state).toMatchObject({ kind: 'leaving', live: { generation: 1 } })
    expect(link.feed(on(1, envelope('e1')), on(1, timer('ping'))).said).toEqual(['1: e1', 'ping 1 #3'])
    expect(link.feed(timer('reconnect'), address, opened, hello).said).toContain('drain 1')
  })

  it('has nothing to fall back to once the old socket is closed', () => {
    const link = handingOverLink('socket-mode').feed(on(1, drained)).feed(on(2, closed))
    expect(link.said).toEqual(['terminateSocket 1', 'disconnected'])
    expect(link.state.kind).toBe('opening')
  })
})

describe.each(['rtm', 'socket-mode'] as const)('a farewell to the successor over %s', (transport) => {
  it('is heeded when the old socket is gone: never three sockets', () => {
    const link = handingOverLink(transport).feed(farewell, on(2, timer('age')))
    expect(link.said).toEqual([])
    link.feed(on(1, closedInTurn))
    expect(link.said.slice(-2)).toEqual(['handedOver 1 to 2', 'callForAddress 3'])
    expect(link.state).toMatchObject({ kind: 'leaving', live: { generation: 2 } })
    expect(link.feed(refused('internal_error')).state.kind).toBe('leaving')
  })
})
