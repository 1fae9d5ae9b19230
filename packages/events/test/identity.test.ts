import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Facts, ID_PATTERN, identify } from '../src/identity.ts'

const HOUR_MS = 3_600_000

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.stringMatching(/^[A-Z0-9]{1,12}$/),
  fc.stringMatching(/^_[A-Za-z0-9_-]{22}$/),
  fc.constantFrom('~', ':', '', '1', 'a~b', '1772442000.103459'),
)
const maybe = fc.option(text, { nil: undefined })

const facts: { readonly [Kind in keyof Facts]: fc.Arbitrary<Facts[Kind]> } = {
  'slack-posted': fc.record({
    type: fc.constantFrom('message', 'app_mention'),
    team: maybe,
    channel: text,
    ts: text,
    via: fc.constantFrom('rtm', 'events-api', 'history'),
  }),
  'slack-event': fc.record({ eventId: maybe, text }),
  'slack-interactive': fc.record({ type: text, marks: fc.array(fc.oneof(text, fc.array(text))) }),
  'slack-command': fc.record({ marks: fc.array(text) }),
  'slack-envelope': fc.record({ type: text, text }),
  'slack-rtm': fc.record({
    type: text,
    subtype: maybe,
    team: text,
    channel: maybe,
    item: maybe,
    ts: maybe,
    eventTs: maybe,
    user: maybe,
    reaction: maybe,
  }),
  'slack-ephemeral': fc.record({ nonce: text }),
  'discord-message': fc.record({ id: text }),
  'discord-interaction': fc.record({ id: text }),
  'discord-dispatch': fc.record({ sessionId: text, sequence: fc.nat() }),
  gap: fc.record({
    connection: text,
    shard: fc.option(fc.nat(), { nil: undefined }),
    from: fc.nat(),
    to: fc.nat(),
    left: fc.boolean(),
  }),
}

const kinds = Object.keys(facts) as (keyof Facts)[]

describe.each(kinds)('the identity of a %s fact', (kind) => {
  const fact = facts[kind] as fc.Arbitrary<never>

  test('is URL-safe, bounded, no bare number, and has no colon', () => {
    fc.assert(
      fc.property(text, fact, (bot, found) => {
        const { id } = identify('slack', bot, kind, found)
        expect(id).toMatch(/^[A-Za-z0-9._~-]+$/)
        expect(id).toMatch(ID_PATTERN)
        expect(id).not.toMatch(/^\d+$/)
        expect(id.length).toBeLessThanOrEqual(480)
        expect(encodeURIComponent(id)).toBe(id)
      }),
    )
  })

  test('is the same each time', () => {
    fc.assert(
      fc.property(text, fact, (bot, found) => {
        expect(identify('slack', bot, kind, structuredClone(found))).toEqual(
          identify('slack', bot, kind, found),
        )
      }),
    )
  })

  test('differs for another bot and another platform', () => {
    fc.assert(
      fc.property(text, text, fact, (bot, other, found) => {
        fc.pre(bot !== other)
        const { id } = identify('slack', bot, kind, found)
        expect(identify('slack', other, kind, found).id).not.toBe(id)
        expect(identify('discord', bot, kind, found).id).not.toBe(id)
      }),
    )
  })
})

test('two RTM facts that differ in anything have two ids', () => {
  const fact = facts['slack-rtm']
  fc.assert(
    fc.property(fact, fact, (one, other) => {
      const same = JSON.stringify(withoutEmpty(one)) === JSON.stringify(withoutEmpty(other))
      const [a, b] = [one, other].map((found) => identify('slack', 'A1', 'slack-rtm', found).id)
      expect(a === b).toBe(same)
    }),
    { numRuns: 1_000 },
  )
})

test('changing any one part of an RTM fact changes its id', () => {
  const parts = ['type', 'subtype', 'team', 'channel', 'item', 'ts', 'eventTs', 'user', 'reaction'] as const
  fc.assert(
    fc.property(facts['slack-rtm'], fc.constantFrom(...parts), text, (fact, part, changed) => {
      fc.pre((fact[part] ?? '') !== changed)
      const other = { ...fact, [part]: changed }
      expect(identify('slack', 'A1', 'slack-rtm', other).id).not.toBe(
        identify('slack', 'A1', 'slack-rtm', fact).id,
      )
    }),
  )
})

