import type { StageNews } from '@holdfast/simulator'
import { expect, test } from 'vitest'
import { Timeline } from '../src/stage/timeline.ts'

const MINUTE_MS = 60_000

test('keeps ten minutes, and marks that last however long they do', () => {
  const timeline = new Timeline()
  timeline.mark({ at: 0, kind: 'roll', label: 'new version', endedAt: 1 })
  const lasting = timeline.mark({ at: 0, kind: 'gap', label: 'gap on Slack' })
  for (let minute = 0; minute <= 12; minute += 1) timeline.sample({ at: minute * MINUTE_MS, delayMs: minute })
  const { samples, marks } = timeline.history
  expect(samples.map(({ delayMs }) => delayMs)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  expect(marks).toEqual([lasting])
})

test('tells what is new until it is told to stop; a mark that changes keeps its id', () => {
  const timeline = new Timeline()
  const heard: StageNews[] = []
  const stop = timeline.watch((news) => heard.push(news))
  const mark = timeline.mark({ at: 1, kind: 'roll', label: 'new version' })
  timeline.change({ ...mark, endedAt: 2 })
  stop()
  timeline.sample({ at: 3, delayMs: 0 })
  expect(heard).toEqual([
    { what: 'mark', mark },
    { what: 'mark', mark: { ...mark, endedAt: 2 } },
  ])
  expect(timeline.history.marks).toEqual([{ ...mark, endedAt: 2 }])
})
