import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkCommand } from '../src/index.ts'

const members = (d: object) => checkCommand({ op: 8, d: { guild_id: '7', ...d } })
const nonceOf = (bytes: number) => '🦦'.repeat(bytes / 4)

describe('a command for the socket', () => {
  it.each([
    [3, { since: null, activities: [], status: 'dnd', afk: false }, 'presence'],
    [4, { guild_id: '7', channel_id: null, self_mute: true, self_deaf: false }, 'other'],
    [8, { guild_id: '7', user_ids: ['1'] }, 'other'],
    [31, { guild_ids: ['7'] }, 'other'],
    [43, { guild_id: '7', fields: ['status'] }, 'other'],
  ])('of op %i is sent as it is', (op, d, kind) => {
    expect(checkCommand({ op, d })).toMatchObject({ kind, text: JSON.stringify({ op, d }) })
  })

  it.each([0, 1, 2, 6, 7, 9, 10, 11, 99, '3', undefined])('of op %j is refused', (op) => {
    expect(checkCommand({ op, d: {} })).toMatchObject({ kind: 'refused' })
  })

  it.each([undefined, null, 7, [], { op: 3 }, { op: 3, d: null }])('%j is refused', (command) => {
    expect(checkCommand(command).kind).toBe('refused')
  })

  it('is refused from the 4,097th byte on, counted in UTF-8', () => {
    const command = (guild_id: string) => ({ op: 4, d: { guild_id } })
    const empty = JSON.stringify(command('')).length
    const fitting = `${'🦦'.repeat(100)}${'x'.repeat(4_096 - empty - 400)}`
    expect(checkCommand(command(fitting)).kind).toBe('other')
    expect(checkCommand(command(`${fitting}x`))).toEqual({
      kind: 'refused',
      why: 'op 4 has 4097 bytes, Discord takes 4096',
    })
  })
})

describe('a presence (op 3)', () => {
  const presence = { since: null, activities: [{ name: 'reef', type: 0 }], status: 'idle', afk: false }

  it('is handed out as data, for the next identify', () => {
    expect(checkCommand({ op: 3, d: presence })).toMatchObject({ kind: 'presence', presence })
  })

  it.each([
    ['of an unknown status', { ...presence, status: 'away' }],
    ['without activities', { status: 'idle' }],
    ['with an activity without a name', { ...presence, activities: [{}] }],
  ])('%s is refused', (_, d) => {
    expect(checkCommand({ op: 3, d }).kind).toBe('refused')
  })
})

describe('a request for members (op 8)', () => {
  it('of a whole guild is known as one, since it may be made once in 30 s', () => {
    expect(members({ query: '', limit: 0 })).toMatchObject({ kind: 'allMembers', guildId: '7' })
    expect(members({ query: '', limit: 1 }).kind).toBe('other')
    expect(members({ query: 'ot', limit: 0 }).kind).toBe('other')
  })

  it.each([
    ['a nonce of 33 bytes or more', { user_ids: ['1'], nonce: `${nonceOf(32)}x` }, /32 bytes/],
    ['a nonce that is no text', { user_ids: ['1'], nonce: 7 }, /nonce/],
    ['101 user_ids', { user_ids: Array.from({ length: 101 }, String) }, /101 user_ids/],
    ['neither query nor user_ids', {}, /either query or user_ids/],
    ['both query and user_ids', { query: '', limit: 0, user_ids: ['1'] }, /either/],
    ['a query without a limit', { query: '' }, /limit/],
    ['a guild_id that is no text', { guild_id: 7, user_ids: ['1'] }, /guild_id/],
  ])('with %s is refused', (_, d, why) => {
    expect(members(d)).toMatchObject({ kind: 'refused', why: expect.stringMatching(why) })
  })

  it.each([
    ['a nonce of 32 bytes', { user_ids: ['1'], nonce: nonceOf(32) }],
    ['100 user_ids', { user_ids: Array.from({ length: 100 }, String) }],
  ])('with %s is taken', (_, d) => {
    expect(members(d).kind).toBe('other')
  })
})

it('whatever is given, a check ends with an answer that can be sent', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.record({ op: fc.nat(50), d: fc.jsonValue() })), (command) => {
      const checked = checkCommand(command)
      if (checked.kind !== 'refused') expect(JSON.parse(checked.text)).toHaveProperty('op')
    }),
  )
})
