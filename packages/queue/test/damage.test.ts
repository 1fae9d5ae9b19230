import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Wait } from '../src/index.ts'
import { ByHand } from './by-hand.ts'
import { event } from './harness.ts'

const wait: Wait = { key: 'wait:answer', pattern: 'slack.message', subject: 'c', spec: '{}' }

/** What somebody may have left in place of what we wrote: rubbish, JSON of another shape, an entry of a version to come. */
const DAMAGES: Readonly<Record<string, string | Buffer>> = {
  nothing: '',
  rubbish: Buffer.from([0xc1, 0x00, 0xff, 0x93, 0x22, 0x7b]),
  'half of it': '{"base":"',
  'a number': '7',
  null: 'null',
  'a list': '[1,{"waits":3}]',
  'other fields': '{"v":9,"of":[{"for":"anything"}]}',
  'other types': '{"base":{},"at":"now","type":3,"subject":null,"waits":{"1":2,"2":[]}}',
  'waits that say nothing': '{"base":"x","at":[],"type":"","subject":"","waits":[null,7,{},{"key":1}]}',
}

// No damaged entry of ours holds up the events of others.
describe('a queue with damaged entries', () => {
  let hand: ByHand
  beforeEach(async () => {
    hand = new ByHand()
    await hand.start()
    await hand.keepLanes()
  })
  afterEach(() => hand.stop())

  async function put(id: string, subject = '') {
    await hand.sink.enqueue({ event: event(id, subject ? { subject } : {}), subscriptions: ['all'] })
  }
  async function take(subject = 'c') {
    const held = { ...(await hand.take('w')), type: 'slack.message', subject }
    return { held, beginning: await hand.scripts().begin(held) }
  }
  const suspend = async (ms: number) => {
    const { held, beginning } = await take()
    expect(beginning.kind).toBe('run')
    expect(await hand.scripts().suspend(held, Date.now() + ms, [{ ...wait, pastSeen: 0 }])).toBe(true)
    return held
  }

  for (const [name, damage] of Object.entries(DAMAGES)) {
    it(`runs the events of others where a wait is ${name}, and the waiter at its time`, async () => {
      await put('e.1', 'c')
      await suspend(0)
      await hand.client.hset(`${hand.base}hf:waits`, 'all/e.1', damage)
      await put('e.2', 'c')
      const { held, beginning } = await take()
      expect(beginning).toMatchObject({ kind: 'run', waiters: [] })
      expect(await hand.scripts().complete(held)).toBe(true)
      const woken = held.jobId === 'e.1' ? 'e.2' : 'e.1'
      expect(await take()).toMatchObject({ held: { jobId: woken }, beginning: { kind: 'run' } })
      expect(await hand.client.keys(`${hand.base}hf:wait[: s]*`)).toEqual([`${hand.base}hf:waits-used`])
    })

    it(`begins, finds and keeps past events where those that are kept are ${name}`, async () => {
      await hand.client.set(`${hand.base}hf:waits-used`, 1)
      for (const id of ['f.1', 'f.2']) {
        await put(id)
        await hand.scripts().complete((await take('')).held)
      }
      await hand.client.hset(`${hand.base}hf:past-facts`, 'f.1', damage)
      await hand.client.hset(`${hand.base}hf:past-texts`, 'f.2', damage)
      for (const field of ['number', 'bytes'])
        await hand.client.hset(`${hand.base}hf:past-sum`, field, damage)
      await put('f.3')
      expect((await take('')).beginning.kind).toBe('run')
      await put('e.1', 'c')
      const { held } = await take()
      const { events } = await hand.scripts().pastEvents(held, { ...wait, subject: '*' }, 0)
      expect(events.filter(({ id }) => id !== 'f.2').map(({ id }) => id)).toEqual(['f.3'])
      const [third = { id: '', data: '', number: 0 }] = events.filter(({ id }) => id === 'f.3')
      expect(third.number).toBeGreaterThanOrEqual(3)
      expect(await hand.scripts().takePast(held, { ...third, id: 'f.1', number: 1 }, 'k', '1')).toBe('gone')
      expect(await hand.scripts().takePast(held, third, 'k', '1')).toBe('taken')
    })

    it(`sleeps, dies and ends where what is remembered of a job is ${name}`, async () => {
      await put('e.1', 'c')
      const run = `${hand.base}hf:run:e.1`
      await hand.client.hset(run, `w:${wait.key}`, damage, 'deaths', damage, 'died', damage, 'at', damage)
      await suspend(0)
      await hand.client.hset(`${hand.base}hf:run:e.1`, 'deaths', damage, 'sleep', damage)
      expect((await take()).beginning.kind).toBe('run')
      expect(await hand.reclaim('w')).toEqual([['e.1'], []])
      const { held, beginning } = await take()
      expect(beginning).toMatchObject({ kind: 'run', deathCount: name === 'a number' ? 8 : 1 })
      expect(await hand.scripts().complete(held)).toBe(true)
      expect(await hand.client.exists(run, `${hand.base}hf:lane:c`)).toBe(0)
    })
  }
})
