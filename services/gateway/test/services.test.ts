import { QueueError, type Registry, type Sink } from '@holdfast/queue'
import { ManualClock, ProblemError } from '@holdfast/runtime'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { Publisher } from '../src/publisher.ts'
import { StopGrace, sinkService, watchService } from '../src/services.ts'
import type { SubscriptionWatch } from '../src/subscription-watch.ts'
import { event, HeldSink, recordingLog, recordingMetrics } from './fixtures.ts'

let clock: ManualClock
let log: ReturnType<typeof recordingLog>
beforeEach(() => {
  clock = new ManualClock()
  log = recordingLog()
})

describe('the grace of a stop', () => {
  test('is whole until the stop begins, then runs out, and begins once', () => {
    const grace = new StopGrace(clock, 10_000)
    clock.advance(60_000)
    expect(grace.leftMs).toBe(10_000)
    grace.begin()
    clock.advance(4_000)
    grace.begin()
    expect(grace.leftMs).toBe(6_000)
    clock.advance(60_000)
    expect(grace.leftMs).toBe(0)
  })
})

describe('the service of the subscriptions', () => {
  const failing = (error: Error) =>
    watchService(
      { start: () => Promise.reject(error) } as unknown as SubscriptionWatch,
      { stop: async () => {} } satisfies Pick<Registry, 'stop'>,
      clock,
    ).start()

  test('tells data of another layout as a problem that a person can put right', async () => {
    const started = failing(new QueueError('layout', 'Redis holds data of layout 2'))
    await expect(started).rejects.toBeInstanceOf(ProblemError)
    await expect(started).rejects.toMatchObject({ code: 'redis-layout' })
  })

  test('tells any other failure as it is', async () => {
    const failure = new Error('else')
    await expect(failing(failure)).rejects.toBe(failure)
  })
})

describe('the service of the sink', () => {
  const publisherTo = (sink: HeldSink) =>
    new Publisher({
      sink,
      route: () => ['commands'],
      metrics: recordingMetrics(),
      bound: { count: 10, bytes: 1_000 },
      clock,
      log,
    })

  test('gives the sink what is left of the grace', async () => {
    const grace = new StopGrace(clock, 10_000)
    const stop = vi.fn(async () => {})
    grace.begin()
    clock.advance(3_000)
    await sinkService({ stop } as unknown as Sink, publisherTo(new HeldSink()), grace, log).stop()
    expect(stop).toHaveBeenCalledWith(7_000)
    expect(log.lines).toEqual([])
  })

  test('tells how many events were left unconfirmed', async () => {
    const sink = new HeldSink()
    const publisher = publisherTo(sink)
    for (const id of ['e1', 'e2']) publisher.publish(event(id), { connection: 'bastion' }, () => {})
    await sinkService(sink, publisher, new StopGrace(clock, 0), log).stop()
    expect(log.lines).toMatchObject([{ level: 'error', fields: { abandonedCount: 2 } }])
  })
})
