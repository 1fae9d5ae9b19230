import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { decodeEvent, type Reading, readSlackEventCallback, readSlackRtmFrame } from '../src/index.ts'
import {
  callback,
  command,
  dispatch,
  eventOf,
  idOf,
  interactive,
  linesOf,
  rtm,
  rtmFrame,
  SAMPLE_FILES,
  type Sample,
  samplesOf,
  socket,
} from './sample.ts'

/*
 * Recorded payloads of both platforms. They are no part of the project; where they are absent this suite is skipped.
 */
const corpus = new URL('../../../../shared/corpus/', import.meta.url)
const present = existsSync(corpus)
if (!present) console.warn(`skipped: no recorded payloads at ${corpus.pathname}`)

const isEvent = ({ reading }: Sample) => reading.kind === 'event' || reading.kind === 'ephemeral'

describe.skipIf(!present).each(SAMPLE_FILES)('every payload of %s', (file) => {
  const samples = present ? samplesOf(corpus, file) : []

  test('is an event, or is said not to be one', () => {
    expect(samples.length).toBeGreaterThan(10)
    expect(samples.filter(({ reading }) => reading.kind === 'malformed')).toEqual([])
  })

  test('reaches the worker byte for byte', () => {
    for (const { place, reading, dataText } of samples.filter(isEvent)) {
      expect(eventOf(reading).text.endsWith(`,"data":${dataText}}`), place).toBe(true)
      const decoded = decodeEvent(eventOf(reading).text)
      expect(decoded, place).toMatchObject({ ok: true })
      if (decoded.ok) expect(decoded.event.data, place).toEqual(JSON.parse(dataText))
    }
  })

  test('keeps its id when it is delivered again', () => {
    for (const [index, { place, reading }] of samplesOf(corpus, file).entries()) {
      const first = samples[index]?.reading
      if (reading.kind === 'event' && first) expect(idOf(reading), place).toBe(idOf(first))
    }
  })
})

/*
 * Many payloads are documentation examples that share made-up stamps and ids. With marks as the platform gives them, a new
 * one for each fact, no two may share an id.
 */
describe.skipIf(!present)('recorded payloads with marks of their own', () => {
  test('are as many facts as payloads', () => {
    const ids = SAMPLE_FILES.flatMap((file) =>
      linesOf(corpus, file).map((line, index) => marked(file, line, index)),
    )
      .filter((reading) => reading.kind === 'event')
      .map(idOf)
    expect(ids.length).toBeGreaterThan(400)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('that are posts are the same facts, of the same conversations, over both transports of Slack', () => {
    const posts = linesOf(corpus, 'slack-rtm.jsonl')
      .map((line): Record<string, unknown> => JSON.parse(line))
      .filter(({ type, subtype, ts }) => type === 'message' && !String(subtype).startsWith('message_') && ts)
    expect(posts.length).toBeGreaterThan(20)
    for (const post of posts) {
      const [overRtm, overSocket] = [rtmFrame(post), callback(post)].map(eventOf)
      expect([overSocket?.id, overSocket?.subject]).toEqual([overRtm?.id, overRtm?.subject])
    }
  })
})

function marked(file: string, line: string, index: number): Reading {
  const payload: Record<string, unknown> = JSON.parse(line)
  switch (file) {
    case 'slack-rtm.jsonl':
      return readSlackRtmFrame(JSON.stringify(stamped(payload, index)), rtm)
    case 'slack-events-api.jsonl': {
      const event = payload.event && stamped(Object(payload.event), index)
      return readSlackEventCallback(JSON.stringify({ ...payload, event, event_id: `Ev${index}` }), socket)
    }
    case 'slack-interactive.jsonl':
      return interactive({ ...payload, trigger_id: `${index}.1.x` })
    case 'slack-slash-commands.jsonl':
      return command({ ...payload, trigger_id: `${index}.1.x` })
    default:
      return dispatch(
        String(payload.t),
        { ...Object(payload.d), id: String(10n ** 18n + BigInt(index)) },
        index,
      )
  }
}

/** The same event at an instant of its own, said wherever it said one. */
function stamped(event: object, index: number): object {
  const stamp = `17724${String(index).padStart(5, '0')}.000100`
  const stamps = ['ts', 'event_ts'].filter((field) => field in event).map((field) => [field, stamp])
  return { ...event, ...Object.fromEntries(stamps) }
}
