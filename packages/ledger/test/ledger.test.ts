import { describe, expect, test } from 'vitest'
import type { DiaryLine } from '../src/diary.ts'
import { Ledger } from '../src/ledger.ts'
import type { SentEvent } from '../src/sent-event.ts'

const AT = 1_000_000

function message(n: number, differs: Partial<SentEvent> = {}): SentEvent {
  const where = {
    connection: 'slack',
    conversation: 'C1',
    quote: `C1 “hello ${n}”`,
    once: 'written',
  } as const
  return { key: `m${n}`, n, at: AT + n, expectsAnswer: true, ...where, ...differs }
}

const begin = (n: number, delivery = 'live'): DiaryLine => ({
  what: 'begin',
  key: `m${n}`,
  pid: 1,
  at: AT,
  delivery,
})
const end = (n: number): DiaryLine => ({ what: 'end', key: `m${n}`, pid: 1, at: AT })
const gap = (fromAt: number, toAt: number): DiaryLine => {
  return { what: 'gap', connection: 'slack', fromAt, toAt, pid: 1, at: AT }
}

function ledger(...events: readonly SentEvent[]) {
  const kept = new Ledger({ keptCount: 2 })
  for (const event of events) kept.sent(event)
  /** Handled and answered. */
  const run = (n: number) => {
    kept.noted(begin(n))
    kept.answeredQuote(`C1 “hello ${n}”`, AT + n + 5)
    kept.noted(end(n))
  }
  return { kept, run, giveUpAll: () => kept.giveUp(() => true) }
}

describe('the ledger', () => {
  test('counts what waits, and since when', () => {
    const { kept, run } = ledger(message(1), message(2), message(3))
    run(1)
    expect(kept.counts).toMatchObject({
      sent: 3,
      handled: 1,
      answered: 1,
      waiting: 2,
      oldestWaitingAt: AT + 2,
    })
  })

  test('tells the longest answer since it was last asked', () => {
    const { kept, run } = ledger(message(1))
    run(1)
    expect([kept.takeLongestAnswerMs(), kept.takeLongestAnswerMs()]).toEqual([5, 0])
  })

  test('holds what was given up for lost until it is handled after all', () => {
    const { kept, run, giveUpAll } = ledger(message(1), message(2))
    run(1)
    giveUpAll()
    expect(kept.counts).toMatchObject({ lost: 1, waiting: 0 })
    expect(kept.findings).toEqual(['lost: m2 of C1'])
    run(2)
    expect(kept.counts).toMatchObject({ lost: 0, handled: 2 })
  })

  test('keeps up hope while a conversation moves on, but not for what it has passed over', () => {
    const { kept } = ledger(message(1), message(2), message(3), message(4, { conversation: 'C2' }))
    const patience = (nowAt: number) => kept.giveUp((sinceAt) => nowAt - sinceAt >= 60_000)
    kept.noted(begin(2))
    kept.noted({ ...end(2), at: AT + 50_000 })
    patience(AT + 61_000)
    expect(kept.findings).toEqual([
      'lost: m1 of C1',
      'lost: m2 of C1 was handled, but never answered',
      'lost: m4 of C2',
    ])
    patience(AT + 110_000)
    expect(kept.findings).toContain('lost: m3 of C1')
  })

  test('does not let the answer to one event hide that another of the same text was lost', () => {
    const same = { quote: 'C1 “hello”' }
    const { kept, giveUpAll } = ledger(message(1, same), message(2, same))
    kept.noted(begin(2))
    kept.answeredQuote('C1 “hello”', AT + 9)
    kept.noted(end(2))
    giveUpAll()
    expect(kept.findings).toEqual(['lost: m1 of C1'])
    expect(kept.counts).toMatchObject({ lost: 1, answered: 1, answeredAgain: 0 })
  })

  test('counts an answer that comes once too often, also long after', () => {
    const { kept, run } = ledger(message(1), message(2), message(3))
    for (const n of [1, 2, 3]) run(n)
    kept.answeredQuote('C1 “hello 3”', AT + 20)
    kept.answeredQuote('C1 “hello 1”', AT + 20)
    expect(kept.counts).toMatchObject({ answered: 3, answeredAgain: 2 })
  })

  test('counts an event that began before an earlier one had ended', () => {
    const { kept } = ledger(message(1), message(2))
    for (const line of [begin(1), begin(2), end(2), end(1)]) kept.noted(line)
    expect(kept.counts).toMatchObject({ reordered: 1, handled: 2 })
  })

  test('forgets those with which all is well and keeps their count', () => {
    const { kept, run } = ledger(...Array.from({ length: 9 }, (_, index) => message(index + 1)))
    for (let n = 1; n <= 9; n += 1) run(n)
    expect(kept.counts).toMatchObject({ sent: 9, handled: 9, answered: 9, waiting: 0 })
    // Forgotten: a line about it says nothing any more.
    kept.noted(begin(1))
    expect(kept.counts.reordered).toBe(0)
  })
})

