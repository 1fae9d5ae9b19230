import { once } from 'node:events'
import { ManualClock } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Sweeper } from '../src/redis/sweeper.ts'
import { ByHand } from './by-hand.ts'

// Locks are taken again before anybody judges who had lost them.
describe('a sweeper', () => {
  let hand: ByHand
  let clock: ManualClock
  let sweeper: Sweeper
  beforeEach(async () => {
    hand = new ByHand()
    clock = new ManualClock()
    await hand.start()
    // A patience of nothing: the second look returns what the first has seen.
    sweeper = new Sweeper({
      redis: hand.client,
      prefix: hand.prefix,
      queues: ['all'],
      sweepMs: 1,
      keepFailed: 10,
      clock,
    })
  })
  afterEach(async () => {
    await sweeper.stop()
    await hand.stop()
  })

  const unlocked = () => hand.client.zcard(`${hand.base}hf:unlocked`)
  const waiting = () => hand.client.llen(`${hand.base}wait`)
  /** Its next turn, at the end of the rest that Redis keeps between two. */
  async function turn(): Promise<void> {
    await expect.poll(() => hand.client.exists(`${hand.base}hf:sweep`)).toBe(0)
    clock.advance(1)
    // Commands of one connection are answered in turn.
    await hand.client.ping()
  }
  async function reconnected(): Promise<void> {
    const ready = once(hand.client, 'ready')
    hand.client.disconnect(true)
    await ready
  }

  it('that has come back itself leaves jobs without a lock to those who come back later', async () => {
    await hand.put('e.1')
    const held = await hand.take('late')
    await hand.client.del(`${hand.base}e.1:lock`)
    sweeper.start()
    await turn()
    await expect.poll(unlocked).toBe(1)
    await reconnected()
    await turn()
    await turn()
    expect(await waiting()).toBe(0)
    expect(await hand.renew('late', held)).toEqual([])
    for (let turns = 0; turns < 5; turns += 1) await turn()
    await expect.poll(unlocked).toBe(0)
    expect(await waiting()).toBe(0)
  })

  it('returns after that what nobody has come back for', async () => {
    await hand.put('e.1')
    await hand.take('dead')
    await hand.client.del(`${hand.base}e.1:lock`)
    sweeper.start()
    await reconnected()
    await turn()
    await turn()
    expect(await unlocked()).toBe(0)
    await turn()
    await expect.poll(unlocked).toBe(1)
    await turn()
    await expect.poll(waiting).toBe(1)
  })
})
