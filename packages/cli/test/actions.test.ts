import { expect, test } from 'vitest'
import { type ActionContext, act, actionHelp } from '../src/demo/actions.ts'

function stage() {
  const done: string[] = []
  const note = (what: string) => async () => void done.push(what)
  const crew = { workers: [{ pid: 11 }, { pid: 12 }], generation: 1 }
  const context = {
    room: {
      counts: { said: 2, answered: 1 },
      say: async (text: string, on: readonly string[]) =>
        void done.push(`say ${text} on ${on.join(' and ')}`),
    },
    stage: {
      crew: {
        ...crew,
        kill: async ({ pid }: { pid: number }) => void done.push(`kill ${pid}`),
        roll: note('roll'),
      },
      gateway: {
        child: { pid: 10 },
        address: 'http://gateway',
        stop: note('stop gateway'),
        start: note('start gateway'),
      },
    },
    turns: {
      take: async (name: string, fault: () => Promise<void>) => {
        done.push(`turn of ${name}`)
        await fault()
      },
    },
    print: (line: string) => void done.push(`print ${line}`),
    quit: () => void done.push('quit'),
  }
  return { done, context: context as unknown as ActionContext }
}

test.each([
  ['hello there', ['say hello there on slack and discord']],
  ['/slack only here', ['say only here on slack']],
  ['/discord only  there', ['say only  there on discord']],
  ['', []],
  ['/quit', ['quit']],
  ['/kill', ['turn of /kill', 'print killing worker 11 …', 'kill 11', 'print workers now: 11, 12']],
  ['/roll', ['turn of /roll', 'print releasing v2 …', 'roll', 'print v1 is at work; workers now: 11, 12']],
  ['/slack', ['print /slack needs a text']],
  ['/kil', ['print there is no /kil; did you mean "/kill"?']],
  ['/toString', ['print there is no /toString; see /help']],
])('a typed %j does %j', async (line, expected) => {
  const { done, context } = stage()
  await act(line, context)
  expect(done).toEqual(expected)
})

test('a restart of the gateway starts the new one when the old one is gone', async () => {
  const { done, context } = stage()
  await act('/restart-gateway', context)
  expect(done.filter((line) => /^(stop|start)/.test(line))).toEqual(['stop gateway', 'start gateway'])
})

test('the help lists every action', () => {
  const text = actionHelp().join('\n')
  for (const name of ['slack', 'discord', 'kill', 'roll', 'restart-gateway', 'stats', 'help', 'quit']) {
    expect(text).toMatch(new RegExp(`^  /${name}\\b`, 'm'))
  }
})
