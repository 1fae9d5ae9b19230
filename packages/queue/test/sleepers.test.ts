import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Wait } from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { composeScript } from '../src/lua/compose.ts'
import { WAITS_LUA } from '../src/lua/waits.ts'
import { runScript } from '../src/redis/run-script.ts'
import { ByHand } from './by-hand.ts'
import { event } from './harness.ts'

const wait: Wait = { key: 'wait:answer', pattern: 'slack.message', subject: 'c', spec: '{}' }
const seen = (pastSeen = 0) => [{ ...wait, pastSeen }]

/** So many jobs (ARGV[2]) that are asleep, every other one waiting for any conversation. */
const SLEEPERS = composeScript(
  'sleepers',
  [],
  WAITS_LUA,
  `
for n = 1, ARGV[2] do
  local id, subject = 's.' .. n, n % 2 == 0 and '*' or 'c'
  redis.call('HSET', ARGV[1] .. id, 'name', 'slack.message')
  redis.call('HSET', ARGV[1] .. 'hf:run:' .. id, 'sleep', 'asleep')
  local waits = { { key = 'wait:answer', pattern = 'slack.message', subject = subject, spec = '{}' } }
  registerWaits(ARGV[1], 'all', ARGV[1], id, waits, n, 3600000)
end
`,
)

