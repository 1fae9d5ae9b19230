import type { Gap } from '@holdfast/events'
import { describe, expect, test } from 'vitest'
import type { Answer, Ask, Question } from '../../src/backfill/history.ts'
import { SlackHistory } from '../../src/backfill/slack-history.ts'

const FROM_AT = Date.UTC(2026, 0, 1, 12)
const span = { from: FROM_AT, to: FROM_AT + 60_000 }
const gap: Gap = {
  ...{ platform: 'slack', connection: 'kelp', bot: 'A1', workspace: 'T1', from: span.from, to: span.to },
  ...{ why: 'rtm-disconnected', receivedAt: span.to },
}
const WHO = { ok: true, team_id: 'T1', user_id: 'U1', is_enterprise_install: false }

const stamp = (afterMs: number) =>
  `${(FROM_AT + afterMs) / 1_000}.000000`.replace(/(\.\d+)\.0+$/, '$1').padEnd(17, '0')
const post = (afterMs: number, more: object = {}) => ({
  type: 'message',
  user: 'U7',
  text: 'x',
  ts: stamp(afterMs),
  ...more,
})

interface Call {
  readonly method: string
  readonly form: Readonly<Record<string, string>>
}

/** Answers each call as `reply` says: a body, or an answer made already. */
function asking(reply: (call: Call) => object) {
  const calls: Call[] = []
  const ask: Ask = async ({ url, init, judge }: Question): Promise<Answer> => {
    const form = Object.fromEntries(new URLSearchParams(String(init.body)))
    const call = { method: url.split('/').at(-1) ?? '', form }
    calls.push(call)
    const body = reply(call)
    if ('kind' in body) return body as Answer
    const verdict = judge({ status: 200, headers: new Headers(), text: JSON.stringify(body) })
    if (verdict.kind === 'later') throw new Error('nothing is to come later here')
    return verdict
  }
  return { calls, ask }
}

const historyOver = (transport: 'rtm' | 'socket-mode') =>
  new SlackHistory({ apiUrl: 'https://slack/api/', token: 'x', connection: 'kelp', transport, fetch })

const stretch = { gap, span, after: undefined, readAt: span.to }
const read = async (reply: (call: Call) => object, more: object = {}) => {
  const { calls, ask } = asking(reply)
  const batch = await historyOver('rtm').read({ id: 'C1' }, { ...stretch, ...more }, ask)
  return { ...batch, calls, at: batch.messages.map(({ at }) => at - FROM_AT) }
}

describe('listing the conversations of a Slack bot', () => {
  const listing = async (transport: 'rtm' | 'socket-mode', refused: Readonly<Record<string, object>>) => {
    const { calls, ask } = asking(({ method, form }) => {
      if (method === 'auth.test') return WHO
      const { types = '' } = form
      return refused[types] ?? { ok: true, channels: [{ id: `${types} 1` }, { id: `${types} 2` }] }
    })
    return { calls, ...(await historyOver(transport).list(gap, span, ask)) }
  }

  test('brings direct messages first, and every kind', async () => {
    const { conversations, isWhole, refusedCount } = await listing('rtm', {})
    const kinds = conversations.map(({ id }) => id.split(' ')[0])
    expect([...new Set(kinds)]).toEqual(['im', 'mpim', 'private_channel', 'public_channel'])
    expect({ isWhole, refusedCount, count: kinds.length }).toEqual({
      isWhole: true,
      refusedCount: 0,
      count: 8,
    })
  })

  test('goes on without a kind that the token has no scope for, and counts it', async () => {
    const missing = {
      ok: false,
      error: 'missing_scope',
      needed: 'mpim:read',
      provided: 'channels:history,mpim:history',
    }
    const listed = await listing('socket-mode', { mpim: missing })
    expect(listed).toMatchObject({ isWhole: true, refusedCount: 1 })
    expect(listed.conversations).toHaveLength(6)
  })

  test('counts no kind of which Socket Mode sends nothing either', async () => {
    const missing = { ok: false, error: 'missing_scope', needed: 'mpim:read', provided: 'channels:history' }
    expect(await listing('socket-mode', { mpim: missing })).toMatchObject({ refusedCount: 0 })
    expect(await listing('rtm', { mpim: missing })).toMatchObject({ refusedCount: 1 })
  })

  test('says that it is not whole where the budget ended it', async () => {
    const listed = await listing('rtm', { private_channel: { kind: 'over' } })
    expect(listed).toMatchObject({ isWhole: false })
    expect(listed.conversations).toHaveLength(4)
  })

  test('goes through all pages', async () => {
    const { ask, calls } = asking(({ method, form }) => {
      if (method === 'auth.test') return WHO
      if (form.types !== 'im') return { ok: true, channels: [] }
      if (form.cursor === 'next')
        return { ok: true, channels: [{ id: 'D2' }], response_metadata: { next_cursor: '' } }
      return { ok: true, channels: [{ id: 'D1' }], response_metadata: { next_cursor: 'next' } }
    })
    expect((await historyOver('rtm').list(gap, span, ask)).conversations).toEqual([
      { id: 'D1' },
      { id: 'D2' },
    ])
    expect(calls.filter(({ form }) => form.types === 'im')).toHaveLength(2)
  })
})

