import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { elementTexts, memberText, withMember, withoutMember } from '../src/member.ts'

/** JSON text with everything that may confuse a reader: white space, escapes, nesting, braces and quotes in strings. */
const space = fc.constantFrom('', ' ', '\n', '\t ', '\r\n')
const character = fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', ' ', 'a', 'é', '🌊', '\u0000')
const string = fc
  .array(character, { maxLength: 8 })
  .map((characters) => characters.join(''))
  .chain((plain) => fc.constantFrom(JSON.stringify(plain), escaped(plain)))
const scalar = fc.oneof(
  string,
  fc.constantFrom('true', 'false', 'null', '0', '-1.5e+9', '12345678901234567890'),
)

const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc
      .tuple(space, fc.array(tie('value'), { maxLength: 4 }))
      .map(([gap, items]) => `[${items.join(`${gap},`)}${gap}]`),
    fc
      .tuple(space, fc.array(fc.tuple(string, tie('value')), { maxLength: 4 }))
      .map(([gap, members]) => objectText(gap, members)),
  ),
}))

const key = fc.constantFrom('"event"', '"\\u0065vent"', '"even"', '"event "', '"ev\\"ent"', '"type"', '""')
const object = fc
  .tuple(space, fc.array(fc.tuple(key, value), { maxLength: 6 }))
  .map(([gap, members]) => objectText(gap, members))

function objectText(gap: string, members: readonly (readonly [string, string])[]): string {
  return `${gap}{${gap}${members.map(([name, held]) => `${name}${gap}:${gap}${held}`).join(`${gap},${gap}`)}${gap}}${gap}`
}

function escaped(text: string): string {
  const units = Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`
}

describe('elementTexts', () => {
  test('cuts out what JSON.parse would read, in order, whatever surrounds it', () => {
    const list = fc.tuple(space, fc.array(value, { maxLength: 6 }))
    fc.assert(
      fc.property(list, ([gap, items]) => {
        const text = `${gap}[${gap}${items.join(`${gap},${gap}`)}${gap}]${gap}`
        const cut = elementTexts(text)
        expect(cut).toEqual(items.map((item) => item.trim()))
        expect(cut.map((item) => JSON.parse(item))).toEqual(JSON.parse(text))
      }),
    )
  })

  test.each(['{}', '"[1]"', '7', 'null', ''])('finds nothing in %s, which is no list', (text) => {
    expect(elementTexts(text)).toEqual([])
  })
})

describe('memberText', () => {
  test('cuts out what JSON.parse would read, whatever surrounds it', () => {
    fc.assert(
      fc.property(object, (text) => {
        const parsed: { event?: unknown } = JSON.parse(text)
        const cut = memberText(text, 'event')
        if (cut === undefined) expect(Object.hasOwn(parsed, 'event')).toBe(false)
        else expect(JSON.parse(cut)).toEqual(parsed.event)
      }),
      { numRuns: 2_000 },
    )
  })

  test('gives a piece of the text itself', () => {
    fc.assert(
      fc.property(object, (text) => text.includes(memberText(text, 'event') ?? '')),
      { numRuns: 500 },
    )
  })

  test.each([
    ['{"event":12345678901234567890}', '12345678901234567890'],
    ['{ "event" : {"a":"}"} }', '{"a":"}"}'],
    ['{"x":"\\\\","event":"\\""}', '"\\""'],
    ['{"event":1,"event":2}', '2'],
    ['{"x":{"event":1}}', undefined],
    ['[{"event":1}]', undefined],
    ['"event"', undefined],
    ['{}', undefined],
  ])('%s', (text, expected) => {
    expect(memberText(text, 'event')).toBe(expected)
  })
})

describe('withoutMember', () => {
  test('leaves every other member as JSON.parse reads it', () => {
    fc.assert(
      fc.property(object, (text) => {
        const { event: _, ...rest } = JSON.parse(text)
        expect(JSON.parse(withoutMember(text, 'event'))).toEqual(rest)
      }),
      { numRuns: 2_000 },
    )
  })

  test('keeps the bytes of what it leaves', () => {
    const text = '{"n":1.0, "event":{"a":1} ,"s":"\\u00e9","n":2}'
    expect(withoutMember(text, 'event')).toBe('{"n":1.0,"s":"\\u00e9","n":2}')
  })
})

describe('withMember', () => {
  test('adds one member and changes no other', () => {
    fc.assert(
      fc.property(object, (text) => {
        const before: object = JSON.parse(text)
        expect(JSON.parse(withMember(text, 'event', '"new"'))).toEqual({ event: 'new', ...before })
      }),
      { numRuns: 1_000 },
    )
  })

  test('puts it in front and keeps the bytes behind it', () => {
    expect(withMember('{"n":1.0}', 'channel', '"C1"')).toBe('{"channel":"C1","n":1.0}')
    expect(withMember(' { } ', 'channel', '"C1"')).toBe('{"channel":"C1" } ')
  })
})