// What may go wrong around a sleeping job: lost replies, deaths, other hands, several at once.
describe('a sleeping job on Redis', () => {
  let hand: ByHand
  beforeEach(async () => {
    hand = new ByHand()
    await hand.start()
    await hand.keepLanes()
  })
  afterEach(() => hand.stop())

  const inAnHour = () => Date.now() + 3_600_000
  /** As a source takes it: with what others may wait for. */
  async function take(owner: string, slot?: string) {
    const held = { ...(await hand.take(owner, slot)), type: 'slack.message', subject: 'c' }
    const beginning = await hand.scripts(owner).begin(held)
    return { held, waiters: beginning.kind === 'run' ? beginning.waiters : [], beginning }
  }
  async function sleeper(id = 'e.1', until = inAnHour()) {
    await hand.put(id, 'c')
    const { held } = await take('w')
    expect(await hand.scripts().suspend(held, until, seen())).toBe(true)
    return held
  }
  const waitKeys = async () =>
    (await hand.client.keys(`${hand.base}hf:wait*`)).filter((key) => !key.endsWith('used'))

  it('is suspended once, also where the reply was lost, its record is gone and another runs it by now', async () => {
    await hand.sink.enqueue({
      event: event('e.1', { subject: 'c', dedupeWindowMs: 1 }),
      subscriptions: ['all'],
    })
    await expect.poll(() => hand.client.exists(`${hand.base}hf:e:e.1`)).toBe(0)
    const { held } = await take('w')
    const suspend = () => hand.scripts().suspend(held, inAnHour(), seen())
    expect([await suspend(), await suspend()]).toEqual([true, true])
    expect(await hand.view.depth('all')).toMatchObject({ sleeping: 1, active: 0 })
    await hand.put('e.2', 'c')
    const { held: other, waiters } = await take('v')
    expect(waiters).toHaveLength(1)
    const [waiter] = waiters
    if (!waiter) throw new Error('nobody waits')
    expect(await hand.scripts('v').giveTo(other, waiter, '1')).toBe('given')
    expect((await take('u')).beginning).toMatchObject({
      kind: 'run',
      attempt: 1,
      steps: new Map([[wait.key, '1']]),
    })
    expect(await suspend()).toBe(true)
    expect(await hand.view.depth('all')).toMatchObject({ sleeping: 0, active: 1 })
  })

  it('is given an event once, also where the reply was lost', async () => {
    await sleeper()
    await hand.put('e.2', 'c')
    const { held, waiters } = await take('w')
    const [waiter] = waiters
    if (!waiter) throw new Error('nobody waits')
    const give = () => hand.scripts().giveTo(held, waiter, '1')
    expect([await give(), await give()]).toEqual(['given', 'given'])
    const { held: woken } = await take('v')
    expect(woken.jobId).toBe('e.1')
    expect(await give()).toBe('given')
    expect(await hand.scripts('x').giveTo({ ...held, token: 'x:1' }, waiter, '2')).toBe('lost-lock')
    expect(await hand.scripts('v').complete(woken)).toBe(true)
    expect(await hand.view.depth('all')).toMatchObject({ waiting: 0, parked: 0, active: 0, sleeping: 0 })
    expect(await waitKeys()).toEqual([])
  })

  it('is not what its worker dies of, and is given to by one who dies right after', async () => {
    await sleeper()
    expect(await hand.reclaim('w')).toEqual([[], []])
    await hand.put('e.2', 'c')
    const { held, waiters } = await take('w')
    const [waiter] = waiters
    if (!waiter) throw new Error('nobody waits')
    await hand.scripts().giveTo(held, waiter, '1')
    expect(await hand.reclaim('w')).toEqual([[], []])
    expect((await take('v')).beginning).toMatchObject({ kind: 'run', deathCount: 0 })
  })

  it('runs alone after its sleep where it had killed twice before, and is not blamed for what happens while it sleeps', async () => {
    await hand.put('e.1', 'c')
    for (const _ of [1, 2]) {
      await take('dead')
      await hand.reclaim('dead')
    }
    const { held } = await take('w')
    await hand.scripts().mark(held, 'alone')
    await hand.scripts().suspend(held, Date.now(), [])
    expect(await hand.reclaim('w')).toEqual([[], []])
    await expect.poll(async () => (await take('v')).beginning).toMatchObject({ kind: 'run', deathCount: 2 })
    expect(await hand.reclaim('v')).toEqual([['e.1'], []])
  })

  it('that was woken by its time, and has not begun, takes its event all the same', async () => {
    await sleeper('e.1', Date.now())
    // Taken, and its worker has not asked yet whether it may run.
    let taken = await hand.take('late')
    while (taken.jobId !== 'e.1') taken = await hand.take('late')
    await hand.put('e.2', 'c')
    const { held, waiters } = await take('w')
    const [waiter] = waiters
    if (!waiter) throw new Error('nobody waits')
    expect(await hand.scripts().giveTo(held, waiter, '1')).toBe('given')
    expect(await hand.scripts('late').begin(taken)).toMatchObject({
      kind: 'run',
      steps: new Map([[wait.key, '1']]),
    })
    expect(await hand.client.lrange(`${hand.base}hf:lane:c`, 0, -1)).toEqual(['e.1'])
  })

  it('that was woken by its time after it was named to its event finds it before it waits again', async () => {
    await sleeper('e.1', Date.now())
    // Taken, and its worker has not asked yet whether it may run.
    let woken = await hand.take('late')
    while (woken.jobId !== 'e.1') woken = await hand.take('late')
    await hand.put('e.2', 'c')
    const { held, waiters } = await take('w')
    const [waiter] = waiters
    if (!waiter) throw new Error('nobody waits')
    expect(await hand.scripts('late').begin(woken)).toEqual({ kind: 'parked' })
    expect(await hand.scripts().giveTo(held, waiter, '1')).toBe('gone')
    await hand.scripts().complete(held)
    const { held: again } = await take('v')
    expect(again.jobId).toBe('e.1')
    const { events } = await hand.scripts('v').pastEvents(again, wait, 0)
    expect(events.map(({ id }) => id)).toEqual(['e.2'])
    const [past = { id: '', data: '', number: 0 }] = events
    expect(await hand.scripts('v').takePast(again, past, wait.key, '1')).toBe('taken')
  })

  it('that another hand removed leaves nothing that waits: met by an event, or found by the sweep', async () => {
    for (const id of ['e.1', 'e.2']) await sleeper(id)
    await hand.client.del(`${hand.base}e.1`, `${hand.base}e.2`)
    await hand.client.zrem(`${hand.base}delayed`, 'e.1', 'e.2')
    await hand.put('e.3', 'c')
    expect((await take('w')).waiters).toEqual([])
    expect(await waitKeys()).toEqual([])
    expect(await hand.view.depth('all')).toMatchObject({ sleeping: 2 })
    await hand.sweep(60_000)
    expect(await hand.view.depth('all')).toMatchObject({ sleeping: 0, parked: 0 })
  })

  it('is swept with its waits where nobody met them', async () => {
    await sleeper()
    await hand.client.del(`${hand.base}e.1`)
    await hand.sweep(60_000)
    expect(await waitKeys()).toEqual([])
    expect(await hand.client.exists(layout(hand.prefix).waits('all'))).toBe(0)
  })

  it('is told to its event in its turn among two thousand, and the gift to one that is no more is refused', async () => {
    const count = 2000
    await runScript(hand.client, SLEEPERS, hand.base, [hand.base, count])
    await hand.client.del(`${hand.base}s.1`, `${hand.base}s.1500`)
    await hand.put('e.1', 'c')
    const { held, waiters } = await take('w')
    const numbers = waiters.map(({ jobId }) => Number(jobId.slice(2)))
    expect(numbers).toHaveLength(count - 1)
    expect(numbers).not.toContain(1)
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    expect(waiters[0]).toEqual({ queue: 'all', jobId: 's.2', wait: { ...wait, subject: '*' } })
    const [gone, last] = [waiters.find(({ jobId }) => jobId === 's.1500'), waiters.at(-1)]
    if (!gone || !last) throw new Error('nobody waits')
    expect(await hand.scripts().giveTo(held, gone, '1')).toBe('gone')
    expect(await hand.scripts().giveTo(held, last, '1')).toBe('given')
    expect(await hand.client.hlen(`${hand.base}hf:waits`)).toBe(count - 3)
  })

  it('is remembered for a week longer than it sleeps', async () => {
    const week = 604_800_000
    await sleeper('e.1', Date.now() + 10 * week)
    expect(await hand.client.pttl(`${hand.base}hf:run:e.1`)).toBeGreaterThan(10.9 * week)
  })

  it('enters its lane behind those that were woken before it', async () => {
    for (const id of ['e.1', 'e.2', 'e.3']) await sleeper(id)
    await hand.put('e.4', 'c')
    await hand.put('e.5', 'c')
    const { held } = await take('w')
    expect(held.jobId).toBe('e.4')
    for (const id of ['e.2', 'e.1', 'e.3']) {
      await hand.client.zrem(`${hand.base}delayed`, id)
      await hand.client.rpush(`${hand.base}wait`, id)
      expect((await take('v')).beginning.kind).toBe('parked')
    }
    expect(await hand.client.lrange(`${hand.base}hf:lane:c`, 0, -1)).toEqual([
      'e.4',
      'e.2',
      'e.1',
      'e.3',
      'e.5',
    ])
    expect(await hand.view.depth('all')).toMatchObject({ sleeping: 0, parked: 4, active: 1 })
    let running = held
    for (const id of ['e.2', 'e.1', 'e.3', 'e.5']) {
      await hand.scripts().complete(running)
      running = (await take('w')).held
      expect(running.jobId).toBe(id)
    }
  })
})

describe('jobs that are given back by a drain', () => {
  it('come back in front in their old order, whichever is given back first', async () => {
    const hand = new ByHand()
    await hand.start()
    const ids = Array.from({ length: 12 }, (_, n) => `e.${n}`)
    await Promise.all(ids.map((id) => hand.put(id)))
    const held = []
    for (const _ of ids.slice(0, 9)) held.push(await hand.take('w'))
    const [a, b, c, ...rest] = held
    for (const job of [b, ...rest.reverse(), a, c]) if (job) await hand.scripts().giveBack(job)
    expect((await hand.client.lrange(`${hand.base}wait`, 0, -1)).reverse()).toEqual(ids)
    await hand.stop()
  })
})
