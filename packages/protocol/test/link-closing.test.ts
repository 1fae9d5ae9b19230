import { describe, expect, it } from 'vitest'
import type { LinkTransport } from '../src/index.ts'
import {
  address,
  closed,
  closedInTurn,
  connectedLink,
  drained,
  envelope,
  goodbye,
  handingOverLink,
  hello,
  leavingLink,
  message,
  on,
  opened,
  pong,
  rtm,
  start,
  stop,
  timer,
  typing,
} from './link-run.ts'

describe('an RTM link that is told to stop', () => {
  it('closes its socket, takes what Slack had still written, and is final', () => {
    const link = connectedLink().feed(stop)
    expect(link.said).toEqual(['closeSocket 1 1000'])
    link.feed(message('1.1'), typing, stop, pong(1), goodbye, rtm(7), timer('ping'), timer('age'))
    expect(link.said).toEqual(['1: 1.1', '1: user_typing', 'pong 1 #1', 'malformed'])
    expect(link.feed(closedInTurn).said).toEqual(['closedInTurn 1', 'disconnected'])
    expect(link.state).toMatchObject({ kind: 'stopped', why: 'told to stop' })
    expect(link.feed(start, message('1.2'), timer('close'), stop).effects).toEqual([])
  })

  it('takes a connection that just ended for no answer', () => {
    const link = connectedLink().feed(stop, closed)
    expect(link.said).toEqual(['closeSocket 1 1000', 'disconnected'])
    expect(link.state.kind).toBe('stopped')
  })

  it('ends also where the close is never answered', () => {
    const link = connectedLink().feed(stop, timer('close'))
    expect(link.said).toEqual(['closeSocket 1 1000', 'terminateSocket 1', 'disconnected'])
    expect(link.state.kind).toBe('stopped')
  })

  it('leaves a successor that has not said hello, and hears the old socket out', () => {
    const link = leavingLink().feed(address, opened).feed(stop)
    expect(link.said).toEqual(['closeSocket 2 1000', 'closeSocket 1 1000'])
    expect(link.feed(on(1, message('1.1')), on(2, message('2.1')), on(2, closed)).said).toEqual(['1: 1.1'])
    expect(link.feed(on(1, closedInTurn)).said).toEqual(['closedInTurn 1', 'disconnected'])
  })

  it('closes an old socket too that had an answer to give first', () => {
    const link = leavingLink().feed(address, opened, hello).feed(stop)
    expect(link.said).toEqual(['closeSocket 1 1000', 'closeSocket 2 1000'])
    expect(link.feed(on(1, message('1.1')), on(1, pong(2)), on(1, closedInTurn)).said).toEqual([
      '1: 1.1',
      'pong 1 #2',
    ])
  })

  it('in the middle of a hand-over hears the old socket out before its successor', () => {
    const link = handingOverLink().feed(message('2.1')).feed(stop)
    expect(link.said).toEqual(['closeSocket 2 1000'])
    link.feed(on(2, message('2.2')), on(2, typing), on(2, pong(1)), on(1, message('1.1')), on(1, typing))
    expect(link.said).toEqual(['1: 1.1', '1: user_typing'])
    expect(link.feed(on(1, closedInTurn)).said).toEqual(['2: 2.1', '2: 2.2'])
    expect(link.feed(on(2, message('2.3')), on(2, typing)).said).toEqual(['2: 2.3', '2: user_typing'])
    expect(link.feed(on(2, closedInTurn)).said).toEqual(['closedInTurn 2', 'disconnected'])
  })

  it('in the middle of a hand-over proves nothing by the successor’s close while the old socket may still speak', () => {
    const link = handingOverLink().feed(message('2.1'), stop).feed(on(2, closedInTurn))
    expect(link.said).toEqual([])
    expect(link.feed(on(1, message('1.1')), on(1, closedInTurn)).said).toEqual([
      '1: 1.1',
      '2: 2.1',
      'disconnected',
    ])
  })

  it('in the middle of a hand-over announces what an old socket may have kept that never answers', () => {
    const dropped = handingOverLink().feed(message('2.1'), stop).feed(on(1, closed))
    expect(dropped.said).toEqual(['disconnected', 'connected 2', '2: 2.1'])
    expect(dropped.feed(on(2, closedInTurn)).said).toEqual(['closedInTurn 2', 'disconnected'])
    const silent = handingOverLink().feed(message('2.1'), stop).feed(timer('close'))
    expect(silent.said).toEqual([
      'disconnected',
      'connected 2',
      '2: 2.1',
      'terminateSocket 1',
      'terminateSocket 2',
      'disconnected',
    ])
  })

  it('at the end of a hand-over takes the late words of the old socket as they come', () => {
    const link = handingOverLink().feed(on(1, timer('handover')), stop)
    expect(link.feed(on(2, message('2.1')), on(1, message('1.1')), on(1, typing)).said).toEqual([
      '2: 2.1',
      '1: 1.1',
    ])
    expect(link.feed(on(2, closedInTurn)).said).toEqual(['closedInTurn 2'])
    expect(link.feed(on(1, message('1.2')), on(1, closedInTurn)).said).toEqual(['1: 1.2', 'disconnected'])
  })

  it('in the middle of a hand-over holds 5,000 frames at the most', () => {
    const link = handingOverLink().feed(stop)
    for (let count = 1; count < 5_000; count++) link.feed(on(2, message(`2.${count}`)))
    expect(link.feed(on(2, message('2.5000'))).all('frame')).toHaveLength(5_000)
    expect(link.feed(on(1, message('1.1')), on(2, message('2.5001'))).said).toEqual(['1: 1.1', '2: 2.5001'])
  })
})

describe('a Socket Mode link that is told to stop', () => {
  it('waits until its envelopes are acknowledged before it closes', () => {
    const link = connectedLink('socket-mode').feed(stop)
    expect(link.said).toEqual(['drain 1'])
    expect(link.feed(envelope('e1')).said).toEqual(['1: e1'])
    expect(link.feed(drained).said).toEqual(['closeSocket 1 1000'])
    expect(link.feed(envelope('e2'), drained, closedInTurn).said).toEqual(['1: e2', 'disconnected'])
    expect(link.state.kind).toBe('stopped')
  })

  it('waits for acknowledgements no longer than an interaction waits for its own', () => {
    const link = connectedLink('socket-mode').feed(stop)
    expect([link.waitMs('handover'), link.waitMs('close')]).toEqual([3_000, 8_000])
    expect(link.feed(timer('handover')).said).toEqual(['closeSocket 1 1000'])
    expect(link.feed(timer('close')).said).toEqual(['terminateSocket 1', 'disconnected'])
  })

  it('in the middle of a hand-over drains both sockets, each for itself', () => {
    const link = handingOverLink('socket-mode').feed(stop)
    expect(link.said).toEqual(['drain 2'])
    link.feed(on(1, envelope('e1')), on(2, drained), on(2, envelope('e2')))
    expect(link.said).toEqual(['1: e1', 'closeSocket 2 1000', '2: e2'])
    expect(link.feed(on(2, closedInTurn), on(1, drained)).said).toEqual(['closeSocket 1 1000'])
    expect(link.feed(on(1, closed)).said).toEqual(['disconnected'])
    expect(link.state.kind).toBe('stopped')
  })
})

describe.each<LinkTransport>(['rtm', 'socket-mode'])('a second stop over %s', (transport) => {
  it('changes nothing', () => {
    const link = connectedLink(transport).feed(stop)
    const before = link.state
    expect(link.feed(stop).effects).toEqual([])
    expect(link.state).toBe(before)
  })
})
