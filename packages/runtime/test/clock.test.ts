import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { endsWithin, ManualClock, sleep, systemClock } from '../src/index.ts'

let clock: ManualClock

beforeEach(() => {
  clock = new ManualClock()
})

afterEach(() => expect(clock.timerCount, 'timers left').toBe(0))

describe('sleep', () => {
  it('ends when its time has come, or at once with its signal', async () => {
    const slept = sleep(clock, 10)
    clock.advance(10)
    await slept
    const abort = new AbortController()
    const cut = sleep(clock, 10, abort.signal)
    abort.abort()
    await cut
    await sleep(clock, 10, abort.signal)
  })
})

describe('endsWithin', () => {
  it('says that work ended in time, and leaves no timer', async () => {
    expect(await endsWithin(clock, 10, Promise.resolve('done'))).toBe(true)
  })

  it('says that work was late, and no longer hears of it', async () => {
    let fail: (error: Error) => void = () => {}
    const work = new Promise<void>((_, reject) => {
      fail = reject
    })
    const ended = endsWithin(clock, 10, work)
    clock.advance(10)
    expect(await ended).toBe(false)
    fail(new Error('after the time'))
    await new Promise(setImmediate)
  })

  it('rejects as work does', async () => {
    await expect(endsWithin(clock, 10, Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  })
})

describe('a manual clock', () => {
  it('fires timers in order, each at its own instant', () => {
    const at: number[] = []
    clock.setTimer(20, () => at.push(clock.monotonicMs()))
    clock.setTimer(10, () => {
      at.push(clock.monotonicMs())
      clock.setTimer(5, () => at.push(clock.monotonicMs()))
    })
    clock.advance(30)
    expect(at).toEqual([10, 15, 20])
    expect(clock.monotonicMs()).toBe(30)
  })
})

test('a timer of a year is not taken for one that is due', async () => {
  const fired: string[] = []
  const year = systemClock.setTimer(365 * 24 * 3_600_000, () => fired.push('a year'))
  await sleep(systemClock, 20)
  year.clear()
  expect(fired).toEqual([])
})
