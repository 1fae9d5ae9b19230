import type { Subscription, WorkerWish } from '@holdfast/queue'
import { expect, test } from 'vitest'
import { startAdvice } from '../src/start-advice.ts'

const declaration = { subscription: 'commands', patterns: ['slack.message'], order: 'conversation' } as const
const subscription: Subscription = {
  name: 'commands',
  patterns: ['slack.message'],
  order: 'conversation',
  initial: false,
  maxWaiting: 1,
  maxIdleMs: 1,
  fixed: false,
  workerCount: 1,
}
const sight = (facts: Partial<Subscription> = {}, others: readonly WorkerWish[] = []) => ({
  subscription: { ...subscription, ...facts },
  others,
})

test('has nothing to say where all is well, or nothing is known', () => {
  expect(startAdvice(declaration, sight())).toEqual([])
  expect(startAdvice({ ...declaration, patterns: ['slack.*', 'holdfast.gap'] }, sight())).toEqual([])
  expect(startAdvice(declaration, undefined)).toEqual([])
})

test.each([
  ['discord.MESSAGE_CRAETE', 'discord.MESSAGE_CREATE'],
  ['slack.reaction_aded', 'slack.reaction_added'],
  ['slack.mesage', 'slack.message'],
])('asks whether %s was meant to be %s', (text, meant) => {
  expect(startAdvice({ ...declaration, patterns: [text] }, undefined)).toEqual([
    `"${text}" is no event type that is known here: did you mean "${meant}"?`,
  ])
})

test.each(['slack.interactive.block_actions', 'discord.SOMETHING_QUITE_NEW', 'slack.hello'])(
  'lets %s be, which is near to no known type',
  (text) => {
    expect(startAdvice({ ...declaration, patterns: [text] }, undefined)).toEqual([])
  },
)

test('names a handler that the configuration file leaves without events, and what to do', () => {
  const patterns = ['slack.message', 'slack.reaction_added']
  expect(startAdvice({ ...declaration, patterns }, sight({ fixed: true }))).toEqual([
    'the handler of "slack.reaction_added" gets nothing: the configuration file fixes "commands" to slack.message; add it there, under subscriptions',
  ])
  expect(startAdvice({ ...declaration, patterns: ['slack.message'], handles: patterns }, sight())).toEqual([
    'the handler of "slack.reaction_added" gets nothing: "commands" wishes for slack.message; add it to the option events',
  ])
})

test('tells that another live worker orders the same events otherwise', () => {
  const other = {
    ...declaration,
    workerId: 'w2',
    orders: [{ pattern: 'slack.message', order: 'none' as const }],
  }
  expect(startAdvice(declaration, sight({}, [other]))).toEqual([
    '"slack.message" is ordered by none by another live worker, and by conversation here: what was declared last is used',
  ])
  expect(startAdvice({ ...declaration, orders: other.orders }, sight({}, [other]))).toEqual([])
})
