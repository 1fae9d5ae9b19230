import { ManualClock } from '@holdfast/runtime'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { Publisher } from '../src/publisher.ts'
import { event, HeldSink, recordingLog, recordingMetrics } from './fixtures.ts'

/** Lets promises that are settled call their callbacks. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

let sink: HeldSink
let metrics: ReturnType<typeof recordingMetrics>
let log: ReturnType<typeof recordingLog>
let clock: ManualClock
let confirmed: string[]

beforeEach(() => {
  sink = new HeldSink()
  metrics = recordingMetrics()
  log = recordingLog()
  clock = new ManualClock()
  confirmed = []
})

function publisherTo(subscriptions: readonly string[], bound = { count: 4, bytes: 1_000 }): Publisher {
  return new Publisher({ sink, route: () => subscriptions, metrics, bound, clock, log })
}

function publish(publisher: Publisher, id: string): void {
  publisher.publish(event(id), { connection: 'bastion' }, () => confirmed.push(id))
}

describe('the publisher', () => {
  test('hands events to the sink in the order of the calls, with the subscriptions that want them', () => {
    const publisher = publisherTo(['commands', 'audit'])
    for (const id of ['e1', 'e2', 'e3']) publish(publisher, id)
    expect(sink.items.map((item) => item.event.id)).toEqual(['e1', 'e2', 'e3'])
    expect(sink.items[0]?.subscriptions).toEqual(['commands', 'audit'])
  })

  test('routes by type and delivery', () => {
    const asked: unknown[] = []
    const route = (...args: unknown[]) => {
      asked.push(args)
      return ['commands']
    }
    const publisher = new Publisher({ sink, route, metrics, bound: { count: 1, bytes: 1 }, clock, log })
    publisher.publish(
      event('e1', { type: 'discord.GUILD_CREATE', delivery: 'initial' }),
      { connection: 'bastion' },
      () => {},
    )
    expect(asked).toEqual([['discord.GUILD_CREATE', 'initial']])
  })

  test('confirms nothing before Redis has', async () => {
    publish(publisherTo(['commands']), 'e1')
    await settled()
    expect(confirmed).toEqual([])
    sink.confirm('e1', 'enqueued')
    await settled()
    expect(confirmed).toEqual(['e1'])
  })

  test('stalls where the oldest event waits for 5 s, until that one is confirmed', async () => {
    const publisher = publisherTo(['commands'])
    publish(publisher, 'e1')
    clock.advance(4_999)
    publish(publisher, 'e2')
    expect(publisher.stalled).toBe(false)
    clock.advance(1)
    expect(publisher.stalled).toBe(true)
    sink.confirm('e1', 'enqueued')
    await settled()
    expect(publisher.stalled).toBe(false)
  })

  test('confirms each event once, in whatever order the replies come', async () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(ids, fc.infiniteStream(fc.nat()), async (published, draws) => {
        sink = new HeldSink()
        confirmed = []
        const publisher = publisherTo(['commands'], { count: 1_000, bytes: 1_000 })
        for (const id of published) publish(publisher, id)
        const order = published
          .map((id) => [Number(draws.next().value), id] as const)
          .sort(([a], [b]) => a - b)
        for (const [, id] of order) {
          sink.confirm(id, 'enqueued')
          sink.confirm(id, 'enqueued')
        }
        await settled()
        expect(confirmed).toEqual(order.map(([, id]) => id))
        expect(sink.items.map((item) => item.event.id)).toEqual(published)
      }),
      { numRuns: 50 },
    )
  })

  test('confirms at once what no subscription wants, without troubling the sink', () => {
    publish(publisherTo([]), 'e1')
    expect(confirmed).toEqual(['e1'])
    expect(sink.items).toEqual([])
    expect(metrics.counts).toEqual({ 'unwanted{bastion}': 1 })
  })

  test('tells beforehand whether anybody wants a type, and counts what nobody does', () => {
    expect(publisherTo(['commands']).wanted('discord.MESSAGE_CREATE', 'live', 'bastion')).toBe(true)
    expect(metrics.counts).toEqual({})
    expect(publisherTo([]).wanted('discord.TYPING_START', 'live', 'bastion')).toBe(false)
    expect(metrics.counts).toEqual({ 'unwanted{bastion}': 1 })
  })

  test('counts what became of an event in each subscription; a suspended one is answered too', async () => {
    publish(publisherTo(['a', 'b', 'c']), 'e1')
    sink.confirm('e1', 'enqueued', 'duplicate', 'suspended')
    await settled()
    expect(confirmed).toEqual(['e1'])
    expect(metrics.counts).toEqual({
      'enqueued{a}': 1,
      'duplicate{b}': 1,
      'suspended{c}': 1,
      'unconfirmed{bastion}': 0,
    })
  })

  test('measures from the publish to the confirmation', async () => {
    publish(publisherTo(['commands']), 'e1')
    clock.advance(250)
    sink.confirm('e1', 'enqueued')
    await settled()
    expect(metrics.seconds).toEqual([0.25])
  })

  test('never confirms what the sink gave up, and counts it', async () => {
    const publisher = publisherTo(['commands'])
    publish(publisher, 'e1')
    await sink.stop()
    await settled()
    expect(confirmed).toEqual([])
    expect(publisher.abandonedCount).toBe(1)
    expect(metrics.counts).toEqual({ 'unconfirmed{bastion}': 0 })
  })

  test('publishes under the fencing number of the unit', () => {
    const publisher = publisherTo(['commands'])
    const lease = { unit: 'bastion/3', fence: 7, onFenced() {} }
    publisher.publish(event('e1'), { connection: 'bastion', lease }, () => {})
    publish(publisher, 'e2')
    expect(sink.items.map((item) => item.fence)).toEqual([{ unit: 'bastion/3', number: 7 }, undefined])
  })

  test.each([
    { results: ['fenced', 'fenced'] as const, counts: { 'fenced{a}': 1, 'fenced{b}': 1 } },
    // The resend of one that had been enqueued where there was room, before the unit changed hands.
    { results: ['enqueued', 'fenced'] as const, counts: { 'enqueued{a}': 1, 'fenced{b}': 1 } },
  ])(
    'never confirms what is another owner’s to publish, and says so: $results',
    async ({ results, counts }) => {
      const publisher = publisherTo(['a', 'b'])
      const fenced: string[] = []
      for (const id of ['e1', 'e2']) {
        const lease = { unit: 'bastion/3', fence: 7, onFenced: () => fenced.push(id) }
        publisher.publish(event(id), { connection: 'bastion', lease }, () => confirmed.push(id))
      }
      sink.confirm('e1', ...results)
      await settled()
      expect(fenced).toEqual(['e1'])
      expect(confirmed).toEqual([])
      expect(metrics.counts).toEqual({ ...counts, 'unconfirmed{bastion}': 1 })
      expect(metrics.seconds).toEqual([])
      expect(publisher.abandonedCount).toBe(0)
      sink.confirm('e2', 'duplicate', 'enqueued')
      await settled()
      expect(fenced).toEqual(['e1'])
      expect(confirmed).toEqual(['e2'])
      expect(metrics.counts['unconfirmed{bastion}']).toBe(0)
    },
  )

  test('says once that it is over its bound and once that it is back, and drops nothing', async () => {
    const publisher = publisherTo(['commands'])
    const ids = ['e1', 'e2', 'e3', 'e4', 'e5', 'e6']
    for (const id of ids) publish(publisher, id)
    expect(publisher.room.full).toBe(true)
    expect(sink.items).toHaveLength(6)
    for (const id of ids.slice(0, 3)) sink.confirm(id, 'enqueued')
    await settled()
    expect(publisher.room.full).toBe(true)
    sink.confirm('e4', 'enqueued')
    await settled()
    expect(publisher.room.full).toBe(false)
    expect(log.lines.map(({ level }) => level)).toEqual(['error', 'info'])
  })

  test('is over its bound by bytes as by count', () => {
    const publisher = publisherTo(['commands'])
    sink.bytes = 1_001
    publish(publisher, 'e1')
    expect(publisher.room.full).toBe(true)
    expect(log.lines[0]?.fields).toEqual({ unconfirmedCount: 1, unconfirmedBytes: 1_001 })
  })
})
