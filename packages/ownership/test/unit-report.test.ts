import { describe, expect, test } from 'vitest'
import { decodeUnits, encodeUnits, UNIT_BOUND, type UnitReport } from '../src/index.ts'

const acme: UnitReport = { unit: 'acme', platform: 'slack', state: 'connected', sinceAt: 1_000 }
const shard: UnitReport = {
  unit: 'bastion/0',
  platform: 'discord',
  state: 'waiting',
  sinceAt: 2_000,
  why: 'waits for a permit to identify',
  sequence: { received: 7, confirmed: 5 },
}

describe('the units in the fields of a member', () => {
  test('come back as they were, those not connected first', () => {
    expect(decodeUnits(encodeUnits([acme, shard]))).toEqual({
      counts: { connected: 1, waiting: 1 },
      units: [shard, acme],
    })
  })

  test('are all counted, and told up to the bound, those not connected among them', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => ({ ...acme, unit: `bastion/${index}` }))
    const reports = decodeUnits(encodeUnits([...many, shard]))
    expect(reports?.counts).toEqual({ connected: 1_000, waiting: 1 })
    expect(reports?.units).toHaveLength(UNIT_BOUND)
    expect(reports?.units[0]).toEqual(shard)
  })

  test('keep a heartbeat small, whatever a platform had to say', () => {
    const talkative = Array.from({ length: 1_000 }, () => ({ ...shard, why: 'x'.repeat(10_000) }))
    expect(JSON.stringify(encodeUnits(talkative)).length).toBeLessThan(100_000)
  })

  test.each([[{}], [{ units: '' }], [{ units: '{"unit":"acme"}' }], [{ units: '[' }]])(
    'are not known of a member that tells %j',
    (fields) => {
      expect(decodeUnits(fields as Record<string, string>)).toBeUndefined()
    },
  )

  test('are read as far as they can be; what a newer version adds is ignored', () => {
    const units = [
      null,
      3,
      { unit: 3 },
      {
        unit: 'bastion/0',
        state: 'hibernating',
        sinceAt: 1e300,
        why: 3,
        sequence: { received: -1 },
        mood: 'good',
      },
    ]
    const fields = { units: JSON.stringify(units), unitCounts: '{"hibernating":1,"odd":"3"}' }
    expect(decodeUnits(fields)).toEqual({
      counts: { hibernating: 1 },
      units: [{ unit: 'bastion/0', platform: 'unknown', state: 'hibernating', sinceAt: 0 }],
    })
  })
})
