import { expect, test } from 'vitest'
import { Turns } from '../src/stage/turns.ts'

function stage() {
  const done: string[] = []
  const interruption = new AbortController()
  const turns = new Turns(interruption.signal)
  /** A fault that ends when the test says so. */
  const fault = (name: string) => {
    let settle = { end: () => {}, fail: (_: Error) => {} }
    const over = turns.take(name, `/${name}`, (tell) => {
      done.push(`${name} begins`)
      tell(`${name} is halfway`)
      return new Promise((end, fail) => {
        settle = { end, fail }
      })
    })
    return { end: () => settle.end(), fail: (error: Error) => settle.fail(error), over }
  }
  return { done, turns, fault, interruption }
}

test('a second fault waits for the first and says so', async () => {
  const { done, turns, fault } = stage()
  const roll = fault('roll')
  fault('kill')
  await expect
    .poll(() => turns.progress)
    .toEqual({ roll: 'roll is halfway', kill: 'waits until “/roll” is over' })
  expect([turns.has('kill'), turns.has('pause'), turns.busy]).toEqual([true, false, true])
  roll.end()
  await expect.poll(() => turns.progress).toEqual({ kill: 'kill is halfway' })
  expect(done).toEqual(['roll begins', 'kill begins'])
})

test('a fault that fails tells whoever took the turn, and the next has its turn', async () => {
  const { done, turns, fault } = stage()
  const roll = fault('roll')
  const kill = fault('kill')
  await expect.poll(() => done).toEqual(['roll begins'])
  roll.fail(new Error('no worker came'))
  await expect(roll.over).rejects.toThrow('no worker came')
  await expect.poll(() => done).toEqual(['roll begins', 'kill begins'])
  kill.end()
  await turns.over()
  expect(turns.busy).toBe(false)
})

test('after an interruption those that wait are left out', async () => {
  const { done, turns, fault, interruption } = stage()
  const roll = fault('roll')
  fault('kill')
  await expect.poll(() => done).toEqual(['roll begins'])
  interruption.abort()
  roll.end()
  await turns.over()
  expect(done).toEqual(['roll begins'])
})
