import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { decodeEvent, EVENT_VERSION } from '../src/index.ts'
import { EVENT_SCHEMA } from '../src/schema.ts'
import { eventOf, SAMPLE_FILES, samplesOf } from './sample.ts'

const file = new URL('../schema/event.v1.schema.json', import.meta.url)
const fixtures = new URL('../fixtures/', import.meta.url)

const events: Record<string, unknown>[] = SAMPLE_FILES.flatMap((name) => samplesOf(fixtures, name))
  .filter(({ reading }) => reading.kind === 'event')
  .map(({ reading }) => JSON.parse(eventOf(reading).text))

const { $schema, ...rest } = z.toJSONSchema(EVENT_SCHEMA, { io: 'input', unrepresentable: 'any' })
const schema = { $schema, $id: `urn:holdfast:event:${EVENT_VERSION}`, ...rest }

test('the published JSON Schema is the one that the codec holds (vitest -u writes it anew)', async () => {
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(file.pathname)
})

describe('the JSON Schema and the codec', () => {
  const validate = new Ajv2020({ strict: true }).compile(schema)
  const agree = (event: unknown) => expect(validate(event)).toBe(decodeEvent(event).ok)

  test('accept every event of the fixtures', () => {
    for (const event of events) {
      agree(event)
      expect(validate(event)).toBe(true)
    }
  })

  test('agree on every event with one attribute spoilt, missing or added', () => {
    const attribute = fc.oneof(
      fc.constantFrom(...new Set(events.flatMap((event) => Object.keys(event)))),
      fc.stringMatching(/^[a-z]{1,12}$/),
    )
    const spoilt = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(
        '',
        '1',
        'a:b',
        '/slack',
        '/discord/x/1',
        'slack.',
        'slack.a.b',
        '2026-02-30T24:00:00Z',
      ),
      fc.constantFrom(
        '2026-01-31T12:00:00Z',
        '2026-01-31 12:00:00Z',
        '1.0',
        'live',
        'application/json',
        1,
        2,
      ),
    )
    const missing = fc.constant(undefined)
    fc.assert(
      fc.property(fc.constantFrom(...events), attribute, fc.oneof(spoilt, missing), (event, name, value) => {
        const { [name]: _, ...rest } = event
        agree(value === undefined ? rest : { ...rest, [name]: value })
      }),
      { numRuns: 2_000 },
    )
  })

  test('agree on any JSON at all', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(typeof value !== 'string') // the codec takes text for the event's own
        agree(value)
      }),
    )
  })
})
