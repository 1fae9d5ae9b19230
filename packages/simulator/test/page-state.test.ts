import { describe, expect, test } from 'vitest'
import { MESSAGE_BOUND, THREAD_BOUND } from '../page/state/channel-state.ts'
import { nextPage, type PageInput, type PageState } from '../page/state/page-state.ts'
import { CHART_SPAN_MS } from '../page/state/stage-view.ts'
import { EMPTY_LEDGER } from '../src/page/empty-ledger.ts'
import type { ChatChange, ChatInteraction, ChatMessage } from '../src/page/feed.ts'
import { hello, ME, mark, message, platform } from './page-told.ts'

function pageAfter(...inputs: readonly PageInput[]): PageState {
  const page = inputs.reduce(nextPage, undefined)
  if (!page) throw new Error('the page knows nothing yet')
  return page
}

const begun: PageInput = { what: 'hello', data: hello() }

function chat(...data: readonly ChatChange[]): PageInput {
  return { what: 'chat', data }
}

function said(...messages: readonly ChatMessage[]): PageInput {
  return chat(...messages.map((one) => ({ what: 'message', message: one }) as const))
}

function channelOf(page: PageState, id = 'C1') {
  const channel = page.panes[0]?.channels.get(id)
  if (!channel) throw new Error(`no channel ${id}`)
  return channel
}

function interaction(about: Partial<ChatInteraction> = {}): ChatChange {
  const told = { platform: 'slack', channel: 'C1', id: 'I1', at: 1_000, user: ME, what: '/tide' } as const
  return { what: 'interaction', interaction: { ...told, state: 'waiting', ...about } }
}

describe('what the page knows', () => {
  test('is nothing before the first hello', () => {
    expect(
      [said(message('1')), { what: 'presence', data: { platform: 'slack', online: true } } as const].reduce(
        nextPage,
        undefined,
      ),
    ).toBeUndefined()
  })

  test('is replaced by hello, but for the channel that the reader opened', () => {
    const again: PageInput = { what: 'hello', data: hello({ messages: [message('2', { channel: 'C2' })] }) }
    const page = pageAfter(
      begun,
      said(message('1')),
      { what: 'opened', platform: 'slack', channel: 'C2' },
      again,
    )
    expect(channelOf(page).messages).toEqual([])
    expect(channelOf(page, 'C2').messages.map(({ id }) => id)).toEqual(['2'])
    expect(page.panes[0]?.open).toBe('C2')
  })

  test('opens the first channel where the one that was open is gone', () => {
    const other = platform({ channels: [{ id: 'C7', name: 'general' }] })
    const page = pageAfter(begun, { what: 'hello', data: hello({ platforms: [other] }) })
    expect(page.panes[0]?.open).toBe('C7')
  })

  test('keeps platforms apart that use the same ids', () => {
    const both = hello({ platforms: [platform(), platform({ platform: 'discord' })] })
    const page = pageAfter({ what: 'hello', data: both }, said(message('1', { platform: 'discord' })))
    const counts = page.panes.map(({ channels }) => channels.get('C1')?.messages.length)
    expect(counts).toEqual([0, 1])
  })

  test('follows the presence of the bot', () => {
    const page = pageAfter(begun, { what: 'presence', data: { platform: 'slack', online: false } })
    expect(page.panes[0]?.online).toBe(false)
  })

  test('leaves what did not change the same object', () => {
    const before = pageAfter(begun, said(message('1')))
    const after = nextPage(before, { what: 'stream', data: { perSecond: 5, sentCount: 1 } })
    expect(after?.panes).toBe(before.panes)
  })
})

describe('a channel', () => {
  test('shows messages in the order in which they came', () => {
    const page = pageAfter(begun, said(message('1'), message('2')), said(message('3')))
    expect(channelOf(page).messages.map(({ id }) => id)).toEqual(['1', '2', '3'])
  })

  test('replaces a message that is not what it was', () => {
    const page = pageAfter(begun, said(message('1'), message('2')), said(message('1', { edited: true })))
    expect(channelOf(page).messages.map(({ id, edited }) => [id, edited])).toEqual([
      ['1', true],
      ['2', false],
    ])
  })

  test('forgets a message that was deleted, also in a thread', () => {
    const reply = message('2', { thread: '1' })
    const gone = (id: string): ChatChange => ({ what: 'deleted', platform: 'slack', channel: 'C1', id })
    const page = pageAfter(begun, said(message('1'), reply, message('3')), chat(gone('2'), gone('3')))
    expect(channelOf(page).messages.map(({ id }) => id)).toEqual(['1'])
    expect(channelOf(page).threads.get('1')).toMatchObject({ replies: [], replyCount: 0 })
  })

  test('keeps as many messages as its bound, the newest', () => {
    const many = Array.from({ length: MESSAGE_BOUND + 5 }, (_, n) => message(String(n)))
    const { messages } = channelOf(pageAfter(begun, said(...many)))
    expect(messages).toHaveLength(MESSAGE_BOUND)
    expect(messages.at(-1)?.id).toBe(String(MESSAGE_BOUND + 4))
  })

  test('counts what the reader has not seen, and nothing of their own', () => {
    const elsewhere = { channel: 'C2' }
    const mine = message('3', { ...elsewhere, author: { id: ME, name: 'you', bot: false } })
    const page = pageAfter(
      begun,
      said(message('1', elsewhere), message('2'), mine),
      said(message('1', elsewhere)),
    )
    expect([channelOf(page).unreadCount, channelOf(page, 'C2').unreadCount]).toEqual([0, 1])
    const opened = pageAfter(begun, said(message('1', elsewhere)), {
      what: 'opened',
      platform: 'slack',
      channel: 'C2',
    })
    expect(channelOf(opened, 'C2').unreadCount).toBe(0)
  })

  test('takes what hello tells for read', () => {
    const told = hello({ messages: [message('1', { channel: 'C2' })] })
    expect(channelOf(pageAfter({ what: 'hello', data: told }), 'C2').unreadCount).toBe(0)
  })

  test('ignores channels that nobody told of', () => {
    const page = pageAfter(begun, said(message('1', { channel: 'C404' })))
    expect([...(page.panes[0]?.channels.keys() ?? [])]).toEqual(['C1', 'C2'])
  })
})

