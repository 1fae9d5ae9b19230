import { describe, expect, it } from 'vitest'
import { MessageStream } from '../src/page/message-stream.ts'
import { streamLine } from '../src/page/stream-lines.ts'
import { TestClock } from './test-clock.ts'

/** A stream over so many channels, and what was said in which. */
function withStream(voiceCount = 3) {
  const clock = new TestClock()
  const said: {
    readonly channel: number
    readonly round: number
    readonly text: string
    readonly atMs: number
  }[] = []
  const voices = Array.from({ length: voiceCount }, (_, channel) => (round: number, text: string) => {
    said.push({ channel, round, text, atMs: clock.monotonicMs() })
  })
  return { clock, said, stream: new MessageStream(clock, voices) }
}

/** In steps, as timers that fire on time would have it. */
function pass(clock: TestClock, ms: number, stepMs: number): void {
  for (let passedMs = 0; passedMs < ms; passedMs += stepMs) clock.advance(stepMs)
}

describe('message stream', () => {
  it('goes round all channels with numbered lines', () => {
    const { clock, said, stream } = withStream()
    stream.setPace(10)
    pass(clock, 700, 100)
    expect(said.map(({ channel }) => channel)).toEqual([0, 1, 2, 0, 1, 2, 0])
    expect(said.map(({ round }) => round)).toEqual([0, 0, 0, 1, 1, 1, 2])
    expect(said[0]?.text).toBe('the tide turns at six, I think (1)')
    expect(said[6]?.text).toMatch(/ \(7\)$/)
    stream.stop()
  })

  it.each([0.1, 1, 7, 40, 1_000])('says %d per second, evenly', (perSecond) => {
    const { clock, said, stream } = withStream()
    const [seconds, stepMs] = perSecond < 1 ? [100, 100] : [10, 1]
    stream.setPace(perSecond)
    pass(clock, seconds * 1_000, stepMs)
    expect(said).toHaveLength(perSecond * seconds)
    const lateMs = said.map(({ atMs }, index) => atMs - ((index + 1) * 1_000) / perSecond)
    expect(Math.max(...lateMs)).toBeLessThanOrEqual(stepMs)
    expect(Math.min(...lateMs)).toBeGreaterThan(-0.001)
    stream.stop()
  })

  it('catches up when it was late, at the pace it had', () => {
    const { clock, said, stream } = withStream()
    stream.setPace(100)
    clock.advance(2_000)
    expect(said).toHaveLength(200)
    clock.advance(10)
    expect(said).toHaveLength(201)
    stream.stop()
  })

  it('makes up for five seconds at most', () => {
    const { clock, said, stream } = withStream()
    stream.setPace(100)
    clock.advance(3_600_000)
    expect(said).toHaveLength(501)
    clock.advance(10)
    expect(said).toHaveLength(502)
    stream.stop()
  })

  it('changes its pace, stops, and goes on with its numbers', () => {
    const { clock, said, stream } = withStream()
    stream.setPace(1)
    clock.advance(1_000)
    stream.setPace(2)
    pass(clock, 1_000, 500)
    stream.setPace(0)
    expect(clock.timerCount).toBe(0)
    expect(stream.state()).toEqual({ perSecond: 0, sentCount: 3 })
    clock.advance(10_000)
    stream.setPace(1)
    clock.advance(1_000)
    expect(said.at(-1)?.text).toMatch(/ \(4\)$/)
    stream.stop()
  })

  it('stays still where there is no channel', () => {
    const { clock, stream } = withStream(0)
    stream.setPace(5)
    expect(stream.state()).toEqual({ perSecond: 0, sentCount: 0 })
    expect(clock.timerCount).toBe(0)
  })

  it('has a line of its own for every number', () => {
    const lines = Array.from({ length: 500 }, (_, index) => streamLine(index + 1))
    expect(new Set(lines).size).toBe(500)
    expect(lines.every((line) => line.length < 70)).toBe(true)
  })
})
