import { expect, test } from 'vitest'
import { readFlags } from '../src/index.ts'

const OPTIONS = { config: { type: 'string', short: 'c' }, help: { type: 'boolean' } } as const

test.each([
  [['--config', 'a.yaml'], { config: 'a.yaml' }],
  [['--config=a.yaml', '--help'], { config: 'a.yaml', help: true }],
  [['-c', 'a.yaml'], { config: 'a.yaml' }],
  [[], {}],
])('%j says what it says', (args, values) => {
  expect(readFlags(args, OPTIONS)).toEqual({ values: expect.objectContaining(values) })
})

test.each([
  [['--confg', 'x'], /^unknown option "--confg"; did you mean "--config"\?$/],
  [['--zebra'], /^unknown option "--zebra"; see --help$/],
  [['--config'], /; see --help$/],
  [['start'], /; see --help$/],
])('%j is a problem of one line', (args, problem) => {
  expect(readFlags(args, OPTIONS)).toEqual({ problem: expect.stringMatching(problem) })
})
