import { describe, expect, test } from 'vitest'
import type { DiaryLine } from '../src/diary.ts'
import { type Evidence, judge } from '../src/judge.ts'
import type { SentEvent } from '../src/sent-event.ts'

const AT = 1_000_000

function message(key: string, n: number, differs: Partial<SentEvent> = {}): SentEvent {
  const fixed = { connection: 'slack', conversation: 'C1', expectsAnswer: true, once: 'missed' as const }
  return { key, n, at: AT + n, ...fixed, ...differs }
}

const start = (key: string, pid = 1, delivery = 'live'): DiaryLine => ({
  what: 'begin',
  key,
  pid,
  at: AT,
  delivery,
})
const end = (key: string, pid = 1, at = AT): DiaryLine => ({ what: 'end', key, pid, at })
const gap = (fromAt: number, toAt: number, connection = 'slack'): DiaryLine => ({
  what: 'gap',
  connection,
  fromAt,
  toAt,
  pid: 1,
  at: AT,
})
const ran = (key: string, pid = 1): DiaryLine[] => [start(key, pid), end(key, pid)]

function verdict(evidence: Partial<Evidence> & { sent: readonly SentEvent[] }) {
  const answers = new Map(evidence.sent.map(({ key }) => [key, 1]))
  return judge({ diary: [], cutOffs: [], turns: [], answers, killedAt: new Map(), ...evidence })
}

const two = [message('a', 1), message('b', 2)]

describe('the judge', () => {
  test('finds nothing where each message was handled in order and answered once', () => {
    expect(verdict({ sent: two, diary: [...ran('a'), ...ran('b')] })).toEqual({
      ...{ sent: 2, handled: 2, answered: 2, lost: 0, repeated: 0, reordered: 0 },
      ...{ announcedGaps: 0, backfilled: 0, notRecoverable: 0, unfilled: 0, findings: [] },
    })
  })

  test('finds an event that no handler ended', () => {
    const result = verdict({ sent: two, diary: [...ran('a'), start('b')], answers: new Map([['a', 1]]) })
    expect(result).toMatchObject({ handled: 1, lost: 1, findings: ['lost: b of C1'] })
  })

  test('finds a message that was handled but never answered', () => {
    const result = verdict({ sent: two, diary: [...ran('a'), ...ran('b')], answers: new Map([['a', 1]]) })
    expect(result).toMatchObject({ handled: 2, answered: 1, lost: 1 })
  })

  test('finds a message that was answered twice', () => {
    const answers = new Map([
      ['a', 2],
      ['b', 1],
    ])
    expect(verdict({ sent: two, diary: [...ran('a'), ...ran('b')], answers })).toMatchObject({ repeated: 1 })
  })

  test('finds an answer to what nobody asked', () => {
    const answers = new Map([['never sent', 1]])
    expect(verdict({ sent: [], answers })).toMatchObject({ repeated: 1 })
  })

  test('finds an event that two workers completed', () => {
    const diary = [...ran('a', 1), ...ran('a', 2), ...ran('b')]
    expect(verdict({ sent: two, diary })).toMatchObject({ lost: 0, repeated: 1 })
  })
})

describe('a killed worker', () => {
  test('whose event another one ran again repeated nothing', () => {
    const diary = [start('a', 1), ...ran('a', 2), ...ran('b', 2)]
    const killedAt = new Map([[1, AT + 5]])
    expect(verdict({ sent: two, diary, killedAt })).toMatchObject({ lost: 0, repeated: 0, reordered: 0 })
  })

  test('may have ended a handler without living to report it', () => {
    const diary = [...ran('a', 1), ...ran('a', 2)]
    const killedAt = new Map([[1, AT + 5]])
    expect(verdict({ sent: [message('a', 1)], diary, killedAt })).toMatchObject({ repeated: 0 })
  })

  test('is no excuse for running again what it had ended long before', () => {
    const diary = [...ran('a', 1), ...ran('a', 2)]
    const killedAt = new Map([[1, AT + 5_000]])
    expect(verdict({ sent: [message('a', 1)], diary, killedAt })).toMatchObject({ repeated: 1 })
  })

  test('is no excuse for a second answer', () => {
    const diary = [start('a', 1), ...ran('a', 2)]
    const evidence = { killedAt: new Map([[1, AT + 5]]), answers: new Map([['a', 2]]) }
    expect(verdict({ sent: [message('a', 1)], diary, ...evidence })).toMatchObject({ repeated: 1 })
  })
})

