import { expect, test } from 'vitest'
import { FaultTurns } from '../src/demo/fault-turns.ts'

function stage() {
  const done: string[] = []
  const interruption = new AbortController()
  const turns = new FaultTurns({
    print: (line) => void done.push(line),
    onFailure: (error) => void done.push(String(error)),
    signal: interruption.signal,
  })
  /** A fault that ends when the test says so. */
  const fault = (name: string) => {
    let end = () => {}
    turns.take(name, () => {
      done.push(`${name} begins`)
      return new Promise((resolve) => (end = resolve))
    })
    return { end: () => end() }
  }
  return { done, turns, fault, interruption }
}

test('a second fault waits for the first and is told so', async () => {
  const { done, turns, fault } = stage()
  const roll = fault('/roll')
  fault('/kill')
  await Promise.resolve()
  expect(done).toEqual(['/kill waits until /roll is over', '/roll begins'])
  roll.end()
  await expect.poll(() => done.at(-1)).toBe('/kill begins')
  turns.take('/roll', async () => {})
  expect(done.at(-1)).toBe('/roll waits until /kill is over')
})

test('a fault that fails is told, and the next has its turn', async () => {
  const { done, turns } = stage()
  turns.take('/roll', () => Promise.reject(new Error('no worker came')))
  turns.take('/kill', async () => void done.push('/kill happens'))
  await turns.over()
  expect(done.slice(1)).toEqual(['Error: no worker came', '/kill happens'])
  turns.take('/kill', async () => void done.push('/kill happens at once'))
  await turns.over()
  expect(done.at(-1)).toBe('/kill happens at once')
  expect(done).toHaveLength(4)
})

test('after an interruption those that wait are left out', async () => {
  const { done, turns, fault, interruption } = stage()
  const roll = fault('/roll')
  fault('/kill')
  await Promise.resolve()
  interruption.abort()
  roll.end()
  await turns.over()
  expect(done).not.toContain('/kill begins')
})
