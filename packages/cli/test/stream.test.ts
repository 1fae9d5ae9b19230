import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@holdfast/runtime'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  type CorpusPayload,
  conversationOf,
  FreshIdentities,
  KEY_FIELD,
  readCorpus,
} from '../src/check/corpus.ts'
import { Stream } from '../src/check/stream.ts'
import type { Happening } from '../src/demo/simulator-client.ts'

const frame: CorpusPayload = {
  platform: 'slack',
  type: 'reaction_added',
  frame: { type: 'reaction_added', item: { channel: 'C9' }, event_ts: '1.000001' },
}
const dispatch: CorpusPayload = {
  platform: 'discord',
  type: 'MESSAGE_CREATE',
  data: { id: '1', channel_id: '77', content: 'hi' },
}

describe('recorded payloads', () => {
  function folderWith(slack: readonly unknown[], discord: readonly unknown[]) {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-corpus-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const lines = (values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('')
    writeFileSync(join(folder, 'slack-rtm.jsonl'), lines(slack))
    writeFileSync(join(folder, 'discord-dispatch.jsonl'), lines(discord))
    return folder
  }

  test('are read from the first folder that has both files', () => {
    const folder = folderWith(
      [frame.platform === 'slack' && frame.frame],
      [{ t: 'TYPING_START', d: { channel_id: '1' } }],
    )
    const corpus = readCorpus(['/nowhere', folder])
    expect(corpus.folder).toBe(folder)
    expect(corpus.payloads.map(({ type }) => type)).toEqual(['reaction_added', 'TYPING_START'])
  })

  test('leave out frames about the socket, frames without a stamp, and what begins a session', () => {
    const frames = [{ type: 'hello' }, { type: 'user_typing', channel: 'C1' }, { type: 'pong', ts: '1.2' }]
    const dispatches = [
      { t: 'READY', d: {} },
      { t: 'GUILD_CREATE', d: {} },
      { t: 'PRESENCES_REPLACE', d: [] },
    ]
    expect(readCorpus([folderWith(frames, dispatches)]).payloads).toEqual([])
  })

  test('that are nowhere give one line that names where they were looked for', () => {
    expect(() => readCorpus(['/nowhere', '/neither'])).toThrow(
      'no payloads to replay in /nowhere or /neither; restore the folder',
    )
  })
})

describe('fresh identities', () => {
  const identities = () => new FreshIdentities(new ManualClock())

  test('never repeat, even within one instant', () => {
    const fresh = identities()
    const stamps = [fresh.renew(frame, 'a'), fresh.renew(frame, 'b')].map(
      (payload) => payload.platform === 'slack' && payload.frame.event_ts,
    )
    expect(new Set([...stamps, '1.000001']).size).toBe(3)
    const ids = [fresh.renew(dispatch, 'c'), fresh.renew(dispatch, 'd')].map(
      (payload) => payload.platform === 'discord' && payload.data.id,
    )
    expect(new Set([...ids, '1']).size).toBe(3)
  })

  test('change nothing else but the name of the payload', () => {
    const renewed = identities().renew(dispatch, 'c')
    expect(renewed).toEqual({
      ...dispatch,
      data: { channel_id: '77', content: 'hi', id: expect.stringMatching(/^\d{15,}$/), [KEY_FIELD]: 'c' },
    })
  })
})

test('the order of a payload counts in its channel, of an interaction nowhere', () => {
  expect(conversationOf(frame)).toBe('slack C9')
  expect(conversationOf(dispatch)).toBe('discord 77')
  expect(conversationOf({ ...dispatch, type: 'INTERACTION_CREATE' })).toBeUndefined()
})

describe('the stream', () => {
  const platform = { apiUrl: '', token: '', bot: 'B', botIds: ['B'], user: 'U' }
  const platforms = {
    url: '',
    slack: { ...platform, channels: ['C1', 'C2'] },
    discord: { ...platform, channels: ['1', '2'] },
  }

  async function sent(leastCount: number, enough: () => boolean = () => true) {
    const clock = new ManualClock()
    const happened: Happening[] = []
    const client = { happen: async (batch: readonly Happening[]) => void happened.push(...batch) }
    const stream = new Stream({ client, platforms, payloads: [frame, dispatch], perSecond: 40, clock })
    const running = stream.run(leastCount, enough, new AbortController().signal).then(() => 'done')
    while ((await Promise.race([running, new Promise((resolve) => setImmediate(resolve))])) !== 'done') {
      clock.advance(50)
    }
    return { stream, happened, ms: clock.monotonicMs() }
  }

  test('mixes one payload with three messages, which are numbered in each channel by itself', async () => {
    const { happened, stream } = await sent(12)
    expect(happened.map(({ on, body }) => `${on} ${'text' in body ? body.text : ''}`.trim())).toEqual([
      'slack/frame',
      'slack/message check slack C1 #1',
      'discord/message check discord 1 #1',
      'slack/message check slack C2 #1',
      'discord/dispatch',
      'discord/message check discord 2 #1',
      'slack/message check slack C1 #2',
      'discord/message check discord 1 #2',
      'slack/frame',
      'slack/message check slack C2 #2',
      'discord/message check discord 2 #2',
      'slack/message check slack C1 #3',
    ])
    expect(stream.notes.map(({ key, type }) => `${key} ${type}`)).toEqual([
      'payload-0 reaction_added',
      'payload-1 MESSAGE_CREATE',
      'payload-2 reaction_added',
    ])
  })

  test('keeps its pace', async () => {
    expect((await sent(40)).ms).toBe(1_000)
  })

  test('goes on until it is enough, however many that are', async () => {
    let looks = 0
    const { happened } = await sent(1, () => ++looks > 100)
    expect(happened.length).toBeGreaterThan(100)
  })
})