describe('a worker that is cut off from the queue', () => {
  const diary = [...ran('a', 1), ...ran('a', 2)]
  const sent = [message('a', 1)]

  test('may have ended a handler that another one runs again', () => {
    const unheard = [{ pid: 1, fromAt: AT, toAt: AT + 9 }]
    expect(verdict({ sent, diary, unheard })).toMatchObject({ repeated: 0 })
  })

  test.each([
    ['long before', { pid: 1, fromAt: AT + 5_000, toAt: AT + 9_000 }],
    ['after', { pid: 1, fromAt: AT - 9_000, toAt: AT - 1 }],
    ['in another process', { pid: 3, fromAt: AT, toAt: AT + 9 }],
  ])('is no excuse for what was ended %s', (_when, span) => {
    expect(verdict({ sent, diary, unheard: [span] })).toMatchObject({ repeated: 1 })
  })
})

describe('order', () => {
  test('is broken by a later event that ran first', () => {
    expect(verdict({ sent: two, diary: [...ran('b'), ...ran('a')] })).toMatchObject({ reordered: 1 })
  })

  test('is broken by a later event that began before the earlier had ended', () => {
    const diary = [start('a'), start('b'), end('a'), end('b')]
    expect(verdict({ sent: two, diary })).toMatchObject({ reordered: 1, lost: 0 })
  })

  test('is broken by a later event that began while the earlier waited for its second run', () => {
    const diary = [start('a', 1), ...ran('b', 2), ...ran('a', 2)]
    expect(verdict({ sent: two, diary }).reordered).toBeGreaterThan(0)
  })

  test('is broken by an event that began again after a later one', () => {
    const diary = [...ran('a', 1), ...ran('b', 2), ...ran('a', 2)]
    expect(verdict({ sent: two, diary })).toMatchObject({ reordered: 1 })
  })

  test('counts within a conversation only', () => {
    const sent = [message('a', 1), message('b', 2, { conversation: 'C2' })]
    expect(verdict({ sent, diary: [...ran('b'), ...ran('a')] })).toMatchObject({ reordered: 0 })
  })

  test('does not count for what was filled in from history', () => {
    const diary = [...ran('b'), start('a', 1, 'backfill'), end('a')]
    expect(verdict({ sent: two, diary })).toMatchObject({ reordered: 0, backfilled: 1 })
  })

  test('counts for what was filled in, among itself', () => {
    const filled = (key: string) => [start(key, 1, 'backfill'), end(key)]
    const sent = [message('a', 1), message('b', 2), message('c', 3)]
    const well = [...filled('a'), ...ran('c'), ...filled('b')]
    expect(verdict({ sent, diary: well })).toMatchObject({ reordered: 0, backfilled: 2, handled: 3 })
    const spoiled = [...filled('b'), ...ran('c'), ...filled('a')]
    expect(verdict({ sent, diary: spoiled })).toMatchObject({ reordered: 1, backfilled: 2 })
  })
})