describe('a thread', () => {
  test('has its replies apart from the channel', () => {
    const page = pageAfter(begun, said(message('1'), message('2', { thread: '1' })))
    expect(channelOf(page).messages.map(({ id }) => id)).toEqual(['1'])
    expect(
      channelOf(page)
        .threads.get('1')
        ?.replies.map(({ id }) => id),
    ).toEqual(['2'])
  })

  test('leaves the message with which it began in the channel', () => {
    const page = pageAfter(begun, said(message('1', { thread: '1' })))
    expect(channelOf(page).messages.map(({ id }) => id)).toEqual(['1'])
  })

  test('shows a reply in the channel too, where its author wanted that', () => {
    const page = pageAfter(begun, said(message('1'), message('2', { thread: '1', alsoInChannel: true })))
    expect(channelOf(page).messages.map(({ id }) => id)).toEqual(['1', '2'])
    expect(channelOf(page).threads.get('1')?.replyCount).toBe(1)
  })

  test('counts its replies, also those that have left', () => {
    const many = Array.from({ length: MESSAGE_BOUND + 5 }, (_, n) => message(`r${n}`, { thread: '1' }))
    const thread = channelOf(pageAfter(begun, said(...many))).threads.get('1')
    expect([thread?.replies.length, thread?.replyCount]).toEqual([MESSAGE_BOUND, MESSAGE_BOUND + 5])
  })

  test('takes its name without losing replies', () => {
    const named: ChatChange = {
      what: 'thread',
      thread: { platform: 'slack', channel: 'C1', id: '1', name: 'tides' },
    }
    const page = pageAfter(begun, said(message('2', { thread: '1' })), chat(named))
    expect(channelOf(page).threads.get('1')).toMatchObject({ name: 'tides', replyCount: 1 })
  })

  test('leaves when many others were written to later', () => {
    const many = Array.from({ length: THREAD_BOUND }, (_, n) => message(`r${n}`, { thread: `t${n}` }))
    const page = pageAfter(begun, said(message('a', { thread: 'old' }), ...many))
    expect(channelOf(page).threads.has('old')).toBe(false)
    expect(channelOf(page).threads.size).toBe(THREAD_BOUND)
  })
})

describe('a command', () => {
  test('waits, and is gone once it is answered', () => {
    const waiting = pageAfter(begun, chat(interaction()))
    expect(channelOf(waiting).interactions).toMatchObject([{ id: 'I1', state: 'waiting' }])
    const answered = pageAfter(begun, chat(interaction(), interaction({ state: 'answered' })))
    expect(channelOf(answered).interactions).toEqual([])
  })

  test('stays when the platform gave up on it', () => {
    const failed = pageAfter(begun, chat(interaction(), interaction({ state: 'failed' })))
    expect(channelOf(failed).interactions).toMatchObject([{ id: 'I1', state: 'failed' }])
  })
})

test('what a stranger has tried stays tried, when the messages have left and the feed began anew', () => {
  const mine = message('1', { author: { id: ME, name: 'you', bot: false } })
  const liked = message('2', { reactions: [{ name: 'wave', count: 1, mine: true }] })
  const page = pageAfter(begun, said(mine, liked), chat(interaction()), begun)
  expect([...(page.panes[0]?.tried ?? [])].sort()).toEqual(['command', 'reaction', 'saying'])
})

describe('the stage', () => {
  const state = { parts: [], ledger: EMPTY_LEDGER, refused: {}, running: {} }
  const stage = { links: [], actions: [], state, samples: [], marks: [] }
  const staged: PageInput = { what: 'hello', data: hello({ stage }) }

  test('is absent where the platforms alone are simulated, whatever is told of it', () => {
    expect(pageAfter(begun, { what: 'mark', data: mark(1) }).stage).toBeUndefined()
  })

  test('keeps the samples that the chart shows, and one before', () => {
    const at = (time: number) => ({ at: time, delayMs: 0 })
    const samples = [at(0), at(1_000), at(2_000), at(CHART_SPAN_MS + 1_500)]
    const page = pageAfter(staged, { what: 'samples', data: samples })
    expect(page.stage?.samples.map((sample) => sample.at)).toEqual([1_000, 2_000, CHART_SPAN_MS + 1_500])
  })

  test('replaces a mark that has ended', () => {
    const { endedAt, ...lasting } = mark(1)
    const page = pageAfter(staged, { what: 'mark', data: lasting }, { what: 'mark', data: mark(1) })
    expect(page.stage?.marks).toEqual([{ ...lasting, endedAt }])
  })
})
