import { ManualClock } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Beat } from '../src/tenure/beat.ts'
import { pass } from './replica.ts'

let clock: ManualClock
let looks: number[]
let busy: boolean
/** Holds each look up until it resolves. */
let held: Promise<void>
let beat: Beat

beforeEach(async () => {
  clock = new ManualClock()
  looks = []
  busy = false
  held = Promise.resolve()
  const look = () => {
    looks.push(clock.monotonicMs())
    return held
  }
  beat = new Beat({ look, inHandover: () => busy, clock })
  await beat.start()
})
afterEach(async () => {
  await beat.stop()
  expect(clock.timerCount).toBe(0)
})

describe('a beat', () => {
  test('looks at once when it starts, then once a second', async () => {
    await pass(clock, 2_000)
    expect(looks).toEqual([0, 1_000, 2_000])
  })

  test('looks ten times a second while a hand-over is under way', async () => {
    busy = true
    await pass(clock, 1_300)
    // The second before was begun in peace.
    expect(looks).toEqual([0, 1_000, 1_100, 1_200, 1_300])
  })

  test('looks once for many nudges, and not within 20 ms of the last look', async () => {
    for (let count = 0; count < 10; count++) beat.nudge()
    await pass(clock, 100)
    expect(looks).toEqual([0, 20])
  })

  test('never looks twice at once: what is nudged meanwhile is looked at after it', async () => {
    let end = () => {}
    held = new Promise((resolve) => (end = resolve))
    beat.nudge()
    await pass(clock, 50)
    for (let count = 0; count < 10; count++) beat.nudge()
    await pass(clock, 5_000)
    expect(looks).toEqual([0, 20])
    end()
    held = Promise.resolve()
    await pass(clock, 100)
    expect(looks).toHaveLength(3)
  })

  test('looks no more once it is stopped', async () => {
    await beat.stop()
    beat.nudge()
    await beat.lookNow()
    await pass(clock, 5_000)
    expect(looks).toEqual([0])
  })
})
