import type { FleetStanding, ReplicaStanding, UnitStanding } from '@holdfast/ownership'
import { describe, expect, test } from 'vitest'
import { changesBetween } from '../src/status/fleet-changes.ts'
import { fleetJson } from '../src/status/fleet-json.ts'
import { fleetTable } from '../src/status/fleet-table.ts'
import { clockTime, duration } from '../src/status/instants.ts'
import { judge } from '../src/status/verdict.ts'

const AT = Date.UTC(2026, 0, 1, 12)
const a: ReplicaStanding = {
  replica: 'gateway-a',
  run: 'a1',
  deploy: 'v1',
  state: 'standing',
  version: '0.1.0',
  startedAt: AT - 7_500_000,
  heldCount: 1,
}
const acme: UnitStanding = {
  unit: 'acme',
  platform: 'slack',
  state: 'connected',
  owner: 'gateway-a',
  fence: 3,
  sinceAt: AT - 65_000,
  onTrial: false,
}
const free: UnitStanding = { unit: 'bastion/0', state: 'free', fence: 7, sinceAt: AT - 1_000, onTrial: false }
const fleet = (facts: Partial<FleetStanding> = {}): FleetStanding => ({
  at: AT,
  replicas: [a],
  units: [acme],
  resting: [],
  ...facts,
})

describe('the verdict', () => {
  test('is well when every unit is held and connected', () => {
    expect(judge(fleet())).toEqual({
      well: true,
      sentence: 'All well: 1 unit held and connected, 1 replica.',
    })
  })

  test.each<[sentence: string, facts: Partial<FleetStanding>]>([
    ['No gateway runs: no events come in.', { replicas: [], units: [] }],
    ['No gateway runs: no events come in.', { replicas: [], units: [free] }],
    ['Nothing is held yet, and 1 gateway runs: no events come in.', { units: [] }],
    ['bastion/0 is free: nobody serves it.', { units: [acme, free] }],
    ['bastion/0, b, c and 1 more are free: nobody serves them.', { units: [free, ...named('b', 'c', 'd')] }],
    [
      'acme is held by gateway-z, which is not heard of.',
      { units: [{ ...acme, owner: 'gateway-z', state: 'silent' }] },
    ],
    [
      'acme was refused for good at gateway-a: token revoked. 1 more below.',
      {
        units: [
          { ...acme, state: 'fatal', why: 'token revoked.' },
          { ...acme, unit: 'b', state: 'waiting' },
        ],
      },
    ],
  ])('is not: %s', (sentence, facts) => {
    expect(judge(fleet(facts))).toEqual({ well: false, sentence })
  })

  test('tells of a roll that failed although everything is served', () => {
    const failed: ReplicaStanding = { ...a, replica: 'gateway-b', state: 'failed', why: 'intents refused' }
    const resting = [{ deploy: 'v2', strikeCount: 1, untilAt: AT + 42_000 }]
    expect(judge(fleet({ replicas: [a, failed], resting }))).toEqual({
      well: true,
      sentence: `All well: 1 unit held and connected, 2 replicas; gateway-b failed its trial; deploy v2 rests until ${clockTime(AT + 42_000)} (42 s).`,
    })
  })
})

function named(...names: string[]): UnitStanding[] {
  return names.map((unit) => ({ ...free, unit }))
}

describe('the table', () => {
  test('is aligned, and leaves out columns that nobody needs', () => {
    const units = [{ ...acme, handover: { to: 'gateway-b', phase: 'arrived' as const } }, free]
    expect(fleetTable(fleet({ units }))).toEqual([
      '',
      'REPLICA    STATE     UNITS  DEPLOY  VERSION  UP',
      'gateway-a  standing  1      v1      0.1.0    2 h 5 min',
      '',
      'UNIT       OWNER      STATE      FOR        FENCE  HAND-OVER',
      'acme       gateway-a  connected  1 min 5 s  3      → gateway-b, arrived',
      'bastion/0  –          free       1 s        7',
    ])
  })

  test('tells which deploys rest, and until when', () => {
    const resting = [{ deploy: 'v2', strikeCount: 2, untilAt: AT + 119_500 }]
    expect(fleetTable(fleet({ replicas: [], units: [], resting })).slice(1)).toEqual([
      'RESTING DEPLOY  FAILED   UNTIL',
      `v2              2 times  ${clockTime(AT + 119_500)}, in 1 min 59 s`,
    ])
  })
})

describe('what has changed', () => {
  const b: ReplicaStanding = { ...a, replica: 'gateway-b', deploy: 'v2', state: 'on trial', heldCount: 0 }
  const phase = (to: 'asked' | 'arrived') => ({ ...acme, handover: { to: 'gateway-b', phase: to } })

  test('is nothing between equals, whatever their moment', () => {
    expect(changesBetween(fleet(), fleet({ at: AT + 9_000 }))).toEqual([])
  })

  test('is told step by step as a unit is handed over', () => {
    const steps = [
      fleet(),
      fleet({ replicas: [a, b] }),
      fleet({ replicas: [a, b], units: [phase('asked')] }),
      fleet({ replicas: [a, b], units: [phase('arrived')] }),
      fleet({ replicas: [a, b], units: [{ ...acme, owner: 'gateway-b', fence: 4 }] }),
      fleet({ replicas: [{ ...b, state: 'standing' }], units: [{ ...acme, owner: 'gateway-b', fence: 4 }] }),
    ]
    const told = steps.slice(1).map((after, index) => changesBetween(steps[index] ?? after, after))
    expect(told).toEqual([
      ['gateway-b has come (deploy v2): on trial'],
      ['acme: gateway-a → gateway-b, asked'],
      ['acme: gateway-a → gateway-b, arrived'],
      ['acme: gateway-a → gateway-b (fence 4)'],
      ['gateway-a is gone', 'gateway-b is standing'],
    ])
  })

  test('is a process that came back under the same id', () => {
    expect(changesBetween(fleet(), fleet({ replicas: [{ ...a, run: 'a2' }] }))).toEqual([
      'gateway-a has started anew: standing',
    ])
  })

  test.each<[line: string, before: UnitStanding, after: UnitStanding]>([
    ['acme stays at gateway-a', phase('arrived'), acme],
    ['bastion/0 is free: gateway-a had it', { ...acme, unit: 'bastion/0', fence: 6 }, free],
    ['acme is waiting: no address yet', acme, { ...acme, state: 'waiting', why: 'no address yet' }],
    ['acme: gateway-a → gateway-a (fence 4)', acme, { ...acme, fence: 4 }],
  ])('%s', (line, before, after) => {
    expect(changesBetween(fleet({ units: [before] }), fleet({ units: [after] }))).toEqual([line])
  })
})

test('the JSON has the verdict, and instants as RFC 3339', () => {
  expect(fleetJson(fleet({ replicas: [] }))).toEqual({
    at: '2026-01-01T12:00:00.000Z',
    well: false,
    sentence: 'No gateway runs: no events come in.',
    replicas: [],
    units: [
      {
        unit: 'acme',
        platform: 'slack',
        state: 'connected',
        owner: 'gateway-a',
        fence: 3,
        onTrial: false,
        since: '2026-01-01T11:58:55.000Z',
      },
    ],
    resting: [],
  })
})

test.each([
  [0, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [7_500_000, '2 h 5 min'],
  [86_400_000 + 5_000, '1 d'],
])('%d ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text)
})
