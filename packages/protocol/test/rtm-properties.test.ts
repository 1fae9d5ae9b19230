import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RtmEffect } from '../src/index.ts'
import {
  address,
  closed,
  frame,
  goodbye,
  hello,
  message,
  opened,
  pong,
  RtmRun,
  type RtmScript,
  refused,
  start,
  stop,
  timer,
} from './rtm-run.ts'

const worldly: fc.Arbitrary<RtmScript> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(start, address, opened, hello, message('1.1'), pong(1)) },
  {
    weight: 8,
    arbitrary: fc
      .constantFrom('call', 'connect', 'hello', 'ping', 'goodbye', 'close', 'reconnect')
      .map((name) => timer(name as Parameters<typeof timer>[0])),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(closed, goodbye, refused('internal_error'), refused('ratelimited', 9_000)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(frame({ type: 'error' }), frame(7), refused('invalid_auth'), stop),
  },
)

function judgeRuns(judge: () => (rtm: RtmRun, effects: readonly RtmEffect[], input: RtmScript) => void) {
  const openings = fc.constantFrom<RtmScript[]>([start], [start, address, opened, hello])
  const rest = fc.array(fc.tuple(worldly, fc.double({ min: 0, max: 0.999, noNaN: true })), { maxLength: 60 })
  fc.assert(
    fc.property(openings, rest, (opening, inputs) => {
      const rtm = new RtmRun()
      const look = judge()
      for (const input of opening) look(rtm, rtm.feed(input).effects, input)
      for (const [input, random] of inputs) look(rtm, rtm.feedWith(random, input).effects, input)
    }),
    { numRuns: 1_000 },
  )
}

describe('whatever happens to an RTM connection', () => {
  it('it never has two sockets, and opens each address once', () => {
    judgeRuns(() => {
      let open: number | undefined
      let addressCount = 0
      return (rtm, effects, input) => {
        if (input.kind === 'addressGiven' && effects.length > 0) addressCount++
        if (input.kind === 'socketClosed' && effects.length > 0) open = undefined
        for (const effect of effects) {
          if (effect.kind === 'closeSocket' || effect.kind === 'terminateSocket')
            expect(effect.generation).toBe(open)
          if (effect.kind === 'terminateSocket') open = undefined
          // One that is told to stop still hears its socket until that is closed.
          if (effect.kind === 'closeSocket' && rtm.state.kind !== 'closing') open = undefined
          if (effect.kind === 'openSocket') {
            expect(open).toBeUndefined()
            expect(addressCount--).toBe(1)
            open = effect.generation
          }
        }
      }
    })
  })

  it('connected and disconnected take turns, and events come only in between', () => {
    judgeRuns(() => {
      let connected = false
      return (_, effects) => {
        for (const effect of effects) {
          if (effect.kind === 'connected') expect(connected).toBe(false)
          if (effect.kind === 'disconnected' || effect.kind === 'frame') expect(connected).toBe(true)
          if (effect.kind === 'connected') connected = true
          if (effect.kind === 'disconnected') connected = false
        }
      }
    })
  })

  it('every state it waits in has a way out: a timer of its own generation', () => {
    judgeRuns(() => {
      const timers = new Map<string, number>()
      return (rtm, effects, input) => {
        if (input.kind === 'timer') timers.delete(input.timer)
        for (const effect of effects) {
          if (effect.kind === 'clearTimers') timers.clear()
          if (effect.kind === 'setTimer') timers.set(effect.timer, effect.generation)
        }
        const { kind, memory } = rtm.state
        if (kind === 'idle') return
        if (kind === 'stopped' || kind === 'fatal') expect(timers.size).toBe(0)
        else expect([...timers.values()], `no timer in ${kind}`).toContain(memory.generation)
      }
    })
  })

  it('no event on a living socket is dropped, nor on one that we close', () => {
    judgeRuns(() => {
      let was = ''
      return (rtm, effects, input) => {
        if (
          input.kind === 'frame' &&
          input.frame.kind === 'event' &&
          ['connected', 'leaving', 'closing'].includes(was)
        )
          expect(effects.filter((effect) => effect.kind === 'frame')).toHaveLength(1)
        was = rtm.state.kind
      }
    })
  })
})
