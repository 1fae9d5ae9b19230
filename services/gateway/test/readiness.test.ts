import { describe, expect, test } from 'vitest'
import type { ConnectionStatus } from '../src/ports.ts'
import { type GatewayFacts, judgeReadiness } from '../src/readiness.ts'

const shard = (state: ConnectionStatus['state'], why?: string): ConnectionStatus => ({
  connection: 'bastion',
  platform: 'discord',
  transport: 'gateway',
  shard: 0,
  state,
  ...(why === undefined ? {} : { why }),
  sinceAt: 0,
})

const fine: GatewayFacts = {
  phase: 'running',
  redisAway: undefined,
  overBound: false,
  journalFailing: undefined,
  ownership: { name: 'ownership', status: 'ok' },
  units: [shard('connected')],
}

describe('a gateway', () => {
  test('is ready when it runs, Redis answers and every unit is connected', () => {
    expect(judgeReadiness(fine)).toEqual({
      status: 'ready',
      checks: [
        { name: 'redis', status: 'ok' },
        { name: 'queue', status: 'ok' },
        { name: 'ownership', status: 'ok' },
        { name: 'bastion/0', status: 'ok' },
      ],
    })
  })

  test('is ready while one of the sockets of a connection serves', () => {
    const some: ConnectionStatus = {
      connection: 'acme',
      platform: 'slack',
      transport: 'socket-mode',
      state: 'connected',
      why: '1 of 2 sockets: the socket closed: 1006',
      sockets: { open: 1, wanted: 2 },
      sinceAt: 0,
    }
    expect(judgeReadiness({ ...fine, units: [some] })).toMatchObject({ status: 'ready' })
  })

  test.each<[why: string, facts: Partial<GatewayFacts>, check: string]>([
    ['while it starts', { phase: 'starting' }, 'gateway'],
    ['while it stops', { phase: 'stopping' }, 'gateway'],
    ['while Redis is away', { redisAway: 'Redis does not answer' }, 'redis'],
    ['over its bound', { overBound: true }, 'queue'],
    [
      'on trial',
      { ownership: { name: 'ownership', status: 'failed', why: 'on trial: bastion/0' } },
      'ownership',
    ],
    ['while a unit connects', { units: [shard('connecting')] }, 'bastion/0'],
    ['while a unit waits', { units: [shard('waiting', 'for a permit')] }, 'bastion/0'],
    ['with a unit that was stopped', { units: [shard('stopped')] }, 'bastion/0'],
  ])('is not ready %s, and says which check failed and why', (_, facts, check) => {
    const { status, checks } = judgeReadiness({ ...fine, ...facts })
    expect(status).toBe('unready')
    const failed = checks.filter((each) => each.status === 'failed')
    expect(failed.map(({ name }) => name)).toEqual([check])
    expect(failed[0]?.why).toBeTruthy()
  })

  test.each<[why: string, facts: Partial<GatewayFacts>, check: object]>([
    [
      'a connection that the platform refused for good',
      { units: [shard('connected'), { ...shard('fatal', 'the token was revoked'), shard: 1 }] },
      { name: 'bastion/1', status: 'degraded', why: 'the token was revoked' },
    ],
    [
      'a journal that can not be written',
      { journalFailing: 'ENOSPC: no space left on device' },
      { name: 'journal', status: 'degraded', why: expect.stringContaining('ENOSPC') },
    ],
  ])('is degraded, and blocks no rollout, with %s', (_, facts, check) => {
    const { status, checks } = judgeReadiness({ ...fine, ...facts })
    expect(status).toBe('degraded')
    expect(checks).toContainEqual(check)
  })
})
