import type { Backlog } from '@holdfast/ledger'
import { ManualClock } from '@holdfast/runtime'
import type { StageSample } from '@holdfast/simulator'
import { expect, test } from 'vitest'
import { takeSamples } from '../src/stage/sampler.ts'

const DEPTH = { waiting: 1, parked: 2, active: 3, sleeping: 0, retrying: 1, failed: 9, lagMs: 5 }

const turn = () => new Promise(setImmediate)

test('samples twice a second, without a depth while Redis does not answer, and asks it nothing more then', async () => {
  const clock = new ManualClock()
  const stop = new AbortController()
  const samples: StageSample[] = []
  const backlogs: Backlog[] = []
  let answer: Promise<typeof DEPTH> = Promise.resolve(DEPTH)
  const asked: string[] = []
  const over = takeSamples(
    {
      view: {
        depth: (queue) => {
          asked.push(queue)
          return answer
        },
      },
      subscription: 'tour',
      gateway: { unconfirmedCount: async () => 4 },
      books: { update: (backlog) => void backlogs.push(backlog), takeDelayMs: () => 12 },
      timeline: { sample: (sample) => void samples.push(sample) },
      isBroken: () => false,
      clock,
    },
    stop.signal,
  )
  await expect.poll(() => samples).toEqual([{ at: clock.wallAt(), depth: 14, delayMs: 12 }])
  expect(asked).toEqual(['tour', 'tour.interactive'])
  answer = new Promise(() => {})
  // The rest of this half second, and the patience with an answer that does not come.
  for (let quarters = 0; quarters < 8; quarters += 1) {
    clock.advance(250)
    await turn()
  }
  expect(samples.length).toBeGreaterThan(2)
  expect(samples.slice(1).every((sample) => !('depth' in sample))).toBe(true)
  expect(asked).toHaveLength(4)
  expect(backlogs.at(-1)).toMatchObject({ depth: undefined, unconfirmed: 4, broken: false })
  stop.abort()
  await over
  expect(clock.timerCount).toBe(0)
})
