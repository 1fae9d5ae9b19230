import { expect, test } from 'vitest'
import { type Demand, Demands } from '../src/awaited.ts'

/** A promise of ours that nothing settles, and one that is settled. */
function promises() {
  const demands = new Demands()
  const open = new Promise<string>(() => {})
  const done = Promise.resolve('done')
  const asked: string[] = []
  const demand = demands.watch(open, () => asked.push('open'))
  demands.watch(done)
  return { open, done, demand, asked }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('nobody waits for a promise that was only made', () => {
  expect(promises().demand.isLive).toBe(false)
})

test.each<[string, (open: Promise<string>, done: Promise<string>) => unknown]>([
  ['await', async (open) => await open],
  ['then', (open) => open.then(() => {})],
  ['finally', (open) => open.finally(() => {})],
  ['the end of a chain', async (open) => await open.then((text) => text)],
  ['return', async (open) => open],
  ['Promise.all', (open, done) => Promise.all([open, done])],
  ['Promise.allSettled', (open, done) => Promise.allSettled([done, open])],
  ['a race that nobody has won', (open) => Promise.race([open, new Promise(() => {})])],
])('somebody waits by %s', async (_, ask) => {
  const { open, done, demand, asked } = promises()
  void ask(open, done)
  await turn()
  expect(demand.isLive).toBe(true)
  expect(asked).not.toEqual([])
})

test.each<[string, (open: Promise<string>, done: Promise<string>) => unknown]>([
  ['Promise.race', (open, done) => Promise.race([open, done])],
  ['Promise.any', (open, done) => Promise.any([open, done])],
  ['a race of chains', (open, done) => Promise.race([open.then(() => 1), done.then(() => 2)])],
  ['a race that is awaited', async (open, done) => await Promise.race([done, open])],
])('nobody waits any more for what lost by %s', async (_, ask) => {
  const { open, done, demand } = promises()
  void ask(open, done)
  expect(demand.isLive).toBe(true)
  await turn()
  expect(demand.isLive).toBe(false)
})

test('what lost a race may be waited for again', async () => {
  const { open, done, demand } = promises()
  await Promise.race([open, done])
  expect(demand.isLive).toBe(false)
  const again: Promise<string> = (async () => await open)()
  void again
  expect(demand.isLive).toBe(true)
})

test('gives what the promise gives, whatever way it is asked', async () => {
  const demands = new Demands()
  const given = Promise.resolve(7)
  const refused = Promise.reject(new Error('no'))
  const watched: Demand[] = [demands.watch(given), demands.watch(refused)]
  expect(watched).toHaveLength(2)
  expect(await given).toBe(7)
  expect(await given.then((number) => number + 1)).toBe(8)
  expect(await Promise.all([given, given.finally(() => {})])).toEqual([7, 7])
  expect(await refused.catch((error: Error) => error.message)).toBe('no')
  await expect(Promise.race([refused])).rejects.toThrow('no')
})
