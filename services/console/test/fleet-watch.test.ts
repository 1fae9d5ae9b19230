import { ManualClock } from '@holdfast/runtime'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Picture, RedisState } from '../src/feed.ts'
import { FleetWatch } from '../src/fleet-watch.ts'
import { picture, recordingLog } from './fixtures.ts'

let clock: ManualClock
let log: ReturnType<typeof recordingLog>
let looks: { resolve: (picture: Picture) => void; reject: (error: Error) => void }[]
let shown: Picture[]
let states: RedisState[]
let watch: FleetWatch

const settled = () => new Promise((resolve) => setImmediate(resolve))
const at = (takenAt: number) => picture({ takenAt })

async function answer(taken: Picture): Promise<void> {
  looks.at(-1)?.resolve(taken)
  await settled()
}

beforeEach(async () => {
  clock = new ManualClock()
  log = recordingLog()
  looks = []
  shown = []
  states = []
  watch = new FleetWatch({
    look: () => new Promise((resolve, reject) => looks.push({ resolve, reject })),
    clock,
    log,
    onPicture: (each) => shown.push(each),
    onState: (state) => states.push(state),
  })
  const started = watch.start()
  await answer(at(1))
  await started
})

describe('the watch of the fleet', () => {
  test('shows a new picture each second', async () => {
    for (const takenAt of [2, 3]) {
      clock.advance(1_000)
      await answer(at(takenAt))
    }
    expect(shown.map(({ takenAt }) => takenAt)).toEqual([1, 2, 3])
    expect(watch.freshPicture?.takenAt).toBe(3)
    expect(states).toEqual([])
  })

  test('never has two looks under way, however long one takes', async () => {
    for (let second = 0; second < 60; second++) clock.advance(1_000)
    expect(looks).toHaveLength(2)
    await answer(at(2))
    clock.advance(1_000)
    expect(looks).toHaveLength(3)
  })

  test('keeps the picture and tells its age while Redis is away, and once when it is back', async () => {
    for (let second = 0; second < 5; second++) clock.advance(1_000)
    expect(watch.picture?.takenAt).toBe(1)
    expect(watch.freshPicture).toBeUndefined()
    expect(states).toEqual(
      [3_000, 4_000, 5_000].map((pictureAgeMs) => ({
        state: 'away',
        pictureAgeMs,
        why: 'it does not answer',
      })),
    )
    await answer(at(2))
    clock.advance(1_000)
    expect(states.at(-1)).toEqual({ state: 'answers' })
    expect(log.lines.map((line) => line.split(':')[0])).toEqual(['warn', 'info'])
  })

  test('tells why, where Redis refuses', async () => {
    for (let second = 0; second < 4; second++) {
      clock.advance(1_000)
      looks.at(-1)?.reject(new Error('NOPERM this user has no permissions'))
      await settled()
    }
    expect(watch.redis).toMatchObject({ state: 'away', why: 'NOPERM this user has no permissions' })
  })

  test('does not start on a Redis that refuses', async () => {
    const refusing = new FleetWatch({
      look: () => Promise.reject(new Error('NOPERM')),
      clock,
      log,
      onPicture: vi.fn(),
      onState: vi.fn(),
    })
    await expect(refusing.start()).rejects.toThrow('NOPERM')
  })

  test('leaves no timer when it stops, and shows nothing more', async () => {
    clock.advance(1_000)
    await watch.stop()
    await answer(at(2))
    expect(clock.timerCount).toBe(0)
    expect(shown).toHaveLength(1)
  })
})
