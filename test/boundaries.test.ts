import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inPage, RULES, type Rule, unusedDependencies } from './boundaries/rules.ts'
import { readSource } from './boundaries/source-file.ts'
import { memberOf, readWorkspace, type Workspace } from './boundaries/workspace.ts'

const workspace = readWorkspace(join(import.meta.dirname, '..'))

/** A project that consists of the rule's bad file. */
function sampleProject({ sample }: Rule): Workspace {
  const folder = sample.path.split('/', 2).join('/')
  const file = readSource(sample.path, sample.text)
  return {
    members: [memberOf(folder, {}, inPage(file) ? { page: [file] } : { source: [file] })],
    tools: [],
    paths: [sample.path, dirname(sample.path)],
  }
}

describe.each(RULES)('$rule', (rule) => {
  test(`holds, because ${rule.why}`, () => {
    expect(rule.broken(workspace)).toEqual([])
  })

  test('is noticed when it is broken', () => {
    expect(rule.broken(sampleProject(rule))).not.toEqual([])
  })
})

describe('the checker', () => {
  test('reads every package, with its sources', () => {
    const folders = workspace.members.map((member) => member.folder)
    expect(folders).toEqual(expect.arrayContaining(['packages/queue', 'packages/worker', 'services/gateway']))
    expect(workspace.members.filter((member) => member.source.length === 0)).toEqual([])
  })

  test('tells types from values, and sees re-exports and dynamic imports', () => {
    const text = [
      "import type { A } from 'a'",
      "import { type B } from 'b'",
      "import { type C, c } from 'c'",
      "export * from 'd'",
      "export type { E } from 'e'",
      "await import('f')",
      "type G = import('g').G",
      "import 'h'",
    ].join('\n')
    expect(readSource('packages/x/src/x.ts', text).imports).toEqual([
      { specifier: 'a', typeOnly: true },
      { specifier: 'b', typeOnly: true },
      { specifier: 'c', typeOnly: false },
      { specifier: 'd', typeOnly: false },
      { specifier: 'e', typeOnly: true },
      { specifier: 'f', typeOnly: false },
      { specifier: 'g', typeOnly: true },
      { specifier: 'h', typeOnly: false },
    ])
  })

  test('does not take comments and strings for uses of the clock', () => {
    const text = "// Date.now()\nconst text = 'setTimeout(x)'\nnew Date(0)\nclock.setTimer(1, f)"
    expect(readSource('packages/x/src/x.ts', text).ambient).toEqual([])
  })

  test('leaves timers to the bots of the examples', () => {
    const [timers] = RULES.filter(({ sample }) => sample.text.startsWith('setTimeout'))
    if (!timers) throw new Error('no rule is about timers')
    const inExample = { ...timers, sample: { ...timers.sample, path: 'examples/reminder/src/bot.ts' } }
    expect(timers.broken(sampleProject(timers))).not.toEqual([])
    expect(timers.broken(sampleProject(inExample))).toEqual([])
  })

  test('sees uses of the clock that are passed on, not called', () => {
    const text = 'const now = Date.now\nglobalThis.setInterval(f, 1)\nnew Date()'
    expect(readSource('packages/x/src/x.ts', text).ambient).toEqual(['Date.now', 'setInterval', 'new Date()'])
  })
})

test('no package declares a dependency that it does not import', () => {
  expect(unusedDependencies(workspace)).toEqual([])
})
