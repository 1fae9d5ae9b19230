import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestBench } from '@holdfast/worker/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bot } from '../src/bot.ts'
import { openDiary } from '../src/diary.ts'
import { voiceOf } from '../src/voice.ts'

const author = {
  id: '53908232506183680',
  username: 'mason',
  discriminator: '0',
  global_name: null,
  avatar: null,
}
const texts = (bench: ReturnType<typeof createTestBench>) => bench.replies.map(({ text }) => text)

describe('the bot of the tour', () => {
  test('answers a message on Slack and quotes it', async () => {
    const bench = createTestBench(bot)
    await bench.deliver({
      type: 'slack.message',
      data: { channel: 'C1', user: 'U1', text: 'low tide', ts: '1.0' },
    })
    expect(texts(bench)).toEqual(['v1 heard “low tide”'])
  })

  test('answers a message on Discord and quotes it', async () => {
    const bench = createTestBench(bot)
    await bench.deliver({
      type: 'discord.MESSAGE_CREATE',
      data: { id: '1', channel_id: '7', content: 'hi', author },
    })
    expect(texts(bench)).toEqual(['v1 heard “hi”'])
  })

  test('quotes the beginning of a long text, and no half of an emoji', () => {
    const { heard } = voiceOf('v1')
    expect(heard('x'.repeat(81))).toBe(`v1 heard “${'x'.repeat(79)}…”`)
    expect(heard(`${'x'.repeat(78)}😀 and so on`)).toBe(`v1 heard “${'x'.repeat(78)}…”`)
  })

  test('greets a reaction on both platforms', async () => {
    const bench = createTestBench(bot)
    const item = { type: 'message' as const, channel: 'C1', ts: '1.0' }
    await bench.deliver({ type: 'slack.reaction_added', data: { reaction: 'wave', item, event_ts: '2.0' } })
    const emoji = { id: null, name: '👋' }
    await bench.deliver({
      type: 'discord.MESSAGE_REACTION_ADD',
      data: { channel_id: '7', message_id: '1', user_id: '2', emoji },
    })
    expect(texts(bench)).toEqual(['v1 heard “:wave:”', 'v1 heard “👋”'])
  })

  test('hears no bots, so that it never answers itself', async () => {
    const bench = createTestBench(bot)
    await bench.deliver({ type: 'slack.message', data: { channel: 'C1', text: 'echo', bot_id: 'B1' } })
    await bench.deliver({ type: 'slack.message', data: { channel: 'C1', subtype: 'message_changed' } })
    await bench.deliver({
      type: 'discord.MESSAGE_CREATE',
      data: { channel_id: '7', content: 'echo', author: { ...author, bot: true } },
    })
    expect(texts(bench)).toEqual([])
  })

  test('answers /tide with a table and two buttons, and a press on one of them', async () => {
    const bench = createTestBench(bot)
    await bench.deliver({
      type: 'discord.INTERACTION_CREATE',
      data: { id: '1', data: { name: 'tide' } } as never,
    })
    await bench.deliver({
      type: 'discord.INTERACTION_CREATE',
      data: { id: '2', data: { custom_id: 'dive' } } as never,
    })
    expect(texts(bench)[0]).toMatch(/^v1 heard “\/tide”\n```\n03:12 {2}low/)
    expect(bench.replies[0]?.message).toMatchObject({
      components: [{ components: [{ label: 'Wave' }, { label: 'Dive' }] }],
    })
    expect(texts(bench)[1]).toBe('v1 heard “Dive”: down we go 🤿')
  })
})

test('each release says its version, and the second has a voice of its own', () => {
  const said = ['v1', 'v2', 'v3', 'v4', 'v6'].map((version) => voiceOf(version).heard('hi'))
  expect(said).toEqual([
    'v1 heard “hi”',
    '🌊 ahoy! v2 caught “hi”',
    '⛵ sailing on: v3 heard “hi”',
    '🐬 surfacing: v4 heard “hi”',
    '⛵ sailing on: v6 heard “hi”',
  ])
})

describe('the diary', () => {
  function diary() {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-diary-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const path = join(folder, 'diary.jsonl')
    const lines = () =>
      readFileSync(path, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown)
    return { diary: openDiary(path), lines }
  }

  test('notes begin and end of what a handler does, and gaps', async () => {
    const { diary: open, lines } = diary()
    await open.around('slack C1 1.0', 'live', async () => {})
    const [from, to] = ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:01.000Z']
    open.gap({ connection: 'demo-slack', from, to, recoverable: ['messages'] })
    expect(lines()).toMatchObject([
      { what: 'begin', key: 'slack C1 1.0', delivery: 'live', pid: process.pid },
      { what: 'end', key: 'slack C1 1.0' },
      { what: 'gap', connection: 'demo-slack', fromAt: 1767225600000, toAt: 1767225601000, fills: true },
    ])
  })

  test('notes no end where the handler failed', async () => {
    const { diary: open, lines } = diary()
    await expect(open.around('k', 'live', () => Promise.reject(new Error('refused')))).rejects.toThrow(
      'refused',
    )
    expect(lines()).toMatchObject([{ what: 'begin' }])
  })
})
