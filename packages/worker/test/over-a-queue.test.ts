import { systemClock } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PlatformWaitError } from '../src/errors.ts'
import { silentLog } from '../src/log.ts'
import { fillIn, type WorkerOptions } from '../src/options.ts'
import { createPlatforms } from '../src/platforms.ts'
import { QueueWorker } from '../src/queue-worker.ts'
import type { PostReply } from '../src/reply.ts'
import { enqueue, memoryBench, type QueueBench, redisBench, SUBSCRIPTION } from './queue-bench.ts'
import { slackMessage } from './sample-events.ts'
import { FakeHost } from './worker-bench.ts'

const numbered = (number: number) => ({ ...slackMessage({ text: String(number) }), id: `event.${number}` })

/** Resolves with the first `count` values that are told. */
function collect<T>(count: number) {
  const values: T[] = []
  let finish = (_: T[]) => {}
  const all = new Promise<T[]>((resolve) => {
    finish = resolve
  })
  const tell = (value: T) => {
    values.push(value)
    if (values.length === count) finish(values)
  }
  return { tell, all, values }
}

describe.each([
  ['in memory', memoryBench],
  ['in Redis', redisBench],
])('a worker over a queue %s', (_, createBench) => {
  let bench: QueueBench
  const workers: QueueWorker[] = []

  beforeEach(() => {
    bench = createBench()
  })

  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop()))
    await bench.close()
  })

  function createWorker(options: Partial<WorkerOptions> = {}, postReply: PostReply = reply([])) {
    const settings = fillIn({ subscription: SUBSCRIPTION, backoff: { baseMs: 1 }, ...options }, {})
    const worker = new QueueWorker({
      settings,
      problems: [],
      queue: bench.workerQueue(),
      platforms: createPlatforms({}, {}),
      postReply,
      clock: systemClock,
      log: silentLog,
      host: new FakeHost(),
    })
    workers.push(worker)
    return worker
  }

  const reply =
    (posted: string[]): PostReply =>
    async ({ event }) => {
      posted.push(event.id)
      return { channel: 'C1', ts: `${posted.length}.0` }
    }

  const recordOf = async (id: string) => {
    for (;;) {
      const record = await bench.view.record(SUBSCRIPTION, id)
      if (record?.outcome !== undefined) return record
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  test('hands the events of a conversation to its handler one by one, in order', async () => {
    const worker = createWorker()
    const { tell, all } = collect<string>(6)
    worker.on('slack.message', async (event, ctx) => {
      tell(`start ${event.data.text}`)
      await ctx.step('work', () => new Promise<void>((resolve) => setImmediate(resolve)))
      tell(`end ${event.data.text}`)
    })
    await worker.start()
    await Promise.all([1, 2, 3].map((number) => enqueue(bench, numbered(number))))
    expect(await all).toEqual(['start 1', 'end 1', 'start 2', 'end 2', 'start 3', 'end 3'])
  })

  test('runs a failed job again without its finished steps, and completes it', async () => {
    const posted: string[] = []
    const worker = createWorker({}, reply(posted))
    const attempts: number[] = []
    worker.on('slack.message', async (_, ctx) => {
      attempts.push(ctx.attempt)
      await ctx.reply('ahoy')
      if (ctx.attempt === 1) throw new Error('after the reply')
    })
    await worker.start()
    await enqueue(bench, numbered(1))
    expect(await recordOf('event.1')).toMatchObject({ outcome: 'completed' })
    expect(attempts).toEqual([1, 2])
    expect(posted).toEqual(['event.1'])
  })

  test('what had no handler is handled when it is retried and a worker with one is there', async () => {
    const without = createWorker()
    without.on('slack.pin_added', () => {})
    await without.start()
    await enqueue(bench, numbered(1))
    await expect.poll(() => bench.deadLetters.count(SUBSCRIPTION)).toBe(1)
    const handled = collect<string>(1)
    const having = createWorker()
    having.on('slack.message', (event) => handled.tell(event.id))
    await having.start()
    await without.stop()
    expect(await bench.deadLetters.retry(SUBSCRIPTION, { reason: 'no-handler' })).toBe(1)
    expect(await handled.all).toEqual(['event.1'])
    expect(await bench.deadLetters.count(SUBSCRIPTION)).toBe(0)
  })

  test('waits for a platform beyond its attempts, and spends none', async () => {
    const attempts = collect<number>(5)
    const worker = createWorker({ attempts: 2 })
    worker.on('slack.message', (_, ctx) => {
      attempts.tell(ctx.attempt)
      if (attempts.values.length < 5) throw new PlatformWaitError('Slack limits the rate', 1)
    })
    await worker.start()
    await enqueue(bench, numbered(1))
    expect(await attempts.all).toEqual([1, 1, 1, 1, 1])
    await expect.poll(async () => (await bench.view.record(SUBSCRIPTION, 'event.1'))?.attempts).toBe(1)
  })

  test('makes a job a dead letter after its last attempt', async () => {
    const worker = createWorker({ attempts: 2 })
    worker.on('slack.message', () => {
      throw new Error('always')
    })
    await worker.start()
    await enqueue(bench, numbered(1))
    expect(await recordOf('event.1')).toMatchObject({ outcome: 'dead' })
    expect(await bench.view.depth(SUBSCRIPTION)).toMatchObject({ failed: 1 })
  })

  test('a drain hands its job to the next worker, which goes on after the finished steps', async () => {
    const first = createWorker({ drainMs: 0 })
    const began = collect<void>(1)
    let loads = 0
    first.on('slack.message', async (_, ctx) => {
      await ctx.step('load', () => ++loads)
      began.tell()
      await new Promise(() => {})
    })
    await first.start()
    await enqueue(bench, numbered(1))
    await began.all
    await first.stop()

    const second = createWorker()
    const ended = collect<[number, number]>(1)
    second.on('slack.message', async (_, ctx) => {
      ended.tell([ctx.attempt, await ctx.step('load', () => ++loads)])
    })
    await second.start()
    expect(await ended.all).toEqual([[1, 1]])
    expect(loads).toBe(1)
  })

  test('a drain gives fifty running jobs back, and the next worker starts them before what waited behind', async () => {
    const count = 50
    const first = createWorker({ drainMs: 1, concurrency: count })
    const began = collect<void>(count)
    first.on('slack.message', async () => {
      began.tell()
      await new Promise(() => {})
    })
    await first.start()
    const inLane = (number: number) => ({ ...numbered(number), subject: `T1/C${number % count}` })
    await Promise.all(Array.from({ length: 2 * count }, (_, number) => enqueue(bench, inLane(number))))
    await began.all
    await first.stop()
    expect(await bench.view.depth(SUBSCRIPTION)).toMatchObject({ active: 0, waiting: count, parked: count })

    const second = createWorker({ concurrency: count })
    const started = collect<string>(2 * count)
    const attempts = new Set<number>()
    second.on('slack.message', (event, ctx) => {
      attempts.add(ctx.attempt)
      started.tell(event.id)
    })
    await second.start()
    const ids = await started.all
    for (let number = 0; number < count; number += 1)
      expect(ids.indexOf(`event.${number}`)).toBeLessThan(ids.indexOf(`event.${number + count}`))
    expect([...attempts]).toEqual([1])
  })

  test('an old worker beside a new one passes on what only the new one handles, and nothing is lost', async () => {
    const count = 60
    const [old, young] = [createWorker(), createWorker()]
    const handled = collect<string>(count)
    old.on('slack.message', () => {})
    young.on('slack.message', () => {}).on('slack.reaction_added', (event) => handled.tell(event.id))
    await old.start()
    await young.start()
    const reactions = Array.from({ length: count }, (_, number) => ({
      ...numbered(number),
      type: 'slack.reaction_added',
      subject: `T1/C${number % 20}`,
    }))
    await Promise.all(reactions.map((event) => enqueue(bench, event)))
    const ids = await handled.all
    for (const conversation of Array(20).keys()) {
      const own = reactions.map(({ id }) => id).filter((_, number) => number % 20 === conversation)
      expect(ids.filter((id) => own.includes(id))).toEqual(own)
    }
    for (const id of ids) expect(await recordOf(id)).toMatchObject({ outcome: 'completed', attempts: 1 })
    expect(await bench.view.depth(SUBSCRIPTION)).toMatchObject({ failed: 0, waiting: 0, parked: 0 })
  })

  test('when the only worker with a handler has gone, its events become dead letters', async () => {
    const [old, young] = [createWorker({ events: ['slack.*'] }), createWorker()]
    const twin = createWorker({ events: ['slack.*'] })
    old.on('slack.message', () => {})
    twin.on('slack.message', () => {})
    young.on('slack.reaction_added', () => {})
    for (const worker of [old, twin, young]) await worker.start()
    await young.stop()
    await enqueue(bench, { ...numbered(1), type: 'slack.reaction_added' })
    expect(await recordOf('event.1')).toMatchObject({ outcome: 'dead' })
  })

  test('leaving the lane lets the next event of the conversation start', async () => {
    const worker = createWorker()
    const ended = collect<string | undefined>(2)
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    worker.on('slack.message', async (event, ctx) => {
      if (event.data.text === '1') {
        await ctx.leaveLane()
        await released
      } else release()
      ended.tell(event.data.text)
    })
    await worker.start()
    await enqueue(bench, numbered(1))
    await enqueue(bench, numbered(2))
    expect(await ended.all).toEqual(['2', '1'])
  })
})
