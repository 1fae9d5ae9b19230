import { describe, expect, it } from 'vitest'
import type { Fact } from '../src/index.ts'
import { ChatView } from '../src/page/chat-view.ts'
import { PlayedSource } from './played-source.ts'

const OTTER = { id: 'otter', name: 'otter', bot: true }

/** A view of a played Discord, and the changes that entries of the record make. */
function withView() {
  const source = new PlayedSource('discord')
  const view = new ChatView([source])
  let n = 0
  const note = (...facts: readonly Fact[]) => facts.flatMap((fact) => view.note({ ...fact, n: n++, at: n }))
  const changes = (...facts: readonly Fact[]) => note(...facts).flatMap((touch) => touch.show() ?? [])
  return { source, view, note, changes }
}

function said(id: string, delivered = { sentCount: 1, bufferedCount: 0 }, channel = 'c1'): Fact {
  const deliveredTo = [
    { bot: 'another', sentCount: 1, bufferedCount: 1 },
    { bot: 'otter', ...delivered },
  ]
  return { kind: 'event', platform: 'discord', type: 'MESSAGE_CREATE', channel, id, deliveredTo }
}

function posted(id: string, more: Partial<Extract<Fact, { kind: 'post' }>> = {}): Fact {
  const about = { bot: 'otter', method: 'POST', channel: 'c1', id, outcome: 'created' } as const
  return { kind: 'post', platform: 'discord', ...about, ...more }
}

function asked(
  state: 'waiting' | 'answered' | 'failed',
  more: { message?: string; channel?: string } = {},
): Fact {
  const about = { bot: 'otter', id: 'i1', channel: 'c1', user: 'mara', what: '/tide', askedAt: 7 }
  return { kind: 'interaction', platform: 'discord', ...about, ...more, state }
}

