import { ManualClock } from '@holdfast/runtime'
import { beforeEach, describe, expect, it } from 'vitest'
import { Outage } from '../src/redis/outage.ts'

describe('an outage of Redis', () => {
  let clock: ManualClock
  let told: string[]
  let outage: Outage
  beforeEach(() => {
    clock = new ManualClock()
    told = []
    outage = new Outage({
      place: 'redis:6379',
      clock,
      tell: (code, message) => told.push(`${code}: ${message}`),
    })
  })

  const refusal = new Error('NOPERM this user has no permissions')
  const lost = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:6379'), { syscall: 'connect' })

  it('is told once when it begins and once when it is over, whatever is tried meanwhile', () => {
    outage.error(lost)
    for (let attempt = 0; attempt < 100; attempt += 1) {
      outage.begins()
      outage.error(lost)
      outage.error(new Error('Connection is closed.'))
    }
    clock.advance(12_000)
    outage.ends()
    outage.ends()
    expect(told).toEqual([
      'redis-away: Redis at redis:6379 is away. Running jobs go on; what becomes of them waits for it.',
      'redis-back: Redis at redis:6379 is back after 12 s. Locks are taken again, and jobs are taken.',
    ])
  })

  it('is not the refusal of a Redis that is there, which is told once until a minute has passed without it', () => {
    for (let second = 0; second < 300; second += 1) {
      outage.error(refusal)
      clock.advance(1_000)
    }
    expect(told).toEqual([`connection: ${refusal.message}`])
    clock.advance(60_000)
    outage.error(refusal)
    expect(told).toHaveLength(2)
  })

  it('is none when the connection was closed on purpose', () => {
    outage.stop()
    outage.begins()
    outage.error(refusal)
    expect(told).toEqual([])
  })
})
