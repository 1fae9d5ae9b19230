import { describe, expect, test } from 'vitest'
import { standingOf } from '../src/fleet-standing.ts'
import type { Lease, MemberSeen, Picture } from '../src/lease.ts'
import { encodeUnits } from '../src/unit-report.ts'

const a = { replica: 'gateway-a', run: 'a1' }
const b = { replica: 'gateway-b', run: 'b1' }

function member(facts: Partial<MemberSeen> = {}): MemberSeen {
  return {
    ...a,
    deploy: 'v1',
    draining: false,
    trial: 'passed',
    serves: ['acme', 'bastion'],
    fields: {},
    beat: 1,
    ...facts,
  }
}
const lease = (facts: Partial<Lease> = {}): Lease => ({
  unit: 'acme',
  holder: a,
  fence: 3,
  sinceAt: 500,
  onTrial: false,
  ...facts,
})
const picture = (facts: Partial<Picture> = {}): Picture => ({
  at: 1_000,
  members: [member()],
  leases: [],
  deploys: [],
  ...facts,
})
const telling = (...units: Parameters<typeof encodeUnits>[0]) => encodeUnits(units)
const report = { unit: 'acme', platform: 'slack', state: 'connected', sinceAt: 600 }

describe('how replicas stand', () => {
  test.each<[state: string, facts: Partial<MemberSeen>]>([
    ['standing', {}],
    ['on trial', { trial: 'open' }],
    ['failed', { trial: 'failed' }],
    ['draining', { draining: true, trial: 'open' }],
  ])('%s', (state, facts) => {
    const [replica] = standingOf(picture({ members: [member(facts)] })).replicas
    expect(replica).toEqual({ ...a, deploy: 'v1', state, heldCount: 0 })
  })

  test('with what they tell of themselves, and what this life of theirs holds', () => {
    const fields = {
      version: '0.1.0',
      startedAt: '2026-01-01T00:00:00.000Z',
      trialWhy: 'acme: token refused',
    }
    const leases = [lease(), lease({ unit: 'bastion/0', holder: { ...a, run: 'a0' } })]
    const { replicas } = standingOf(picture({ members: [member({ trial: 'failed', fields })], leases }))
    expect(replicas).toEqual([
      {
        ...a,
        deploy: 'v1',
        state: 'failed',
        why: 'acme: token refused',
        version: '0.1.0',
        startedAt: Date.parse(fields.startedAt),
        heldCount: 1,
      },
    ])
  })
})

describe('how units stand', () => {
  test('as their owner tells of them, with who comes next', () => {
    const sequence = { received: 9, confirmed: 8 }
    const members = [member({ fields: telling({ ...report, sequence }) }), member(b)]
    const leases = [lease({ successor: { ...b, phase: 'arrived' } })]
    expect(standingOf(picture({ members, leases })).units).toEqual([
      {
        unit: 'acme',
        platform: 'slack',
        state: 'connected',
        stateSinceAt: 600,
        sequence: { received: 9, confirmed: 8 },
        owner: 'gateway-a',
        fence: 3,
        sinceAt: 500,
        onTrial: false,
        handover: { to: 'gateway-b', phase: 'arrived' },
      },
    ])
  })

  test('free, where nobody holds them', () => {
    const { holder: _, ...free } = lease({ onTrial: true })
    const [unit] = standingOf(picture({ leases: [free] })).units
    expect(unit).toEqual({ unit: 'acme', state: 'free', fence: 3, sinceAt: 500, onTrial: false })
  })

  test('silent, where their owner is not heard of; untold, where it does not tell of them', () => {
    const leases = [lease(), lease({ unit: 'bastion/0', holder: b })]
    const { units } = standingOf(picture({ members: [member({ fields: telling() })], leases }))
    expect(units.map(({ state, owner }) => [state, owner])).toEqual([
      ['untold', 'gateway-a'],
      ['silent', 'gateway-b'],
    ])
  })

  test('not at all, where no live replica has their connection any more', () => {
    const { holder: _, ...free } = lease({ unit: 'gone/1' })
    expect(standingOf(picture({ leases: [free] })).units).toEqual([])
    expect(standingOf(picture({ members: [], leases: [free] })).units).toHaveLength(1)
  })

  test('without a lease, as a gateway of an older version serves them', () => {
    const fields = { ...telling({ ...report, state: 'waiting', why: 'no address yet' }), version: '0.0.9' }
    const { replicas, units } = standingOf(picture({ members: [member(b)] }), [
      { id: 'gateway-0', fields },
      { id: 'gateway-b', fields: {} },
    ])
    expect(replicas).toMatchObject([
      { replica: 'gateway-0', version: '0.0.9', state: 'standing', heldCount: 1 },
      { replica: 'gateway-b' },
    ])
    expect(units).toEqual([
      {
        unit: 'acme',
        platform: 'slack',
        state: 'waiting',
        stateSinceAt: 600,
        why: 'no address yet',
        owner: 'gateway-0',
        sinceAt: 600,
        onTrial: false,
      },
    ])
  })

  test('sorted by name, shards by their number', () => {
    const leases = ['bastion/10', 'bastion/9', 'acme'].map((unit) => lease({ unit }))
    expect(standingOf(picture({ leases })).units.map(({ unit }) => unit)).toEqual([
      'acme',
      'bastion/9',
      'bastion/10',
    ])
  })
})

test('only deploys that rest still are told of', () => {
  const deploys = [
    { id: 'v2', sinceAt: 1, strikeCount: 2, restUntilAt: 1_001 },
    { id: 'v1', sinceAt: 0, strikeCount: 1, restUntilAt: 1_000 },
  ]
  expect(standingOf(picture({ deploys })).resting).toEqual([{ deploy: 'v2', strikeCount: 2, untilAt: 1_001 }])
})