describe('chat view', () => {
  it.each([
    ['sent', { sentCount: 1, bufferedCount: 0 }],
    ['sent', { sentCount: 1, bufferedCount: 1 }],
    ['kept', { sentCount: 0, bufferedCount: 1 }],
    ['missed', { sentCount: 0, bufferedCount: 0 }],
  ])('shows a message as %s when its delivery to the bot was %j', (reach, delivered) => {
    const { source, changes } = withView()
    source.store('c1', 'a')
    expect(changes(said('a', delivered))).toMatchObject([{ what: 'message', message: { id: 'a', reach } }])
  })

  it('shows no reach where the bot was not to get it, nor for what a bot said', () => {
    const { source, changes } = withView()
    source.store('c1', 'a')
    source.store('c1', 'b', { author: OTTER })
    const toNobody: Fact = {
      kind: 'event',
      platform: 'discord',
      type: 'MESSAGE_CREATE',
      channel: 'c1',
      id: 'a',
      deliveredTo: [],
    }
    for (const change of changes(toNobody, said('b'))) expect(change).not.toHaveProperty('message.reach')
  })

  it('shows a message as it is when asked, once for all that happened to it', () => {
    const { source, note } = withView()
    source.store('c1', 'a')
    const touches = note(
      said('a'),
      posted('a', { outcome: 'edited' }),
      posted('a', { outcome: 'reacted', name: '👋' }),
    )
    source.store('c1', 'a', { text: 'better', edited: true })
    expect(new Set(touches.map(({ key }) => key)).size).toBe(1)
    expect(touches[0]?.show()).toMatchObject({ message: { text: 'better', edited: true, reach: 'sent' } })
  })

  it('tells of people’s reactions, and of what is deleted', () => {
    const { source, changes } = withView()
    source.store('c1', 'a')
    changes(said('a'))
    source.store('c1', 'a', { reactions: [{ name: '👋', count: 1, mine: true }] })
    const about = { channel: 'c1', id: 'a', message: 'a', user: 'mara', name: '👋', deliveredTo: [] }
    const reacted: Fact = { kind: 'event', platform: 'discord', type: 'MESSAGE_REACTION_ADD', ...about }
    expect(changes(reacted)).toMatchObject([{ message: { reactions: [{ mine: true }] } }])
    source.remove('c1', 'a')
    const gone = { what: 'deleted', platform: 'discord', channel: 'c1', id: 'a' }
    expect(changes(posted('a', { outcome: 'deleted' }))).toEqual([gone])
  })

  it('shows messages of threads in the channel of the thread, which it tells first and once', () => {
    const { source, view, changes } = withView()
    source.store('t1', 'a')
    source.store('t1', 'b')
    const thread = { platform: 'discord', channel: 'c1', id: 't1' }
    expect(changes(said('a', undefined, 't1'))).toMatchObject([
      { what: 'thread', thread },
      { what: 'message', message: { channel: 'c1', id: 'a' } },
    ])
    expect(changes(said('b', undefined, 't1'))).toHaveLength(1)
    expect(view.threads()).toEqual([thread])
  })

  it('tells of a thread before anything is said in it', () => {
    const { changes } = withView()
    const begun = { channel: 't1', id: 't1', deliveredTo: [] }
    const fact: Fact = { kind: 'event', platform: 'discord', type: 'THREAD_CREATE', ...begun }
    expect(changes(fact)).toMatchObject([{ what: 'thread', thread: { id: 't1' } }])
  })

  it.each(['answered', 'failed'] as const)('shows an interaction as waiting, then %s', (state) => {
    const { changes } = withView()
    const interaction = { platform: 'discord', channel: 'c1', id: 'i1', at: 7, user: 'mara', what: '/tide' }
    expect(changes(asked('waiting'))).toEqual([
      { what: 'interaction', interaction: { ...interaction, state: 'waiting' } },
    ])
    expect(changes(asked(state))).toEqual([{ what: 'interaction', interaction: { ...interaction, state } }])
  })

  it('says which thread and message a press belongs to', () => {
    const { changes } = withView()
    expect(changes(asked('waiting', { channel: 't1', message: 'm' }))).toMatchObject([
      { interaction: { channel: 'c1', thread: 't1', message: 'm' } },
    ])
  })

  it('shows what an answer answers, also one that no event tells of', () => {
    const { source, view, note } = withView()
    note(asked('waiting'))
    // Recorded before it is stored; an ephemeral answer makes no event.
    const [touch] = note(posted('a', { interaction: 'i1' }))
    source.store('c1', 'a', { author: OTTER })
    const interaction = { user: 'mara', what: '/tide' }
    expect(touch?.show()).toMatchObject({ message: { id: 'a', interaction } })
    expect(view.messages()).toMatchObject([{ id: 'a', interaction }])
  })

  it('keeps the last 200 of each channel, and tells nothing more of what it let go', () => {
    const { source, view, changes } = withView()
    source.store('c2', 'other')
    changes(said('other', undefined, 'c2'))
    for (let n = 1; n <= 201; n++) {
      source.store('c1', String(n))
      changes(said(String(n)))
    }
    expect(view.messages()).toHaveLength(201)
    expect(changes(posted('1', { outcome: 'edited' }))).toEqual([])
    expect(changes(posted('2', { outcome: 'edited' }))).toHaveLength(1)
  })

  it('passes over what is no message of a channel that it shows', () => {
    const { source, view, changes } = withView()
    source.store('elsewhere', 'a')
    const typing = { channel: 'c1', id: 'a', deliveredTo: [] }
    expect(changes(said('a', undefined, 'elsewhere'), said('raw'))).toEqual([])
    expect(changes({ kind: 'event', platform: 'discord', type: 'TYPING_START', ...typing })).toEqual([])
    expect(changes({ kind: 'presence', platform: 'discord', bot: 'otter', status: 'online' })).toEqual([])
    expect(changes({ ...said('a'), platform: 'slack' } as Fact)).toEqual([])
    expect(view.messages()).toEqual([])
  })
})
