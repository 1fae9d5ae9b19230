import { expect, test } from 'vitest'
import { type ActionContext, act, actionHelp } from '../src/demo/actions.ts'

const ACTIONS = [
  { name: 'kill-worker', label: 'Kill a worker', help: 'Ends one.', key: 'k' },
  { name: 'roll', label: 'Roll', help: 'Starts the next version.', key: 'r' },
]
const LEDGER = {
  ...{ sent: 3, handled: 2, answered: 2, waiting: 1, lost: 0, repeated: 0, reordered: 0 },
  ...{ backfilled: 0, notRecoverable: 0, announcedGaps: 0, oldestWaitingMs: 12 },
}

function stage(running: Readonly<Record<string, string>> = {}) {
  const done: string[] = []
  const parts = [{ name: 'worker 1', kind: 'worker', pid: 11, state: 'up', version: 'v1' }] as const
  const context: ActionContext = {
    room: { say: (text, on) => void done.push(`say ${text} on ${on.join(' and ')}`) },
    stage: {
      actions: ACTIONS,
      perform: async (name) => {
        if (name === 'roll') throw new Error('Roll: it is under way')
        done.push(`perform ${name}`)
      },
      state: () => ({ parts, ledger: LEDGER, refused: {}, running }),
    },
    print: (line) => void done.push(`print ${line}`),
    quit: () => void done.push('quit'),
  }
  return { done, context }
}

test.each([
  ['hello there', ['say hello there on slack and discord']],
  ['/slack only here', ['say only here on slack']],
  ['/discord only  there', ['say only  there on discord']],
  ['', []],
  ['/quit', ['quit']],
  ['/kill-worker', ['perform kill-worker']],
  ['/roll', ['print Roll: it is under way']],
  ['/slack', ['print /slack needs a text']],
  ['/kill', ['print there is no /kill; see /help']],
  ['/rol', ['print there is no /rol; did you mean "/roll"?']],
  ['/toString', ['print there is no /toString; see /help']],
])('a typed %j does %j', async (line, expected) => {
  const { done, context } = stage()
  await act(line, context)
  expect(done).toEqual(expected)
})

test('an action that has to wait says for what', async () => {
  const { done, context } = stage({ 'kill-worker': 'waits until “Roll” is over' })
  await act('/kill-worker', context)
  expect(done).toEqual(['perform kill-worker', 'print /kill-worker waits until “Roll” is over'])
})

test('/stats tells the ledger and who runs', async () => {
  const { done, context } = stage()
  await act('/stats', context)
  expect(done).toEqual([
    'print said 3, answered 2, waiting 1, filled in 0',
    'print lost 0, repeated 0, out of order 0',
    'print worker 1 (v1): up, pid 11',
  ])
})

test('the help lists the actions of the stage and all other words', () => {
  const text = actionHelp({ actions: ACTIONS }).join('\n')
  for (const name of ['kill-worker', 'roll', 'slack', 'discord', 'stats', 'help', 'quit']) {
    expect(text).toMatch(new RegExp(`^  /${name}\\b`, 'm'))
  }
})
