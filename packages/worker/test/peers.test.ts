import type { WorkerWish } from '@holdfast/queue'
import { ManualClock } from '@holdfast/runtime'
import { expect, test } from 'vitest'
import { Peers } from '../src/peers.ts'
import { timerSet } from './worker-bench.ts'

const wish = (workerId: string, ...patterns: string[]): WorkerWish => ({
  workerId,
  subscription: 'commands',
  patterns,
  order: 'conversation',
})

/** Peers of the worker `me` in a registry that a test may change. */
function bench(...wishes: WorkerWish[]) {
  const clock = new ManualClock()
  const registry = { wishes, askedCount: 0, ask: async () => registry.wishes }
  const wishers = () => {
    registry.askedCount += 1
    return registry.ask()
  }
  return { clock, registry, peers: new Peers({ workerId: 'me', wishers, clock }) }
}

test('finds the other worker that has a handler, by its patterns', async () => {
  const { peers } = bench(wish('me', 'slack.message'), wish('other', 'slack.*'))
  expect(await peers.handle('slack.reaction_added')).toBe('yes')
  expect(await peers.handle('discord.MESSAGE_CREATE')).toBe('no')
})

test('asks once a second for what others handle, and each time before it says no', async () => {
  const { peers, registry, clock } = bench(wish('me'), wish('other', 'slack.message'))
  await peers.handle('slack.message')
  await peers.handle('slack.message')
  expect(registry.askedCount).toBe(1)
  clock.advance(1_000)
  await peers.handle('slack.message')
  expect(registry.askedCount).toBe(2)
  expect(await peers.handle('slack.pin_added')).toBe('no')
  registry.wishes = [...registry.wishes, wish('new', 'slack.pin_added')]
  expect(await peers.handle('slack.pin_added')).toBe('yes')
})

test('asks those for a handler who have one, not those who only wish for the event', async () => {
  const { peers } = bench(wish('me', 'slack.*'), { ...wish('twin', 'slack.*'), handles: ['slack.message'] })
  expect(await peers.handle('slack.message')).toBe('yes')
  expect(await peers.handle('slack.reaction_added')).toBe('no')
})

test('knows nothing while its own wish does not stand', async () => {
  const { peers } = bench(wish('other', 'slack.pin_added'))
  expect(await peers.handle('slack.message')).toBe('unknown')
})

test('knows nothing while Redis refuses or does not answer', async () => {
  const { peers, registry, clock } = bench(wish('me'))
  registry.ask = () => Promise.reject(new Error('LOADING'))
  expect(await peers.handle('slack.message')).toBe('unknown')
  registry.ask = () => new Promise(() => {})
  const answer = peers.handle('slack.message')
  await timerSet(clock)
  clock.advance(1_000)
  expect(await answer).toBe('unknown')
})
