// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how configuration files write variables

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { substitute } from '../src/config/substitution.ts'

const done = (text: string) => ({ kind: 'done', text })

describe('substitution', () => {
  test.each([
    ['${A}', done('one')],
    ['x${A}y${B}z', done('xoneytwoz')],
    ['${UNSET:-default}', done('default')],
    ['${EMPTY:-default}', done('default')],
    ['${UNSET:-}', done('')],
    ['${EMPTY}', done('')],
    ['${A:-default}', done('one')],
    ['${UNSET:-redis://127.0.0.1:6379}', done('redis://127.0.0.1:6379')],
    ['$${A}', done('${A}')],
    ['$A and 5$', done('$A and 5$')],
    ['${UNSET}', { kind: 'unset', variable: 'UNSET' }],
    ['${}', { kind: 'malformed', part: '${}' }],
    ['${1A}', { kind: 'malformed', part: '${1A}' }],
    ['${A-default}', { kind: 'malformed', part: '${A-default}' }],
    ['${A', { kind: 'malformed', part: '${A' }],
  ])('%s', (text, result) => {
    expect(substitute(text, { A: 'one', B: 'two', EMPTY: '' })).toEqual(result)
  })

  test('never substitutes what a variable holds', () => {
    expect(substitute('${A}', { A: '${B}', B: 'two' })).toEqual(done('${B}'))
  })

  test('leaves text without ${ as it is', () => {
    const plain = fc.string().filter((text) => !text.includes('${'))
    fc.assert(
      fc.property(plain, (text) => {
        expect(substitute(text, {})).toEqual(done(text))
      }),
    )
  })
})
