import { describe, expect, test } from 'vitest'
import { decodeEvent, type Gap, gapEvent } from '../src/index.ts'

const gap: Gap = {
  platform: 'slack',
  connection: 'kelp-rtm',
  bot: 'A06HOLDAPP1',
  workspace: 'T06KELPBED1',
  from: Date.UTC(2026, 2, 2, 9, 0, 0),
  to: Date.UTC(2026, 2, 2, 9, 1, 30, 500),
  why: 'rtm-disconnected',
  receivedAt: Date.UTC(2026, 2, 2, 9, 1, 31),
}

describe('a gap', () => {
  test.each<Pick<Gap, 'platform' | 'connection' | 'shard'>>([
    { platform: 'slack', connection: 'kelp-rtm' },
    { platform: 'discord', connection: 'bastion', shard: 0 },
    { platform: 'holdfast', connection: 'commands' },
    { platform: 'holdfast', connection: 'commands.interactive' },
  ])('of $platform/$connection can be read by whoever takes it', (about) => {
    const { platform, connection } = about
    const decoded = decodeEvent(gapEvent({ ...gap, ...about }).text)
    expect(decoded).toMatchObject({ ok: true, event: { platform, connection } })
  })

  test('is an event that says from when to when, why, and what can be filled in', () => {
    const decoded = decodeEvent(gapEvent(gap).text)
    expect(decoded).toEqual({
      ok: true,
      event: {
        specversion: '1.0',
        id: 'slack~A06HOLDAPP1~gap~kelp-rtm~~1772442000000~1772442090500',
        source: '/slack/kelp-rtm',
        type: 'holdfast.gap',
        time: '2026-03-02T09:00:00.000Z',
        datacontenttype: 'application/json',
        hfversion: 1,
        platform: 'slack',
        connection: 'kelp-rtm',
        workspace: 'T06KELPBED1',
        receivedat: '2026-03-02T09:01:31.000Z',
        delivery: 'live',
        data: {
          connection: 'kelp-rtm',
          from: '2026-03-02T09:00:00.000Z',
          to: '2026-03-02T09:01:30.500Z',
          why: 'rtm-disconnected',
          recoverable: ['messages'],
          notRecoverable: ['edits', 'deletes', 'reactions', 'joins', 'interactions', 'other'],
        },
      },
    })
  })

  test('waits for no conversation', () => {
    expect(gapEvent(gap)).toMatchObject({ interactive: false, delivery: 'live' })
    expect(gapEvent(gap)).not.toHaveProperty('subject')
  })

  test('announced again is the same event, whoever announces it and why', () => {
    expect(gapEvent({ ...gap, receivedAt: gap.receivedAt + 5_000, why: 'rate-limited' }).id).toBe(
      gapEvent(gap).id,
    )
  })

  test('of what was not filled in of another is another event, though of the same time', () => {
    const left = gapEvent({ ...gap, why: 'backfill-incomplete', recoverable: [], conversationCount: 3 })
    expect(left.id).not.toBe(gapEvent(gap).id)
    expect(JSON.parse(left.text).data).toMatchObject({ why: 'backfill-incomplete', conversationCount: 3 })
  })

  test.each([
    ['connection', { connection: 'kelp-two' }],
    ['shard', { shard: 0 }],
    ['beginning', { from: gap.from + 1 }],
    ['end', { to: gap.to + 1 }],
    ['bot', { bot: 'A2' }],
  ])('of another %s is another event', (_, change) => {
    expect(gapEvent({ ...gap, ...change }).id).not.toBe(gapEvent(gap).id)
  })

  test('of a shard names it', () => {
    const event = JSON.parse(gapEvent({ ...gap, platform: 'discord', shard: 3, why: 'session-lost' }).text)
    expect(event).toMatchObject({ source: '/discord/kelp-rtm/3', data: { shard: 3, why: 'session-lost' } })
  })

  test('that history can not fill says so of everything', () => {
    const { data } = JSON.parse(gapEvent({ ...gap, recoverable: [] }).text)
    expect(data.recoverable).toEqual([])
    expect(data.notRecoverable).toContain('messages')
  })
})
