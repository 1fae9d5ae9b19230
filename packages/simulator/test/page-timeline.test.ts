import { describe, expect, test } from 'vitest'
import { frozen, keyOf, newsSince } from '../page/state/reading.ts'
import { marksOf, timelineOf } from '../page/state/timeline.ts'
import { BOT, mark, message } from './page-told.ts'

describe('the timeline of a channel', () => {
  test('puts marks and commands between the messages of their time', () => {
    const messages = [message('1', { at: 10 }), message('2', { at: 30 })]
    const command = { platform: 'slack', channel: 'C1', id: 'I1', at: 40, user: 'U1', what: '/tide' } as const
    const items = timelineOf(messages, [mark(1, { at: 20 })], [{ ...command, state: 'waiting' }])
    expect(items.map(keyOf)).toEqual(['1', 'mark 1', '2', 'interaction I1'])
  })

  test('tells of a gap at its end, and marks what was said in it', () => {
    const messages = [5, 15, 25].map((at) => message(String(at), { at }))
    const items = timelineOf(messages, [mark(1, { kind: 'gap', at: 10, endedAt: 20 })], [])
    expect(items.map(keyOf)).toEqual(['5', '15', 'mark 1', '25'])
    const inGap = items.flatMap((item) => (item.what === 'message' && item.isInGap ? [item.message.id] : []))
    expect(inGap).toEqual(['15'])
  })

  test('shows no marks of before its first message, and none in an empty channel', () => {
    expect(timelineOf([message('1', { at: 10 })], [mark(1, { at: 5 })], []).map(keyOf)).toEqual(['1'])
    expect(timelineOf([], [mark(1)], [])).toEqual([])
  })

  test('shows a press at its button alone', () => {
    const press = { platform: 'slack', channel: 'C1', id: 'I1', at: 1, user: 'U1', what: 'Again' } as const
    const items = timelineOf([message('1')], [], [{ ...press, message: '1', state: 'waiting' }])
    expect(items.map(keyOf)).toEqual(['1'])
  })

  test.each([
    ['the same author soon after', {}, [], true],
    ['another author', { author: BOT }, [], false],
    ['the same author much later', { at: 10 * 60_000 }, [], false],
    ['an answer to another message', { quotes: '1' }, [], false],
    ['an answer to a command', { interaction: { user: 'U1', what: '/tide' } }, [], false],
    ['a mark between the two', { at: 3_000 }, [mark(1, { at: 2_000 })], false],
  ])('%s: is it a continuation?', (_, about, marks, expected) => {
    const items = timelineOf([message('1'), message('2', about)], marks, [])
    expect(items.at(-1)).toMatchObject({ isContinued: expected })
  })

  test('leaves out marks of the other platform', () => {
    const marks = [mark(1), mark(2, { platform: 'slack' }), mark(3, { platform: 'discord' })]
    expect(marksOf(marks, 'slack').map(({ id }) => id)).toEqual([1, 2])
  })
})

describe('a list that stands still for its reader', () => {
  const list = (...ids: readonly string[]) =>
    timelineOf(
      ids.map((id) => message(id)),
      [],
      [],
    )

  test('keeps what has left the channel, and shows changes of what has not', () => {
    const now = timelineOf([message('2', { text: 'changed' }), message('3')], [], [])
    const kept = frozen(list('1', '2'), now)
    expect(kept.map(keyOf)).toEqual(['1', '2'])
    expect(kept[1]).toMatchObject({ message: { text: 'changed' } })
  })

  test('does not let a message grow because it became the first of its channel', () => {
    expect(frozen(list('1', '2'), list('2', '3'))[1]).toMatchObject({ isContinued: true })
  })

  test('counts what came since', () => {
    expect(newsSince(list('1', '2'), list('2', '3', '4'))).toBe(2)
    expect(newsSince(list('1'), list('8', '9'))).toBe(2)
    expect(newsSince(list('1', '2'), list('1', '2'))).toBe(0)
  })
})
