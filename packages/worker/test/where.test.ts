import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contains } from '../src/where.ts'

test.each<[unknown, unknown]>([
  [{ a: 1, b: 2 }, { a: 1 }],
  [{ a: { b: { c: 'x' }, d: 1 } }, { a: { b: { c: 'x' } } }],
  [{ a: null }, { a: null }],
  [{ a: [1, 2, 3] }, { a: [3, 1] }],
  [{ a: [{ id: 1, x: 2 }, { id: 2 }] }, { a: [{ id: 2 }] }],
  [{ a: [[1, 2], [3]] }, { a: [[2]] }],
  [{ a: [] }, { a: [] }],
  [{ a: 1 }, {}],
  [JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":1}}')],
  [JSON.parse('{"a":9007199254740993}'), JSON.parse('{"a":9007199254740992}')],
])('%j contains %j', (value, wanted) => {
  expect(contains(value, wanted)).toBe(true)
})

test.each<[unknown, unknown]>([
  [{ a: 1 }, { a: 2 }],
  [{ a: 1 }, { a: '1' }],
  [{ a: 0 }, { a: false }],
  [{ a: null }, { a: {} }],
  [{ a: undefined }, { a: null }],
  [{}, { a: null }],
  [{ a: null }, { a: 0 }],
  [{ a: {} }, { a: null }],
  [{ a: [1] }, { a: [1, 2] }],
  [{ a: [1] }, { a: { 0: 1 } }],
  [{ a: { 0: 1 } }, { a: [1] }],
  [{ a: [[1], [2]] }, { a: [[1, 2]] }],
  [{ a: 'text' }, { a: { length: 4 } }],
  [[], { length: 0 }],
  [{}, JSON.parse('{"__proto__":{}}')],
  [{}, { constructor: {} }],
  [{}, { toString: {} }],
  [null, {}],
  ['a', {}],
])('%j does not contain %j', (value, wanted) => {
  expect(contains(value, wanted)).toBe(false)
})

test('what is too deep is in nothing, and ends no worker', () => {
  const deep = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)
  expect(contains(deep(60), deep(60))).toBe(true)
  expect(contains(deep(5_000), deep(5_000))).toBe(false)
})

test('every event contains itself, and each part of itself', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (fields) => {
      const event: Record<string, unknown> = JSON.parse(JSON.stringify(fields))
      expect(contains(event, event)).toBe(true)
      for (const name of Object.keys(event)) {
        const { [name]: one, ...others } = event
        expect(contains(event, others)).toBe(true)
        expect(contains(others, { [name]: one })).toBe(false)
      }
    }),
  )
})
