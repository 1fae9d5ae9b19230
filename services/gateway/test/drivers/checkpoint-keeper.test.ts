import type { Checkpoint } from '@holdfast/ownership'
import { ManualClock } from '@holdfast/runtime'
import { describe, expect, it } from 'vitest'
import { CheckpointKeeper } from '../../src/drivers/checkpoint-keeper.ts'

interface Write {
  readonly checkpoint: Checkpoint
  readonly answer: (result: 'saved' | 'refused') => void
  readonly fail: () => void
}

/** A store whose answers are the test's, and a keeper over it. */
function setUp() {
  const clock = new ManualClock()
  const writes: Write[] = []
  const told: string[] = []
  let caughtUpAt = 0
  const keeper = new CheckpointKeeper({
    store: {
      save: (_unit, _fence, checkpoint) =>
        new Promise((answer, reject) => {
          writes.push({ checkpoint, answer, fail: () => reject(new Error('away')) })
        }),
    },
    unit: 'acme',
    fence: 1,
    clock,
    intervalMs: 100,
    snapshot: () => ({ kind: 'slack-rtm', teamId: 'T1', botUserId: 'U1', caughtUpAt }),
    onRefused: () => told.push('refused'),
    onFailed: () => told.push('failed'),
  })
  const move = (to: number) => {
    caughtUpAt = to
    keeper.touch()
  }
  const settle = () => new Promise(setImmediate)
  return { clock, writes, told, keeper, move, settle }
}

describe('a checkpoint keeper', () => {
  it('has one write in flight, and then writes the latest', async () => {
    const { clock, writes, move, settle } = setUp()
    move(1)
    clock.advance(100)
    move(2)
    move(3)
    clock.advance(1_000)
    expect(writes).toHaveLength(1)
    writes[0]?.answer('saved')
    await settle()
    clock.advance(100)
    expect(writes.map((write) => (write.checkpoint as { caughtUpAt: number }).caughtUpAt)).toEqual([1, 3])
  })

  it('writes nothing while nothing changes', () => {
    const { clock, writes } = setUp()
    clock.advance(10_000)
    expect(writes).toEqual([])
    expect(clock.timerCount).toBe(0)
  })

  it('flushes what changed, after the write that is in flight', async () => {
    const { clock, writes, keeper, move, settle } = setUp()
    move(1)
    clock.advance(100)
    move(2)
    let flushed = false
    const flush = keeper.flush().then(() => {
      flushed = true
    })
    writes[0]?.answer('saved')
    await settle()
    expect([writes.length, flushed]).toEqual([2, false])
    writes[1]?.answer('saved')
    await flush
    expect(clock.timerCount).toBe(0)
  })

  it('tries again after a failure, and tells once per outage', async () => {
    const { clock, writes, told, move, settle } = setUp()
    move(1)
    for (let round = 0; round < 3; round++) {
      clock.advance(100)
      writes.at(-1)?.fail()
      await settle()
    }
    expect(told).toEqual(['failed'])
    clock.advance(100)
    writes.at(-1)?.answer('saved')
    await settle()
    expect(writes).toHaveLength(4)
    expect(clock.timerCount).toBe(0)
  })

  it('ends when it is refused, and tells once', async () => {
    const { clock, writes, told, move, settle } = setUp()
    move(1)
    clock.advance(100)
    move(2)
    writes[0]?.answer('refused')
    await settle()
    move(3)
    clock.advance(1_000)
    expect(writes).toHaveLength(1)
    expect(told).toEqual(['refused'])
  })
})
