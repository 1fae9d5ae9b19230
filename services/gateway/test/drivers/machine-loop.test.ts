import { ManualClock } from '@holdfast/runtime'
import { expect, it } from 'vitest'
import { MachineLoop } from '../../src/drivers/machine-loop.ts'

it('performs all effects of an input before the inputs that they give rise to', () => {
  const performed: string[] = []
  const loop: MachineLoop<number, string, string> = new MachineLoop(
    (count, input) => ({
      state: count + 1,
      effects: input === 'first' ? ['a', 'b'] : [`${input} at ${count}`],
    }),
    0,
    new ManualClock(),
    (effect) => {
      performed.push(effect)
      if (effect === 'a') loop.feed('second')
    },
  )
  loop.feed('first')
  expect(performed).toEqual(['a', 'b', 'second at 1'])
  expect(loop.state).toBe(2)
})

it('draws one random number for each input', () => {
  const drawn: number[] = []
  let next = 0
  const clock = new ManualClock(0, () => next++)
  const loop = new MachineLoop<undefined, string, never>(
    (state, _input, random) => {
      drawn.push(random)
      return { state, effects: [] }
    },
    undefined,
    clock,
    () => {},
  )
  loop.feed('one')
  loop.feed('two')
  expect(drawn).toEqual([0, 1])
})