test('text that looks like a hash can not pose as one', () => {
  const [, , , , hash = ''] = identify('slack', 'A1', 'slack-posted', post({ ts: 'a:b' }))
    .id.split('~')
    .slice(1)
  expect(hash).toMatch(/^_/)
  expect(identify('slack', 'A1', 'slack-posted', post({ ts: hash })).id).not.toBe(
    identify('slack', 'A1', 'slack-posted', post({ ts: 'a:b' })).id,
  )
})

/** Gateways of two versions run side by side: these ids are a contract, not an implementation detail. */
describe('the table', () => {
  test.each([
    ['a message posted', 'slack-posted', post({}), 1, 'slack~A1~message~T1~C1~1772442000.103459'],
    [
      'a message posted, by the Events API',
      'slack-posted',
      post({ via: 'events-api' }),
      26,
      'slack~A1~message~T1~C1~1772442000.103459',
    ],
    [
      'a message posted, from history',
      'slack-posted',
      post({ via: 'history' }),
      26,
      'slack~A1~message~T1~C1~1772442000.103459',
    ],
    [
      'a mention',
      'slack-posted',
      post({ type: 'app_mention', via: 'events-api' }),
      26,
      'slack~A1~app_mention~T1~C1~1772442000.103459',
    ],
    ['another Events API event', 'slack-event', { eventId: 'Ev1', text: '' }, 26, 'slack~A1~event~Ev1'],
    [
      'an Events API payload without an event id',
      'slack-event',
      { eventId: undefined, text: '{}' },
      26,
      'slack~A1~event~_RBNvo1WzZ4oRRq0W9-hknp',
    ],
    [
      'an interactive payload',
      'slack-interactive',
      { type: 'block_actions', marks: ['1.2', '3.4'] },
      1,
      'slack~A1~interactive~block_actions~_Uoe2EJGgrt1QD06rPPAdhF',
    ],
    ['a slash command', 'slack-command', { marks: ['1.2'] }, 1, 'slack~A1~command~_5R89a9fizSCDMA9OX9HoFo'],
    [
      'a stamped RTM frame',
      'slack-rtm',
      {
        type: 'reaction_added',
        subtype: undefined,
        team: 'T1',
        channel: 'C1',
        item: '1.2',
        ts: undefined,
        eventTs: '3.4',
        user: 'U1',
        reaction: 'ocean',
      },
      1,
      'slack~A1~rtm~reaction_added~~T1~C1~1.2~~3.4~U1~ocean',
    ],
    ['a frame without a stamp', 'slack-ephemeral', { nonce: 'n-1' }, 1, 'slack~A1~ephemeral~n-1'],
    ['a Discord message', 'discord-message', { id: '99' }, 1, 'discord~A1~message~99'],
    ['a Discord interaction', 'discord-interaction', { id: '99' }, 1, 'discord~A1~interaction~99'],
    [
      'another Discord dispatch',
      'discord-dispatch',
      { sessionId: 'secret', sequence: 7 },
      1,
      'discord~A1~dispatch~_K7gNU3sdo-OL0wNhqoVWhr~7',
    ],
    [
      'a gap',
      'gap',
      { connection: 'kelp', shard: 2, from: 10, to: 20, left: false },
      26,
      'slack~A1~gap~kelp~2~10~20',
    ],
  ] as const)('%s', (_, kind, fact, hours, id) => {
    const platform = kind.startsWith('discord') ? 'discord' : 'slack'
    expect(identify(platform, 'A1', kind, fact as never)).toEqual({ id, dedupeWindowMs: hours * HOUR_MS })
  })
})

function post(changes: Partial<Facts['slack-posted']>): Facts['slack-posted'] {
  return { type: 'message', team: 'T1', channel: 'C1', ts: '1772442000.103459', via: 'rtm', ...changes }
}

/** Absent and empty say the same. */
function withoutEmpty(fact: object): object {
  return Object.fromEntries(
    Object.entries(fact)
      .filter(([, part]) => part !== undefined && part !== '')
      .sort(),
  )
}
