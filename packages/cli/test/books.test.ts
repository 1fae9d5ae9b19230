import type { DiaryLine, GapLine } from '@holdfast/ledger'
import type { Entry } from '@holdfast/simulator'
import { expect, test } from 'vitest'
import { Books } from '../src/stage/books.ts'

const AT = 1_000_000
const bots = {
  slack: { ids: ['UBOT'], connection: 'demo-slack' },
  discord: { ids: ['9'], connection: 'demo-discord' },
}

/** Books over a record and a diary that the test writes. */
function open() {
  let listener: (entry: Entry) => void = () => {}
  let lines: DiaryLine[] = []
  const gaps: GapLine[] = []
  const books = new Books({
    record: {
      listen: (heard) => {
        listener = heard
        return () => {}
      },
    },
    diary: { next: () => lines.splice(0) },
    bots,
    onGap: (gap) => gaps.push(gap),
  })
  const common = { platform: 'slack', channel: 'C1' } as const
  const said = (n: number, sentCount = 1) => {
    const deliveredTo = [{ bot: 'UBOT', sentCount, bufferedCount: 0 }]
    const about = { ...common, id: `${n}`, user: 'U1', text: `hello ${n}`, n, at: AT + n, deliveredTo }
    listener({ kind: 'event', type: 'message', ...about })
  }
  const answered = (n: number) => {
    const about = {
      ...common,
      bot: 'UBOT',
      method: 'chat.postMessage',
      id: `${n}.1`,
      outcome: 'created',
    } as const
    listener({ kind: 'post', ...about, text: `v1 heard “hello ${n}”`, n: n + 100, at: AT + n + 7 })
  }
  const note = (...written: DiaryLine[]) => {
    lines = [...lines, ...written]
  }
  const calm = (at: number) => books.update({ at, depth: 0, unconfirmed: 0, broken: false })
  return { books, said, answered, note, calm, gaps, hear: (entry: Entry) => listener(entry) }
}

const begin = (n: number): DiaryLine => ({
  what: 'begin',
  key: `slack C1 ${n}`,
  pid: 1,
  at: AT,
  delivery: 'live',
})
const end = (n: number): DiaryLine => ({ what: 'end', key: `slack C1 ${n}`, pid: 1, at: AT })
const GAP: GapLine = { what: 'gap', connection: 'demo-slack', fromAt: AT, toAt: AT + 50, pid: 1, at: AT }

test('follow an event from said to handled and answered', () => {
  const { books, said, answered, note, calm } = open()
  said(1)
  expect(books.page(AT + 11)).toMatchObject({ sent: 1, waiting: 1, oldestWaitingMs: 10 })
  expect(books.takeDelayMs(AT + 11)).toBe(10)
  note(begin(1))
  answered(1)
  note(end(1))
  calm(AT + 20)
  expect(books.page(AT + 20)).toMatchObject({ handled: 1, answered: 1, waiting: 0, oldestWaitingMs: 0 })
  expect(books.takeDelayMs(AT + 20)).toBe(7)
})

test('give up what has not come when all was calm for some seconds, and take it back when it comes', () => {
  const { books, said, answered, note, calm } = open()
  said(1)
  calm(AT + 10)
  calm(AT + 2_000)
  expect(books.page(AT)).toMatchObject({ lost: 0, waiting: 1 })
  calm(AT + 5_000)
  expect(books.page(AT)).toMatchObject({ lost: 1, waiting: 0 })
  expect(books.findings).toEqual(['lost: slack C1 1 of slack C1'])
  note(begin(1), end(1))
  answered(1)
  expect(books.page(AT)).toMatchObject({ lost: 0, handled: 1, answered: 1 })
})

test('count what nobody could read in a gap that the bot was told of', () => {
  const { books, said, note, calm, gaps } = open()
  said(1, 0)
  said(2)
  note(GAP, { ...GAP, pid: 2 })
  for (const laterMs of [10, 2_000, 5_000]) calm(AT + laterMs)
  expect(books.page(AT)).toMatchObject({ notRecoverable: 1, announcedGaps: 1, lost: 1 })
  expect(gaps).toEqual([GAP])
})

test('count what Discord gave up with a session in a gap that the bot was told of, and nothing outside of it', () => {
  const { books, hear, note, calm } = open()
  const said = (n: number, sentCount: number, bufferedCount: number) => {
    const about = { kind: 'event', platform: 'discord', type: 'MESSAGE_CREATE', channel: '4' } as const
    const deliveredTo = [{ bot: '9', sentCount, bufferedCount }]
    hear({ ...about, id: `${n}`, user: '7', text: `hello ${n}`, n, at: AT + n, deliveredTo })
  }
  said(1, 0, 1)
  const session = { platform: 'discord', bot: '9', session: 's', why: 'invalidated', sequence: 9 } as const
  hear({ kind: 'session-end', ...session, lostCount: 1, n: 2, at: AT + 2 })
  said(3, 0, 0)
  said(4, 1, 0)
  said(60, 0, 0)
  note({ ...GAP, connection: 'demo-discord' })
  for (const laterMs of [100, 2_000, 5_000]) calm(AT + laterMs)
  expect(books.page(AT)).toMatchObject({ notRecoverable: 2, lost: 2 })
  expect(books.findings).toEqual(['lost: discord 4 of discord 4', 'lost: discord 60 of discord 4'])
})