describe('an announced gap', () => {
  const missed = [message('a', 10)]

  test('excuses an event of its connection at an instant that it covers', () => {
    const result = verdict({ sent: missed, diary: [gap(AT + 10, AT + 20)], answers: new Map() })
    expect(result).toMatchObject({ lost: 0, announcedGaps: 1, unfilled: 1 })
  })

  test.each([
    ['an instant before it', message('a', 9), gap(AT + 10, AT + 20)],
    ['an instant after it', message('a', 21), gap(AT + 10, AT + 20)],
    ['another connection', message('a', 10), gap(AT + 10, AT + 20, 'other')],
    ['an event that reached somebody', message('a', 10, { once: 'written' }), gap(AT + 10, AT + 20)],
  ])('does not excuse %s', (_name, event, line) => {
    expect(verdict({ sent: [event], diary: [line], answers: new Map() })).toMatchObject({
      lost: 1,
      unfilled: 0,
    })
  })

  test('excuses what was under way to a socket that was cut off', () => {
    const sent = [message('a', 10, { once: 'written' })]
    const evidence = { sent, diary: [gap(AT, AT + 20)], answers: new Map() }
    const cutOffs = [{ connection: 'slack', at: AT + 30 }]
    expect(verdict({ ...evidence, cutOffs })).toMatchObject({ lost: 0, unfilled: 1 })
    const later = [{ connection: 'slack', at: AT + 5_000 }]
    expect(verdict({ ...evidence, cutOffs: later })).toMatchObject({ lost: 1, unfilled: 0 })
  })

  test('excuses what a Discord session kept only where it ended before it could say it', () => {
    const sent = [message('a', 10, { once: 'kept' })]
    const evidence = { sent, diary: [gap(AT, AT + 20)], answers: new Map() }
    const turns = [{ connection: 'slack', n: 11, lostCount: 1 }]
    expect(verdict({ ...evidence, turns })).toMatchObject({ lost: 0, unfilled: 1 })
    expect(verdict({ ...evidence, turns, diary: [] })).toMatchObject({ lost: 1, unfilled: 0 })
    expect(verdict(evidence)).toMatchObject({ lost: 1, unfilled: 0 })
  })

  test('excuses nothing that was handled all the same', () => {
    const diary = [gap(AT + 10, AT + 20), ...ran('a')]
    expect(verdict({ sent: missed, diary })).toMatchObject({ handled: 1, unfilled: 0 })
  })

  test('that is to be filled in excuses no message, but what no history holds', () => {
    const diary = [{ ...gap(AT + 10, AT + 20), fills: true }]
    const reaction = message('r', 11, { unrecorded: true })
    const empty = { sent: [...missed, reaction], diary, answers: new Map() }
    expect(verdict(empty)).toMatchObject({ lost: 1, unfilled: 0, notRecoverable: 1, backfilled: 0 })
    const filled = [...diary, start('a', 1, 'backfill'), end('a')]
    const whole = verdict({ ...empty, diary: filled, answers: new Map([['a', 1]]) })
    expect(whole).toMatchObject({ lost: 0, unfilled: 0, notRecoverable: 1, backfilled: 1, handled: 1 })
  })

  test('that is not filled in any more excuses what the first one did not', () => {
    const diary = [{ ...gap(AT + 5, AT + 25), fills: true }, gap(AT + 10, AT + 20)]
    const sent = [...missed, message('b', 24)]
    expect(verdict({ sent, diary, answers: new Map() })).toMatchObject({ lost: 1, unfilled: 1 })
  })

  test('of which nothing was filled in is another, though it has the same instants', () => {
    const diary = [{ ...gap(AT + 10, AT + 20), fills: true }, gap(AT + 10, AT + 20)]
    expect(verdict({ sent: missed, diary, answers: new Map() })).toMatchObject({
      ...{ lost: 0, unfilled: 1, announcedGaps: 2 },
    })
  })

  test('does not let what was filled in be handled twice', () => {
    const diary = [gap(AT, AT + 20), start('a', 1, 'backfill'), end('a'), start('a', 2, 'live'), end('a', 2)]
    expect(verdict({ sent: missed, diary })).toMatchObject({ backfilled: 1, repeated: 1 })
  })

  test('counts once, however often it is told', () => {
    const diary = [gap(AT, AT + 1), gap(AT, AT + 1), gap(AT + 5, AT + 6)]
    expect(verdict({ sent: [], diary })).toMatchObject({ announcedGaps: 2 })
  })
})
