import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LinkState, LinkTransport } from '../src/index.ts'
import { Proofs } from './link-proofs.ts'
import { address, closed, drained, heard, message, on, opened, timer, typing, warning } from './link-run.ts'
import { heldBy, type Judge, LinkWorld } from './link-world.ts'

const BOTH: LinkTransport[] = ['rtm', 'socket-mode']
const FINAL = new Set(['stopped', 'fatal'])

interface Trial {
  readonly judge?: Judge
  /** Sees the world after a stop, when nothing is left to happen. */
  readonly sum?: (world: LinkWorld) => void
}

/** What happens before a stop and after it: each number chooses among what is possible at its moment. */
const choice = fc.noBias(fc.nat(99_991))
const histories = fc.tuple(
  fc.noBias(fc.array(choice, { maxLength: 150, size: 'max' })),
  fc.noBias(fc.array(choice, { maxLength: 30, size: 'max' })),
)

/** Runs histories, each with a trial of its own. */
function judgeWorlds(transport: LinkTransport, begin: () => Trial): void {
  fc.assert(
    fc.property(histories, ([before, after]) => {
      const { judge, sum } = begin()
      const world = new LinkWorld(transport, judge ?? (() => {}))
      world.feed({ kind: 'start' })
      for (const one of before) world.happen(one)
      world.feed({ kind: 'stop', why: 'told to stop' })
      for (const one of after) world.happen(one)
      world.settle()
      sum?.(world)
    }),
    { numRuns: 200 },
  )
}

describe.each(BOTH)('whatever happens to a link over %s', (transport) => {
  it('it never has more than two sockets, and two only while one takes over or both end', () => {
    judgeWorlds(transport, () => ({
      judge({ state, sockets }) {
        const held = heldBy(state)
        const open = sockets
          .filter(({ gone, told, generation }) => !gone && !(told && !held.includes(generation)))
          .map(({ generation }) => generation)
        expect(held, 'a socket was left open and forgotten').toEqual(expect.arrayContaining(open))
        const most = ['leaving', 'handingOver', 'closing'].includes(state.kind) ? 2 : 1
        expect(open.length, `sockets in ${state.kind}`).toBeLessThanOrEqual(most)
      },
    }))
  })

  it('it never has two calls in flight, and opens each address once', () => {
    judgeWorlds(transport, () => {
      const used = new Set<string>()
      return {
        judge({ calls }, { input, effects }) {
          expect(calls.length).toBeLessThanOrEqual(1)
          for (const effect of effects) {
            if (effect.kind !== 'openSocket') continue
            const { generation, url } = effect
            expect(input).toEqual({ kind: 'addressGiven', generation, url })
            expect(used).not.toContain(url)
            used.add(url)
          }
        },
      }
    })
  })

  it('connected and disconnected take turns, and events come only in between', () => {
    judgeWorlds(transport, () => {
      const told: string[] = []
      return {
        judge(_, { effects }) {
          for (const { kind } of effects)
            if (['connected', 'disconnected', 'frame'].includes(kind)) told.push(kind[0] ?? '')
        },
        sum: () => expect(told.join('')).toMatch(/^(cf*d)*$/),
      }
    })
  })

  it('every timer that is set is one that its state lives by', () => {
    judgeWorlds(transport, () => ({
      judge({ state, timers, machine }) {
        const idle = [...timers].filter(
          ([name, generation]) =>
            machine(state, { kind: 'timer', timer: name, generation }, 0.5).state === state,
        )
        expect(idle, `timers in ${state.kind}`).toEqual([])
      },
    }))
  })

  it('every state it waits in has a way out, even where only its live socket gives signs of life', () => {
    judgeWorlds(transport, () => ({
      judge({ state, timers, machine }) {
        if (!FINAL.has(state.kind)) expect(leadsOn(machine, state, timers), shapeOf(state)).toBe(true)
      },
    }))
  })

  it('inputs of a socket that it does not hold change nothing', () => {
    const inputs = [address, opened, closed, heard, drained, message('1.1'), typing, warning, timer('ping')]
    judgeWorlds(transport, () => ({
      judge({ state, machine }) {
        const strange = [0, state.memory.generation + 1].flatMap((generation) =>
          inputs.map((input) => on(generation, input)),
        )
        const heeded = strange.filter((input) => {
          const step = machine(state, input, 0.5)
          return step.state !== state || step.effects.length > 0
        })
        expect(heeded).toEqual([])
      },
    }))
  })

  it('everything that came on a socket of its own is delivered once, under the number of that socket', () => {
    judgeWorlds(transport, () => {
      const came: string[] = []
      const delivered: string[] = []
      return {
        judge(_, { input, before, serial, effects }) {
          if (input.kind === 'frame' && serial !== undefined && heldBy(before).includes(input.generation))
            came.push(`${input.generation}: ${serial}`)
          for (const effect of effects)
            if (effect.kind === 'frame') delivered.push(`${effect.generation}: ${serialOf(effect.text)}`)
        },
        sum: () => expect(delivered.toSorted()).toEqual(came.toSorted()),
      }
    })
  })

  it('after a stop everything ends: no socket, no timer, and nothing more is done', () => {
    judgeWorlds(transport, () => ({
      sum({ state, timers, sockets, machine }) {
        expect(FINAL).toContain(state.kind)
        expect([...timers]).toEqual([])
        expect(sockets.filter(({ told, gone }) => !told && !gone)).toEqual([])
        for (const input of [address, opened, closed, message('1.1'), timer('close')])
          expect(machine(state, on(state.memory.generation, input), 0.5)).toEqual({ state, effects: [] })
      },
    }))
  })
})

