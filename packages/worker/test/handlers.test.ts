import { expect, test } from 'vitest'
import { Handlers } from '../src/handlers.ts'

/** Handlers that are told apart by what they return. */
function handlersFor(...patterns: string[]) {
  const handlers = new Handlers()
  for (const pattern of patterns) handlers.add(pattern, () => pattern)
  return handlers
}

const chosen = (handlers: Handlers, type: string) => handlers.find(type)?.({} as never, {} as never)

test.each([
  ['slack.message', 'slack.message'],
  ['slack.reaction_added', 'slack.*'],
  ['slack.interactive.block_actions', 'slack.interactive.*'],
  ['discord.MESSAGE_CREATE', '*'],
])('gives %s to the handler of %s', (type, pattern) => {
  const handlers = handlersFor('*', 'slack.*', 'slack.interactive.*', 'slack.message')
  expect(chosen(handlers, type)).toBe(pattern)
})

test('finds none where no pattern matches', () => {
  expect(handlersFor('slack.message').find('slack.pin_added')).toBeUndefined()
})

test('finds a handler that was added after its type had been looked for', () => {
  const handlers = handlersFor('slack.message')
  expect(handlers.find('discord.READY')).toBeUndefined()
  handlers.add('discord.READY', () => 'ready')
  expect(chosen(handlers, 'discord.READY')).toBe('ready')
})

test('a second handler for a pattern is a problem, not a surprise', () => {
  expect(handlersFor('slack.*', 'slack.*').problems).toEqual([expect.stringContaining('has two handlers')])
})

test.each([undefined, null, 'slack.message', {}])(
  'a pattern with %j for a handler is a problem',
  (nothing) => {
    const handlers = new Handlers()
    handlers.add('slack.*', nothing as never)
    expect(handlers.problems).toEqual([
      '"slack.*" has no handler: give worker.on("slack.*", handler) a function',
    ])
  },
)

test.each([undefined, 5, /slack/])('a pattern that is %s is a problem', (nothing) => {
  const handlers = new Handlers()
  handlers.add(nothing as never, () => {})
  expect(handlers.problems).toEqual([expect.stringMatching(/^worker.on takes a pattern first/)])
})

test('a worker without a handler has a problem', () => {
  expect(new Handlers().problems).toEqual([expect.stringContaining('no handler')])
})

test('names the orders of all handlers where one has its own', () => {
  const handlers = handlersFor('slack.message')
  expect(handlers.orders).toBeUndefined()
  handlers.add('slack.*', () => undefined, { order: 'none' })
  expect(handlers.orders).toEqual([{ pattern: 'slack.message' }, { pattern: 'slack.*', order: 'none' }])
  expect(handlers.problems).toEqual([])
})

test('tries events as often as their handler says, else as the worker does', () => {
  const policy = { attempts: 3, backoff: { baseMs: 1_000, maxMs: 60_000 } }
  const handlers = new Handlers()
  handlers.add('slack.message', () => undefined, { attempts: 7, backoff: { maxMs: 5_000 } })
  // As JavaScript gives what it may not know.
  handlers.add('slack.*', () => undefined, { attempts: undefined, backoff: { baseMs: undefined } } as never)
  expect(handlers.problems).toEqual([])
  expect(handlers.policyOf('slack.message', policy)).toEqual({
    attempts: 7,
    backoff: { baseMs: 1_000, maxMs: 5_000 },
  })
  expect(handlers.policyOf('slack.pin_added', policy)).toEqual(policy)
  expect(handlers.policyOf('discord.READY', policy)).toEqual(policy)
})

test.each([
  [{ order: 'lane' }, '"slack.*": order is "lane": use conversation, actor, none'],
  [
    { order: () => 'x' },
    '"slack.*": order is a function: use conversation, actor, none (a function would run too late: order is made at the enqueue)',
  ],
  [{ oder: 'none' }, '"slack.*": option oder is unknown; did you mean "order"?'],
  [{ attempts: 0 }, '"slack.*": attempts is 0: use a whole number from 1 on'],
  [{ backoff: { baseMs: 0.5 } }, '"slack.*": backoff.baseMs is 0.5: use a whole number from 1 on'],
  [null, '"slack.*" has null for options: worker.on takes an object, like { order: "none" }'],
])('options %j are a problem that says what to write', (options, problem) => {
  const handlers = new Handlers()
  handlers.add('slack.*', () => undefined, options as never)
  expect(handlers.problems).toEqual([problem])
})
