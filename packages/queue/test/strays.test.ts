import { ManualClock } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HeldJobs } from '../src/redis/held-jobs.ts'
import { JobLife } from '../src/redis/job-life.ts'
import { Strays } from '../src/redis/strays.ts'
import { ByHand } from './by-hand.ts'

// Redis gives a job to a worker, and the connection goes with the answer.
describe('a job that never came to the worker that has it', () => {
  let hand: ByHand
  let clock: ManualClock
  let held: HeldJobs
  let strays: Strays
  beforeEach(async () => {
    hand = new ByHand()
    clock = new ManualClock()
    held = new HeldJobs()
    await hand.start()
    const life = new JobLife({
      scripts: hand.scripts('w'),
      held,
      run: async () => ({ kind: 'completed' }),
      keepFailed: 10,
      onProblem() {},
    })
    strays = new Strays({
      redis: hand.client,
      prefix: hand.prefix,
      queues: ['all'],
      held,
      sweepMs: 5_000,
      clock,
      owners: () => ['w'],
      giveBack: (...stray) => life.giveBack(...stray),
    })
  })
  afterEach(async () => {
    await strays.stop()
    expect(clock.timerCount).toBe(0)
    await hand.stop()
  })

  const waiting = () => hand.client.lrange(`${hand.base}wait`, 0, -1)
  /** What follows from a look is done when the next commands of the connection are answered. */
  async function look(): Promise<void> {
    clock.advance(5_000)
    for (let round = 0; round < 5; round += 1) await hand.client.ping()
  }

  it('is given back once two looks have found it in nobody’s hands, and no death is counted', async () => {
    await hand.put('e.1')
    await hand.take('w')
    strays.reconnected()
    await look()
    expect(await waiting()).toEqual([])
    await look()
    expect(await waiting()).toEqual(['e.1'])
    const next = await hand.take('other')
    const beginning = await hand.scripts().begin(next)
    expect(beginning).toMatchObject({ kind: 'run', attempt: 1, deathCount: 0 })
    expect(beginning).not.toHaveProperty('readdedAt')
  })

  it('may also be one that ended here, of which another Redis does not know: it runs as one that may have run', async () => {
    for (const id of ['e.ended', 'e.next']) await hand.put(id)
    const ended = await hand.take('w')
    held.add(ended)
    held.remove(ended)
    // The slot took another since, under the same token.
    held.add({ ...ended, jobId: 'e.next' })
    strays.reconnected()
    await look()
    await look()
    expect(await waiting()).toEqual(['e.next', 'e.ended'])
    const next = await hand.take('other')
    expect(await hand.scripts().begin(next)).toMatchObject({
      kind: 'run',
      attempt: 1,
      deathCount: 0,
      readdedAt: expect.any(Number),
    })
  })

  it('is not one that runs here, one that another has, or one that came between two looks', async () => {
    for (const id of ['e.runs', 'e.other', 'e.comes', 'e.next']) await hand.put(id)
    held.add(await hand.take('w'))
    await hand.take('other')
    const comes = await hand.take('w')
    strays.reconnected()
    await look()
    held.add(comes)
    await hand.take('w')
    await look()
    expect(await waiting()).toEqual([])
  })

  it('begins with its lock, so that an answer that comes late after all runs nothing', async () => {
    await hand.put('e.1')
    const late = await hand.take('w')
    strays.reconnected()
    await look()
    await look()
    expect((await hand.scripts('w').begin(late)).kind).toBe('lost')
  })
})
