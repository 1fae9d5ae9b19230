import type { Entry } from '@holdfast/simulator'
import { describe, expect, test } from 'vitest'
import { countAnswers, type PayloadNote, sentEvents } from '../src/check/evidence.ts'

type EventEntry = Extract<Entry, { kind: 'event' }>
type PostEntry = Extract<Entry, { kind: 'post' }>

const bots = { slack: 'UBOT', discord: '900' }

function event(n: number, differs: Partial<EventEntry>): EventEntry {
  const platform = differs.platform ?? 'slack'
  const deliveredTo = [{ bot: bots[platform], sentCount: 1, bufferedCount: 0 }]
  return { kind: 'event', n, at: 1_000 + n, platform, type: 'message', deliveredTo, ...differs }
}

const said = (n: number, text: string, differs: Partial<EventEntry> = {}) =>
  event(n, { channel: 'C1', user: 'U1', text, ...differs })
const note = (key: string, type: string, differs: Partial<PayloadNote> = {}): PayloadNote => ({
  key,
  type,
  platform: 'slack',
  ...differs,
})

describe('what was sent', () => {
  test('are numbered messages by their text, with the conversation of their channel', () => {
    expect(sentEvents([said(5, 'check slack C1 #1')], [], bots)).toEqual([
      {
        key: 'check slack C1 #1',
        n: 5,
        at: 1_005,
        connection: 'demo-slack',
        conversation: 'slack C1',
        expectsAnswer: true,
        once: 'written',
      },
    ])
  })

  test('are payloads in the order of their notes, each platform by itself', () => {
    const entries = [
      event(1, { type: 'star_added' }),
      event(2, { type: 'TYPING_START', platform: 'discord' }),
      event(3, { type: 'pin_added' }),
    ]
    const notes = [
      note('p1', 'star_added'),
      note('p2', 'pin_added', { conversation: 'slack C9' }),
      note('p3', 'TYPING_START', { platform: 'discord' }),
    ]
    expect(sentEvents(entries, notes, bots)).toMatchObject([
      { key: 'p1', n: 1, expectsAnswer: false, unrecorded: true },
      { key: 'p3', n: 2, expectsAnswer: false, connection: 'demo-discord' },
      { key: 'p2', n: 3, conversation: 'slack C9' },
    ])
  })

  test('is not what the bot said, nor what no bot asked for', () => {
    const entries = [
      said(1, 'done: check slack C1 #1', { user: 'UBOT' }),
      event(2, { type: 'PRESENCE_UPDATE', platform: 'discord', deliveredTo: [] }),
    ]
    expect(sentEvents(entries, [note('p1', 'PRESENCE_UPDATE', { platform: 'discord' })], bots)).toEqual([])
  })

  test('is what no socket took, too', () => {
    const lost = said(1, 'check slack C1 #1', {
      deliveredTo: [{ bot: 'UBOT', sentCount: 0, bufferedCount: 0 }],
    })
    expect(sentEvents([lost], [], bots)).toHaveLength(1)
  })

  test.each([
    ['a payload that was not sent', [event(1, { type: 'pin_added' })], []],
    ['a payload of another type', [event(1, { type: 'pin_added' })], [note('p1', 'star_added')]],
    ['no payload where one was sent', [], [note('p1', 'star_added')]],
  ])('can not be told when the record has %s', (_what, entries, notes) => {
    expect(() => sentEvents(entries, notes, bots)).toThrow(/record/)
  })
})

describe('answers', () => {
  const post = (text: string, outcome: PostEntry['outcome']): PostEntry => ({
    ...{ kind: 'post', n: 0, at: 0, platform: 'discord', bot: '900', method: 'POST', channel: '1', id: '2' },
    text,
    outcome,
  })

  test('are counted by the message they answer; one given again from its nonce is no second', () => {
    const posts = [
      post('done: check discord 1 #1', 'created'),
      post('done: check discord 1 #1', 'from-nonce'),
      post('done: check discord 1 #2', 'created'),
      post('done: check discord 1 #2', 'created'),
      post('something else', 'created'),
    ]
    expect([...countAnswers(posts)]).toEqual([
      ['check discord 1 #1', 1],
      ['check discord 1 #2', 2],
    ])
  })
})