describe('a gap', () => {
  test('excuses what nobody was given, and un-loses it', () => {
    const { kept, giveUpAll } = ledger(message(1, { once: 'missed' }), message(2))
    giveUpAll()
    expect(kept.counts.lost).toBe(2)
    kept.noted(gap(AT, AT + 9))
    expect(kept.counts).toMatchObject({ lost: 1, unfilled: 1, announcedGaps: 1, waiting: 0 })
  })

  test('keeps its count when its events are folded away', () => {
    const { kept, giveUpAll } = ledger(message(1, { once: 'missed' }))
    kept.noted(gap(AT, AT + 9))
    kept.fold(AT + 5)
    giveUpAll()
    expect(kept.counts).toMatchObject({ lost: 0, unfilled: 1, waiting: 0 })
  })

  test('is no excuse on a transport that repeats', () => {
    const { once: _, ...repeated } = message(1)
    const { kept, giveUpAll } = ledger(repeated)
    kept.cutOff('slack', AT + 2)
    kept.noted(gap(AT, AT + 9))
    giveUpAll()
    expect(kept.counts).toMatchObject({ lost: 1, unfilled: 0 })
  })

  test('excuses what a socket cut off that ended at once', () => {
    const { kept, giveUpAll } = ledger(message(1))
    kept.cutOff('slack', AT + 2)
    kept.noted(gap(AT, AT + 9))
    giveUpAll()
    expect(kept.counts).toMatchObject({ lost: 0, unfilled: 1 })
  })

  test.each([
    ['before its socket was cut off', [begin(1)], []],
    ['before the gap was announced', [], [begin(1)]],
  ])('is no excuse for what a handler began %s', (_when, before, after) => {
    const { kept, giveUpAll } = ledger(message(1))
    for (const line of before) kept.noted(line)
    kept.cutOff('slack', AT + 2)
    for (const line of after) kept.noted(line)
    kept.noted(gap(AT, AT + 9))
    giveUpAll()
    expect(kept.counts).toMatchObject({ lost: 1, unfilled: 0 })
  })

  test('excuses of what a Discord session kept the last that were lost with it, also when it is told before', () => {
    const once = 'kept'
    const { kept, giveUpAll } = ledger(message(1, { once }), message(2, { once }), message(3, { once }))
    kept.noted(gap(AT, AT + 9))
    giveUpAll()
    expect(kept.counts).toMatchObject({ lost: 3, unfilled: 0 })
    kept.turned('slack', { n: 4, lostCount: 2 })
    expect(kept.counts).toMatchObject({ lost: 1, unfilled: 2 })
  })

  test.each([
    ['was written when the session was resumed', 'slack', { n: 2, lostCount: 0 }],
    ['another connection had kept', 'other', { n: 2, lostCount: 1 }],
    ['was kept after that session ended', 'slack', { n: 1, lostCount: 1 }],
  ])('is no excuse for what %s', (_what, connection, turn) => {
    const { kept, giveUpAll } = ledger(message(1, { once: 'kept' }))
    kept.turned(connection, turn)
    kept.noted(gap(AT, AT + 9))
    giveUpAll()
    expect(kept.counts).toMatchObject({ lost: 1, unfilled: 0 })
  })

  test('is no excuse for what was resumed, where the session ends later', () => {
    const { kept, giveUpAll } = ledger(message(1, { once: 'kept' }))
    kept.noted(gap(AT, AT + 9))
    kept.turned('slack', { n: 2, lostCount: 0 })
    kept.turned('slack', { n: 3, lostCount: 1 })
    giveUpAll()
    expect(kept.counts).toMatchObject({ lost: 1, unfilled: 0 })
  })

  test('excuses no longer what arrives after all', () => {
    const { kept, giveUpAll } = ledger(message(1, { once: 'missed' }))
    kept.noted(gap(AT, AT + 9))
    kept.noted(begin(1))
    expect(kept.counts).toMatchObject({ waiting: 1, unfilled: 0 })
    giveUpAll()
    expect(kept.counts).toMatchObject({ lost: 1, waiting: 0 })
  })
})