describe('reading a Slack channel', () => {
  test('brings what lies in the span, oldest first, and asks no further than it must', async () => {
    const older = Array.from({ length: 30 }, (_, n) => post(-1_000 - n))
    const { at, end, calls } = await read(() => ({
      ok: true,
      messages: [post(60_001), post(30_000), post(0), ...older],
      response_metadata: { next_cursor: 'more' },
    }))
    expect([at, end, calls.length]).toEqual([[0, 30_000], 'whole', 1])
  })

  test('goes on reading backward until thirty messages before the gap were looked at for threads', async () => {
    const pages = [
      [post(10)],
      Array.from({ length: 15 }, (_, n) => post(-1_000 - n)),
      Array.from({ length: 15 }, (_, n) => post(-2_000 - n)),
      [post(-9_000)],
    ]
    const { calls } = await read(({ form }) => {
      const page = Number(form.cursor ?? 0)
      return { ok: true, messages: pages[page], response_metadata: { next_cursor: String(page + 1) } }
    })
    expect(calls.map(({ form }) => form.cursor)).toEqual([undefined, '1', '2'])
  })

  test('reads threads that went on in the gap, also of older messages, and puts all in one order', async () => {
    const first = post(-5_000, { thread_ts: stamp(-5_000), reply_count: 2, latest_reply: stamp(20_000) })
    const quiet = post(-6_000, { thread_ts: stamp(-6_000), reply_count: 1, latest_reply: stamp(-5_500) })
    const { at, end, calls } = await read(({ method, form }) => {
      if (method === 'conversations.history')
        return { ok: true, messages: [post(30_000), post(10_000), first, quiet] }
      expect(form).toMatchObject({ ts: stamp(-5_000), oldest: stamp(0) })
      return { ok: true, messages: [first, post(20_000, { thread_ts: stamp(-5_000) })] }
    })
    expect([at, end]).toEqual([[10_000, 20_000, 30_000], 'whole'])
    expect(calls.map(({ method }) => method)).toEqual(['conversations.history', 'conversations.replies'])
  })

  test('brings a reply that was sent to the channel too once', async () => {
    const first = post(1_000, { thread_ts: stamp(1_000), reply_count: 1, latest_reply: stamp(2_000) })
    const broadcast = post(2_000, { thread_ts: stamp(1_000), subtype: 'thread_broadcast' })
    const { at } = await read(({ method }) => ({
      ok: true,
      messages: method === 'conversations.history' ? [broadcast, first] : [first, broadcast],
    }))
    expect(at).toEqual([1_000, 2_000])
  })

  test('goes on behind a position', async () => {
    const { at } = await read(() => ({ ok: true, messages: [post(30_000), post(20_000), post(10_000)] }), {
      after: stamp(20_000),
    })
    expect(at).toEqual([30_000])
  })

  test('is left out where access is refused', async () => {
    expect(await read(() => ({ ok: false, error: 'not_in_channel' }))).toMatchObject({
      end: 'left-out',
      messages: [],
    })
  })

  test('brings the rest where a thread is refused, and says that something is left out', async () => {
    const first = post(1_000, { thread_ts: stamp(1_000), reply_count: 1, latest_reply: stamp(2_000) })
    const { at, end } = await read(({ method }) =>
      method === 'conversations.history'
        ? { ok: true, messages: [first] }
        : { ok: false, error: 'thread_not_found' },
    )
    expect([at, end]).toEqual([[1_000], 'left-out'])
  })

  test('names the organisation where the app is installed on all of it, as live events do', async () => {
    const history = historyOver('socket-mode')
    const { ask } = asking(({ method }) => {
      if (method === 'auth.test') return { ...WHO, is_enterprise_install: true, enterprise_id: 'E1' }
      return method === 'users.conversations'
        ? { ok: true, channels: [] }
        : { ok: true, messages: [post(1_000)] }
    })
    await history.list(gap, span, ask)
    const { messages } = await history.read({ id: 'C1' }, stretch, ask)
    expect(messages[0]?.event.subject).toBe('E1/C1')
  })

  test('keeps the bytes of the message, whatever numbers and escapes it holds', async () => {
    const text = `{"type":"message", "ts":"${stamp(1_000)}", "big":12345678901234567890, "text":"\\u00e9"}`
    const ask: Ask = async ({ judge }) => {
      const body = `{"ok":true, "messages": [ ${text} ] }`
      return judge({ status: 200, headers: new Headers(), text: body }) as Answer
    }
    const { messages } = await historyOver('rtm').read({ id: 'C1' }, stretch, ask)
    expect(messages[0]?.event.text).toContain(text.slice(1))
  })
})
