import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ShardEffect } from '../src/index.ts'
import {
  acknowledged,
  closed,
  dispatch,
  full,
  granted,
  hello,
  invalidSession,
  located,
  opened,
  ready,
  reconnectAsked,
  room,
  ShardRun,
  type ShardScript,
  STORED_SESSION,
  start,
  timer,
} from './shard-run.ts'

/** What the world does to a shard, likely things more often; the generation is sometimes an old one. */
const worldly: fc.Arbitrary<ShardScript> = fc.oneof(
  fc.constantFrom(start, located, opened, hello, granted, ready(['7'])),
  fc.constantFrom(acknowledged, reconnectAsked, invalidSession(true), invalidSession(false)),
  fc.constantFrom(
    timer('locate'),
    timer('connect'),
    timer('hello'),
    timer('heartbeat'),
    timer('reconnect'),
    timer('hold'),
    timer('drain'),
  ),
  fc.constantFrom<ShardScript>(full, room, room, { kind: 'deaf', anew: false }, { kind: 'deaf', anew: true }),
  fc.constantFrom<ShardScript>(
    { kind: 'frame', frame: { kind: 'heartbeatRequest' } },
    { kind: 'frame', frame: { kind: 'malformed', problem: 'x' } },
    { kind: 'frame', frame: { kind: 'unknown', op: 42 } },
    { kind: 'locateFailed', reason: 'x' },
  ),
  fc.constantFrom(undefined, 1000, 1006, 4000, 4003, 4007, 4009, 4014).map(closed),
  fc.nat(60).map((sequence) => dispatch(sequence)),
  fc.nat(60).map((sequence) => dispatch(sequence, 'RESUMED')),
  fc
    .tuple(fc.constantFrom('session-a', 'session-stored', 'session-z'), fc.nat(60))
    .map(([sessionId, sequence]): ShardScript => ({ kind: 'confirmed', sessionId, sequence })),
  fc.constantFrom<ShardScript>({ kind: 'drain', graceMs: 1_000 }, { kind: 'stop', why: 'told to' }),
)

/** Runs that get somewhere: a way to a connection, then anything; the ending inputs are rare. */
const scripts = fc
  .tuple(
    fc.constantFrom<ShardScript[]>(
      [start],
      [{ kind: 'start', session: STORED_SESSION }],
      [start, located, opened, hello, granted, ready(['7'])],
      [{ kind: 'start', session: STORED_SESSION }, opened, hello],
    ),
    fc.array(
      fc.tuple(worldly, fc.integer({ min: 0, max: 9 }), fc.double({ min: 0, max: 0.999, noNaN: true })),
      {
        maxLength: 60,
      },
    ),
  )
  .map(([opening, rest]) => ({ opening, rest }))

/** Runs a script and shows `judge` the shard and the effects of each input. */
function judgeRuns(
  judge: () => (shard: ShardRun, effects: readonly ShardEffect[], input: ShardScript) => void,
) {
  fc.assert(
    fc.property(scripts, ({ opening, rest }) => {
      const shard = new ShardRun()
      const look = judge()
      const feed = (input: ShardScript, random: number) =>
        look(shard, shard.feedWith(random, input).effects, input)
      for (const input of opening) feed(input, 0.5)
      for (const [input, age, random] of rest) {
        const old = age === 0 && 'kind' in input && input.kind === 'frame'
        feed(old ? ({ ...input, generation: shard.state.memory.generation - 1 } as never) : input, random)
      }
    }),
    { numRuns: 1_000 },
  )
}

const FINAL = new Set(['stopped', 'fatal'])

