import type { Entry } from '@holdfast/simulator'
import { describe, expect, test } from 'vitest'
import { answerOf, isCutOff, sentEvent, turnOf } from '../src/platform-record.ts'

const bots = {
  slack: { ids: ['UBOT', 'B1'], connection: 'demo-slack' },
  discord: { ids: ['9'], connection: 'demo-discord' },
}
type EventEntry = Extract<Entry, { kind: 'event' }>
type PostEntry = Extract<Entry, { kind: 'post' }>

function event(differs: Partial<EventEntry> = {}): EventEntry {
  const deliveredTo = [{ bot: differs.platform === 'discord' ? '9' : 'UBOT', sentCount: 1, bufferedCount: 0 }]
  const fixed = { kind: 'event', platform: 'slack', type: 'message', n: 1, at: 5 } as const
  return { ...fixed, channel: 'C1', id: '7.1', user: 'U1', text: 'hello', deliveredTo, ...differs }
}

function post(differs: Partial<PostEntry> = {}): PostEntry {
  const fixed = {
    kind: 'post',
    platform: 'slack',
    bot: 'UBOT',
    method: 'chat.postMessage',
    n: 2,
    at: 6,
  } as const
  return { ...fixed, channel: 'C1', id: '8.1', text: 'v1 heard “hello”', outcome: 'created', ...differs }
}

const discord = { platform: 'discord', channel: '4', id: '55' } as const

describe('what people do', () => {
  test.each([
    ['a message on Slack', event(), 'slack C1 7.1', 'slack C1 “hello”'],
    [
      'a reaction on Slack',
      event({ type: 'reaction_added', name: 'wave' }),
      'slack C1 7.1',
      'slack C1 “:wave:”',
    ],
    [
      'a message on Discord',
      event({ ...discord, type: 'MESSAGE_CREATE' }),
      'discord 55',
      'discord 4 “hello”',
    ],
    [
      'a reaction on Discord',
      event({ ...discord, type: 'MESSAGE_REACTION_ADD', message: '44', name: '👋' }),
      'discord 44 U1 👋',
      'discord 4 “👋”',
    ],
  ])('%s is known by its id and by what an answer quotes', (_what, entry, key, quote) => {
    expect(sentEvent(entry, bots)).toMatchObject({ key, quote, expectsAnswer: true })
  })

  test('a command on Discord is answered by its id, outside of every conversation', () => {
    const sent = sentEvent(event({ ...discord, type: 'INTERACTION_CREATE' }), bots)
    expect(sent).toMatchObject({ key: 'discord 55', expectsAnswer: true })
    expect(sent).not.toHaveProperty('conversation')
    expect(answerOf(post({ ...discord, interaction: '55' }))).toEqual({ to: 'event', key: 'discord 55' })
  })

  test('a command that is answered too late for Discord is answered by what the bot then says in the channel', () => {
    const sent = sentEvent(event({ ...discord, type: 'INTERACTION_CREATE', text: '/tide' }), bots)
    const late = answerOf(post({ ...discord, id: '77', text: 'v1 heard “/tide”' }))
    expect(late).toEqual({ to: 'quote', quote: sent?.quote })
    expect(sent).not.toHaveProperty('conversation')
  })

  test.each([
    ['what the bot says, under either of its ids', event({ user: 'B1' })],
    ['what the bot was not to get', event({ deliveredTo: [] })],
    ['what nobody answers', event({ type: 'user_typing' })],
    ['a message without text', event({ text: '' })],
  ])('%s is left out', (_what, entry) => {
    expect(sentEvent(entry, bots)).toBeUndefined()
  })

  test('on Slack it is known whether anybody was there to get it', () => {
    const nobody = [{ bot: 'UBOT', sentCount: 0, bufferedCount: 0 }]
    expect(sentEvent(event(), bots)?.once).toBe('written')
    expect(sentEvent(event({ deliveredTo: nobody }), bots)?.once).toBe('missed')
  })

  test.each([
    ['missed where no session was there', 0, 0, 'missed'],
    ['kept where its session had no socket', 0, 1, 'kept'],
    ['repeated by Discord where any session had one', 1, 1, undefined],
  ])('on Discord it is %s', (_name, sentCount, bufferedCount, once) => {
    const deliveredTo = [{ bot: '9', sentCount, bufferedCount }]
    expect(sentEvent(event({ ...discord, type: 'MESSAGE_CREATE', deliveredTo }), bots)?.once).toBe(once)
  })
})

describe('what the bot says', () => {
  test('answers what it quotes, in the same place', () => {
    expect(answerOf(post())).toEqual({ to: 'quote', quote: 'slack C1 “hello”' })
  })

  test('quotes the beginning of a long text', () => {
    const text = 'x'.repeat(200)
    const answer = answerOf(post({ text: `v1 heard “${'x'.repeat(79)}…”` }))
    expect(answer).toEqual({ to: 'quote', quote: sentEvent(event({ text }), bots)?.quote })
  })

  test('quotes no half of an emoji', () => {
    const text = `${'x'.repeat(78)}😀 and so on`
    const answer = answerOf(post({ text: `v1 heard “${'x'.repeat(78)}…”` }))
    expect(answer).toEqual({ to: 'quote', quote: sentEvent(event({ text }), bots)?.quote })
  })

  test.each([
    ['an edit', post({ outcome: 'edited' })],
    ['what quotes nothing', post({ text: 'good morning' })],
  ])('%s answers nothing', (_what, entry) => {
    expect(answerOf(entry)).toBeUndefined()
  })
})

describe('a Discord session', () => {
  const about = { platform: 'discord', session: 's', n: 3, at: 7 } as const
  const asked = { ...about, kind: 'resume', socket: 1, sequence: 5 } as const

  test('gives what it kept when it is resumed, and loses it when it ends', () => {
    expect(turnOf({ ...asked, outcome: 'resumed', replayedCount: 2 })).toEqual({ n: 3, lostCount: 0 })
    const ended = { ...about, kind: 'session-end', bot: '9', why: 'invalidated', sequence: 5 } as const
    expect(turnOf({ ...ended, lostCount: 4 })).toEqual({ n: 3, lostCount: 4 })
  })

  test('keeps it where the resume was refused', () => {
    expect(turnOf({ ...asked, outcome: 'invalid-session' })).toBeUndefined()
  })
})

describe('a socket', () => {
  const ended = { kind: 'socket', platform: 'slack', socket: 1, n: 3, at: 7 } as const

  test.each([
    ['was cut off where nobody said goodbye', { what: 'closed', code: 1006 } as const, true],
    ['was not where the bot did', { what: 'closed', code: 1000, by: 'bot' } as const, false],
    ['was not where it opened', { what: 'opened' } as const, false],
  ])('%s', (_name, differs, expected) => {
    expect(isCutOff({ ...ended, ...differs })).toBe(expected)
  })
})
