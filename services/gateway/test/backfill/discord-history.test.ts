import type { Gap } from '@holdfast/events'
import { describe, expect, test } from 'vitest'
import { DiscordHistory } from '../../src/backfill/discord-history.ts'
import type { Answer, Ask } from '../../src/backfill/history.ts'
import { snowflakeAt } from '../../src/backfill/snowflake.ts'

const FROM_AT = Date.UTC(2026, 0, 1, 12)
const span = { from: FROM_AT, to: FROM_AT + 60_000 }
const gap: Gap = {
  ...{ platform: 'discord', connection: 'bastion', shard: 1, bot: '77', from: span.from, to: span.to },
  ...{ why: 'session-lost', receivedAt: span.to },
}

/** The first id that can be made at that time. */
const idAt = (afterMs: number) => String(BigInt(snowflakeAt(FROM_AT + afterMs)) + 1n)
const guildOn = (shard: number, n = 0) => String((BigInt(shard + 2 * n) << 22n) + 5n)
const message = (afterMs: number) => ({
  id: idAt(afterMs),
  channel_id: '9',
  content: 'x',
  author: { id: '7' },
})

/** Answers each path as `reply` says: a body, a status with a code, or an answer made already. */
function asking(reply: (path: string) => unknown) {
  const paths: string[] = []
  const ask: Ask = async ({ url, judge }) => {
    const path = url.replace('https://discord/api/', '')
    paths.push(path)
    const body = reply(path)
    if (body === 'over') return { kind: 'over' }
    const refused = /^(\d{3}) (\d+)$/.exec(String(body))
    const [status, text] = refused
      ? [Number(refused[1]), JSON.stringify({ code: Number(refused[2]) })]
      : [200, JSON.stringify(body)]
    return judge({ status, headers: new Headers(), text }) as Answer
  }
  return { paths, ask }
}

const historyWith = (intents = 1 << 9) =>
  new DiscordHistory({
    ...{ apiUrl: 'https://discord/api', token: 'x', connection: 'bastion', shard: [1, 2], intents, fetch },
  })

const stretch = { gap, span, after: undefined, readAt: span.to }
const read = async (reply: (path: string) => unknown, more: object = {}, lastAt = span.from) => {
  const { ask, paths } = asking(reply)
  const batch = await historyWith().read({ id: '9', guildId: '5', lastAt }, { ...stretch, ...more }, ask)
  return { ...batch, paths, at: batch.messages.map(({ at }) => at - FROM_AT) }
}

describe('listing the conversations of a Discord shard', () => {
  const guild = guildOn(1)
  const listing = async (replies: Readonly<Record<string, unknown>>, requestCount = 100) => {
    const { paths, ask } = asking((path) => {
      const found = Object.entries(replies).find(([part]) => path.includes(part))
      return found ? found[1] : path.includes('threads') ? { threads: [] } : []
    })
    return { paths, ...(await historyWith().list(gap, span, ask, requestCount)) }
  }

  test('asks for the guilds of its shard alone', async () => {
    const { paths } = await listing({
      '@me/guilds': [{ id: guildOn(0) }, { id: guild }, { id: guildOn(0, 1) }],
    })
    expect(paths.slice(1)).toEqual([`guilds/${guild}/channels`, `guilds/${guild}/threads/active`])
  })

  test('brings channels and threads in which something was said since, the last of them first', async () => {
    const channels = [
      { id: '11', type: 0, last_message_id: idAt(5_000) },
      { id: '12', type: 0, last_message_id: idAt(-1) },
      { id: '13', type: 0, last_message_id: null },
      { id: '14', type: 4 },
      { id: '15', type: 15, last_message_id: idAt(9_000) },
      { id: '16', type: 2, last_message_id: idAt(90_000) },
    ]
    const threads = [{ id: '17', type: 11, last_message_id: idAt(7_000) }]
    const { conversations, isWhole } = await listing({
      '@me/guilds': [{ id: guild }],
      channels,
      'threads/active': { threads },
    })
    expect(conversations.map(({ id }) => id)).toEqual(['16', '17', '11'])
    expect(isWhole).toBe(true)
  })

  test('spends no more requests than it may, and says that these are not all', async () => {
    const guilds = Array.from({ length: 10 }, (_, n) => ({ id: guildOn(1, n) }))
    const channels = [{ id: '11', type: 0, last_message_id: idAt(5_000) }]
    const { paths, isWhole, conversations } = await listing(
      { '@me/guilds': guilds, '/channels': channels },
      6,
    )
    expect([paths.length, isWhole]).toEqual([6, false])
    expect(conversations.length).toBeGreaterThan(0)
  })

  test('counts a guild that refuses, and goes on', async () => {
    const { refusedCount, isWhole } = await listing({
      '@me/guilds': [{ id: guild }, { id: guildOn(1, 1) }],
      [`${guild}/channels`]: '403 50013',
    })
    expect({ refusedCount, isWhole }).toEqual({ refusedCount: 1, isWhole: true })
  })

  test('is of no use without the intent for messages of guilds: nothing of them was missed', () => {
    expect([historyWith().isHeard, historyWith(1).isHeard]).toEqual([true, false])
  })
})

describe('reading a Discord channel', () => {
  test('asks from the beginning of the span on, and brings the oldest first', async () => {
    const { at, end, paths, messages } = await read(() => [message(90_000), message(30_000), message(0)])
    expect(paths).toEqual([`channels/9/messages?after=${BigInt(idAt(0)) - 1n}&limit=100`])
    expect([at, end]).toEqual([[0, 30_000], 'whole'])
    expect(JSON.parse(messages[0]?.event.text ?? '')).toMatchObject({
      workspace: '5',
      subject: '9',
      delivery: 'backfill',
      source: '/discord/bastion/1',
    })
  })

  test('goes on behind a full page, and no further than the end of the span', async () => {
    const page = (from: number) => Array.from({ length: 100 }, (_, n) => message(from + 99 - n))
    expect(await read(() => page(1_000))).toMatchObject({ end: 'more' })
    expect(await read(() => page(59_950))).toMatchObject({ end: 'whole' })
    const { paths } = await read(() => [], { after: idAt(1_099) })
    expect(paths).toEqual([`channels/9/messages?after=${idAt(1_099)}&limit=100`])
  })

  test('is left out where the right to read is missing: by a refusal, or by an answer that hides what was said', async () => {
    expect(await read(() => '403 50013')).toMatchObject({ end: 'left-out' })
    expect(await read(() => '404 10003')).toMatchObject({ end: 'left-out' })
    expect(await read(() => [])).toMatchObject({ end: 'left-out' })
    expect(await read(() => [], { after: idAt(5) })).toMatchObject({ end: 'whole' })
  })

  test('is whole where the bot does not see the channel: nothing of it was missed', async () => {
    expect(await read(() => '403 50001')).toMatchObject({ end: 'whole', messages: [] })
  })

  test('ends where the budget does', async () => {
    expect(await read(() => 'over')).toMatchObject({ end: 'over', messages: [] })
  })
})