describe('whatever happens to an RTM link', () => {
  it('no event comes before one that was posted earlier, unless what may be missing was announced', () => {
    judgeWorlds('rtm', () => {
      const seen = new Set<number>()
      let inOrder = false
      let last = -1
      return {
        judge({ state }, { effects }) {
          for (const effect of effects) {
            if (effect.kind === 'disconnected') inOrder = false
            if (effect.kind === 'handedOver' || (effect.kind === 'connected' && state.kind === 'connected')) {
              inOrder = true
              last = -1
            }
            if (effect.kind !== 'frame' || seen.has(serialOf(effect.text))) continue
            seen.add(serialOf(effect.text))
            if (inOrder) expect(serialOf(effect.text)).toBeGreaterThan(last)
            last = serialOf(effect.text)
          }
        },
      }
    })
  })

  it('every event is delivered, or lies in a gap that is announced', () => {
    judgeWorlds('rtm', () => {
      let proofs: Proofs | undefined
      return {
        judge(world, { effects }) {
          proofs ??= new Proofs((generation) => world.slackSocket(generation)?.closedAt)
          proofs.note(world.now, effects)
        },
        sum(world) {
          const missed = world.slack.postedAt.filter((at, serial) => !proofs?.accountsFor(serial, at))
          expect(missed).toEqual([])
        },
      }
    })
  })

  it('events without a stamp are taken from one socket only', () => {
    judgeWorlds('rtm', () => ({
      judge({ state, machine }) {
        const approaching = 'approach' in state ? state.approach.generation : undefined
        const taken = heldBy(state)
          .filter((generation) => generation !== approaching)
          .filter((generation) => machine(state, on(generation, typing), 0.5).effects.length > 0)
        expect(taken).toHaveLength('live' in state ? 1 : Math.min(1, taken.length))
      },
    }))
  })
})

/** Whether its timers alone lead to something else. */
function leadsOn(machine: LinkWorld['machine'], from: LinkState, timers: LinkWorld['timers']): boolean {
  const left = new Map(timers)
  let state = from
  for (let round = 0; round < 12; round++) {
    const [name, generation] = [...left][round % Math.max(1, left.size)] ?? []
    if (name === undefined || generation === undefined) return false
    left.delete(name)
    // A live socket may live for ever; whatever else is waited for must not.
    if ('live' in state && state.kind !== 'connected')
      state = machine(state, on(state.live.generation, heard), 0.5).state
    const step = machine(state, { kind: 'timer', timer: name, generation }, 0.5)
    if (shapeOf(step.state) !== shapeOf(from)) return true
    for (const effect of step.effects)
      if (effect.kind === 'setTimer') left.set(effect.timer, effect.generation)
    state = step.state
  }
  return false
}

/** The state as far as it says what is waited for. */
function shapeOf(state: LinkState): string {
  const approach = 'approach' in state ? state.approach.kind : ''
  const old = 'old' in state ? state.old.kind : ''
  const sockets = 'sockets' in state ? state.sockets.map(({ kind }) => kind).join() : ''
  return `${state.kind} ${approach} ${old} ${sockets}`
}

function serialOf(text: string): number {
  const { ts, envelope_id: id } = JSON.parse(text)
  return Number(ts ?? id)
}