describe('whatever happens to a shard', () => {
  it('it never has two sockets', () => {
    judgeRuns(() => {
      let open: number | undefined
      return (_, effects, input) => {
        if (input.kind === 'socketClosed' && effects.length > 0) open = undefined
        for (const effect of effects) {
          if (effect.kind === 'closeSocket' || effect.kind === 'terminateSocket') {
            expect(effect.generation).toBe(open)
            open = undefined
          }
          if (effect.kind === 'openSocket') {
            expect(open).toBeUndefined()
            open = effect.generation
          }
        }
      }
    })
  })

  it('it never identifies without a permit of its own', () => {
    judgeRuns(() => {
      let wished = false
      return (_, effects, input) => {
        for (const effect of effects) {
          if (effect.kind === 'requestPermit') wished = true
          if (effect.kind === 'cancelPermit') wished = false
          if (effect.kind === 'identify') {
            expect(wished && input.kind === 'permitGranted').toBe(true)
            wished = false
          }
        }
      }
    })
  })

  it('it opens no socket and asks for no permit while there is no room', () => {
    judgeRuns(() => (shard, effects) => {
      const { full, ...memory } = shard.state.memory
      if (!full) return
      for (const effect of effects) {
        expect(effect.kind, 'a new socket').not.toBe('openSocket')
        expect(effect.kind, 'a new permit').not.toBe('requestPermit')
      }
      expect(['resuming', 'connected'], JSON.stringify(memory)).not.toContain(shard.state.kind)
    })
  })

  it('it never resumes beyond what is confirmed', () => {
    judgeRuns(() => {
      const confirmed = new Map<string, number>([['session-stored', 41]])
      return (_, effects, input) => {
        if (input.kind === 'confirmed')
          confirmed.set(input.sessionId, Math.max(input.sequence, confirmed.get(input.sessionId) ?? 0))
        for (const effect of effects)
          if (effect.kind === 'resume')
            expect(effect.sequence).toBeLessThanOrEqual(confirmed.get(effect.sessionId) ?? 0)
      }
    })
  })

  it('it never closes with a code that ends the session', () => {
    judgeRuns(() => (_, effects) => {
      for (const effect of effects) if (effect.kind === 'closeSocket') expect(effect.code).toBe(4000)
    })
  })

  it('it delivers every dispatch that comes on a socket of a session', () => {
    judgeRuns(() => {
      let was = ''
      return (shard, effects, input) => {
        const isDispatch =
          input.kind === 'frame' && input.frame.kind === 'dispatch' && !('generation' in input)
        if (isDispatch && (was === 'resuming' || was === 'connected'))
          expect(effects.filter((effect) => effect.kind === 'dispatch')).toHaveLength(1)
        was = shard.state.kind
      }
    })
  })

  it('every state it waits in has a way out: a timer of its own generation', () => {
    judgeRuns(() => {
      const timers = new Map<string, number>()
      return (shard, effects, input) => {
        if (input.kind === 'timer') timers.delete(input.timer)
        for (const effect of effects) {
          if (effect.kind === 'clearTimers') timers.clear()
          if (effect.kind === 'setTimer') timers.set(effect.timer, effect.generation)
        }
        const { kind, memory } = shard.state
        if (kind === 'idle') return
        const live = [...timers.values()].filter((generation) => generation === memory.generation)
        if (FINAL.has(kind)) expect(timers.size).toBe(0)
        else expect(live.length, `no timer in ${kind}`).toBeGreaterThan(0)
      }
    })
  })

  it('whoever asked for a drain is told its end, whatever ended it', () => {
    judgeRuns(() => {
      let told = false
      let asked = false
      return (shard, effects, input) => {
        if (input.kind === 'drain') asked = true
        if (effects.some((effect) => effect.kind === 'drained')) told = true
        expect(told).toBe(asked && shard.state.kind !== 'draining')
      }
    })
  })

  it('a session is announced as lost before another one starts', () => {
    judgeRuns(() => {
      let session: string | undefined
      return (_, effects, input) => {
        if (input.kind === 'start' && input.session && effects.length > 0) session ??= input.session.sessionId
        for (const effect of effects) {
          if (effect.kind === 'sessionLost') {
            expect(effect.session.sessionId).toBe(session)
            session = undefined
          }
          if (effect.kind === 'sessionStarted') {
            expect(session).toBeUndefined()
            session = effect.session.sessionId
          }
        }
      }
    })
  })
})
