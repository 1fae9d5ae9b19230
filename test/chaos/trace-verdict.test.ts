import { describe, expect, test } from 'vitest'
import type { DeedLine, TraceLine } from './trace.ts'
import { judgeTrace } from './trace-verdict.ts'

/** `begin 2`, `ran 2 a`, `end 2 by 7`, `kill 7`: each a millisecond after the one before; two lanes, even and odd. */
function traceOf(...texts: readonly string[]): readonly TraceLine[] {
  return texts.map((text, index) => {
    const [words = '', pid = '1'] = text.split(' by ')
    const [what = '', n = '', name] = words.split(' ')
    if (what === 'kill') return { what, pid: Number(n), at: index }
    const deed = { n: Number(n), lane: Number(n) % 2, pid: Number(pid), at: index }
    return { what: what as DeedLine['what'], ...deed, ...(name === undefined ? {} : { name }) }
  })
}

const judged = (events: number, ...texts: readonly string[]) => judgeTrace(traceOf(...texts), events, 2)
const well = { lost: 0, repeated: 0, outOfOrder: 0, atOnce: 0, finishedStepsRunAgain: 0, findings: [] }

describe('the judge of a trace', () => {
  test('finds nothing wrong where each event of a lane begins after the one before', () => {
    const verdict = judged(
      3,
      'begin 0',
      'begin 1',
      'ran 0 a',
      'got 0 a',
      'end 0',
      'begin 2',
      'end 1',
      'end 2',
    )
    expect(verdict).toMatchObject({ ...well, events: 3, handled: 3, steps: 1 })
  })

  test('sees an event that no handler ended', () => {
    expect(judged(2, 'begin 0', 'end 0', 'begin 1')).toMatchObject({ lost: 1, handled: 1 })
  })

  test('sees an event that begins before the one before it has begun', () => {
    expect(judged(3, 'begin 2', 'end 2', 'begin 0', 'end 0', 'begin 1', 'end 1')).toMatchObject({
      outOfOrder: 2,
      atOnce: 0,
    })
  })

  test('sees an event that begins again after a later one', () => {
    const verdict = judged(3, 'begin 0', 'end 0', 'begin 2', 'end 2', 'begin 0', 'begin 1', 'end 1')
    expect(verdict).toMatchObject({ outOfOrder: 1, lost: 0 })
  })

  test('sees two handlers of one lane at once, and two of one event', () => {
    expect(judged(3, 'begin 0', 'begin 2 by 2')).toMatchObject({ atOnce: 1 })
    expect(judged(1, 'begin 0', 'begin 0 by 2')).toMatchObject({ atOnce: 1 })
  })

  test('counts nothing against a handler whose process was killed', () => {
    const verdict = judged(1, 'begin 0', 'ran 0 a', 'kill 1', 'begin 0 by 2', 'ran 0 a by 2', 'end 0 by 2')
    expect(verdict).toMatchObject({ ...well, kills: 1, killedHandlers: 1, handlersRunAgain: 1 })
    expect(verdict.unfinishedStepsRunAgain).toBe(1)
  })

  test('sees a finished step that runs again', () => {
    const verdict = judged(1, 'begin 0', 'ran 0 a', 'got 0 a', 'kill 1', 'begin 0 by 2', 'ran 0 a by 2')
    expect(verdict).toMatchObject({ finishedStepsRunAgain: 1 })
  })

  test('sees an event that is handled to its end twice, unless its process was killed at that moment', () => {
    const twice = ['begin 0 by 2', 'end 0 by 2']
    expect(judged(1, 'begin 0', 'end 0', ...twice)).toMatchObject({ repeated: 1 })
    expect(judged(1, 'begin 0', 'end 0', 'kill 1', ...twice)).toMatchObject({ repeated: 0 })
  })

  test('lets others of the lane run while a handler is put away, and sees two at once when it is woken too early', () => {
    const put = ['begin 0', 'pause 0', 'begin 2', 'end 2']
    const woken = judged(3, ...put, 'begin 0', 'pause 0', 'woken 0', 'end 0', 'begin 1', 'end 1')
    expect(woken).toMatchObject({ ...well, handlersRunAgain: 0 })
    expect(judged(3, 'begin 0', 'pause 0', 'begin 2', 'begin 0')).toMatchObject({ atOnce: 1 })
    expect(judged(3, 'begin 0', 'pause 0', 'begin 2', 'woken 0')).toMatchObject({ atOnce: 1 })
  })
})
