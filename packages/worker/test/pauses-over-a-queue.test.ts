/** Sleeps and waits with a queue below them: what a bot sees of them, over restarts and beside other events. */
import type { HoldfastEvent } from '@holdfast/events'
import { systemClock } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { silentLog } from '../src/log.ts'
import { fillIn, type WorkerOptions } from '../src/options.ts'
import { createPlatforms } from '../src/platforms.ts'
import { QueueWorker } from '../src/queue-worker.ts'
import { memoryBench, outgoing, type QueueBench, redisBench, SUBSCRIPTION } from './queue-bench.ts'
import { slackMessage } from './sample-events.ts'
import { FakeHost } from './worker-bench.ts'

const message = (text: string): HoldfastEvent => ({ ...slackMessage({ text }), id: `message.${text}` })

const reaction = (actor: string, subject = 'T1/C1'): HoldfastEvent => ({
  ...slackMessage({ reaction: 'ok' }),
  id: `reaction.${actor}`,
  type: 'slack.reaction_added',
  subject,
  actor,
})

describe.each([
  ['in memory', memoryBench],
  ['in Redis', redisBench],
])('over a queue %s', (_, createBench) => {
  let bench: QueueBench
  const workers: QueueWorker[] = []
  /** What handlers told, in order. */
  let told: string[]

  beforeEach(() => {
    bench = createBench()
    told = []
  })

  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop()))
    await bench.close()
  })

  function createWorker(options: Partial<WorkerOptions> = {}) {
    const worker = new QueueWorker({
      settings: fillIn({ subscription: SUBSCRIPTION, backoff: { baseMs: 1 }, ...options }, {}),
      problems: [],
      queue: bench.workerQueue(),
      platforms: createPlatforms({}, {}),
      postReply: async () => ({ channel: 'C1', ts: '1.0' }),
      clock: systemClock,
      log: silentLog,
      host: new FakeHost(),
    })
    workers.push(worker)
    return worker
  }

  const enqueue = (event: HoldfastEvent, interactive = false) =>
    bench.sink.enqueue({ event: { ...outgoing(event), interactive }, subscriptions: [SUBSCRIPTION] })

  const until = async (isSo: () => Promise<boolean> | boolean) => {
    while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve))
  }

  const ended = (id: string) =>
    until(async () => (await bench.view.record(SUBSCRIPTION, id))?.outcome !== undefined)

  const asleep = (count: number) =>
    until(async () => (await bench.view.depth(SUBSCRIPTION)).sleeping === count)

  test('a handler that sleeps lets its conversation go on, and goes on itself in another worker', async () => {
    const sleeper = () =>
      createWorker().on('slack.message', async (event, ctx) => {
        told.push(`start ${event.data.text}`)
        if (event.data.text !== '1') return
        await ctx.step('work', () => told.push('work'))
        await ctx.sleep('a while', 300)
        told.push(`end ${event.data.text}`)
      })
    const first = sleeper()
    await first.start()
    await enqueue(message('1'))
    await enqueue(message('2'))
    await ended('message.2')
    await first.stop()
    expect(told).toEqual(['start 1', 'work', 'start 2'])
    await sleeper().start()
    await ended('message.1')
    expect(told).toEqual(['start 1', 'work', 'start 2', 'start 1', 'end 1'])
    expect(await bench.view.record(SUBSCRIPTION, 'message.1')).toMatchObject({
      outcome: 'completed',
      attempts: 1,
    })
  })

  test('an event goes to who waits for it, before all that wait behind it, and the others to their handler', async () => {
    const worker = createWorker()
    worker.on('slack.message', async (event, ctx) => {
      told.push(`start ${event.data.text}`)
      if (event.data.text !== 'ask') return
      const answer = await ctx.waitFor('answer', 'slack.reaction_added', { where: { actor: 'U2' } })
      told.push(`answered by ${answer?.actor}`)
    })
    worker.on('slack.reaction_added', (event) => told.push(`stray ${event.actor}`))
    await worker.start()
    await enqueue(message('ask'))
    await asleep(1)
    for (const event of [reaction('U1'), reaction('U2'), message('next')]) await enqueue(event)
    await ended('message.next')
    expect(told).toEqual(['start ask', 'stray U1', 'start ask', 'answered by U2', 'start next'])
    expect(await bench.view.depth(SUBSCRIPTION)).toMatchObject({
      sleeping: 0,
      waiting: 0,
      parked: 0,
      failed: 0,
    })
  })

  test('a press that came before the handler waited for it is not missed', async () => {
    const worker = createWorker()
    let press = () => {}
    const pressed = new Promise<void>((resolve) => {
      press = resolve
    })
    worker.on('slack.message', async (_event, ctx) => {
      await ctx.step('show a button', () => pressed)
      const event = await ctx.waitFor('press', 'slack.interactive.block_actions', {
        where: { actor: 'U2' },
        timeoutMs: 20_000,
      })
      told.push(`pressed by ${event?.actor}`)
    })
    worker.on('slack.interactive.block_actions', (event) => {
      told.push(`handled ${event.actor}`)
      press()
    })
    await worker.start()
    await enqueue(message('1'))
    await until(async () => (await bench.view.depth(SUBSCRIPTION)).active === 1)
    await enqueue({ ...reaction('U2'), type: 'slack.interactive.block_actions' }, true)
    await ended('message.1')
    expect(told).toEqual(['handled U2', 'pressed by U2'])
  })

  test('the first of an event and a time ends a race, and the other is waited for no more', async () => {
    const worker = createWorker()
    worker.on('slack.message', async (event, ctx) => {
      const won = await Promise.race([
        ctx.waitFor('answer', 'slack.reaction_added').then(() => 'answer'),
        ctx.sleep('limit', event.data.text === 'quick' ? 50 : 20_000).then(() => 'limit'),
      ])
      told.push(`${event.data.text}: ${won}`)
    })
    worker.on('slack.reaction_added', (event) => told.push(`stray ${event.actor}`))
    await worker.start()
    await enqueue(message('quick'))
    await ended('message.quick')
    await enqueue(message('slow'))
    await asleep(1)
    await enqueue(reaction('U1'))
    await ended('message.slow')
    await enqueue(reaction('U2'))
    await ended('reaction.U2')
    expect(told).toEqual(['quick: limit', 'slow: answer', 'stray U2'])
  })

  test('never two handlers of one conversation at once, whatever sleeps and wakes', async () => {
    const running = new Set<string>()
    const overlaps: string[] = []
    const work = async (name: string) => {
      if (running.size > 0) overlaps.push(`${name} beside ${[...running]}`)
      running.add(name)
      await new Promise((resolve) => setImmediate(resolve))
      running.delete(name)
    }
    for (const _ of [1, 2]) {
      const worker = createWorker()
      worker.on('slack.message', async (event, ctx) => {
        const name = event.data.text ?? ''
        await work(name)
        await ctx.sleep('short', 5)
        await work(name)
        await ctx.waitFor('nothing', 'slack.message', { where: { id: 'nobody' }, timeoutMs: 5 })
        await work(name)
      })
      await worker.start()
    }
    const names = Array.from({ length: 12 }, (_, number) => String(number))
    for (const name of names) await enqueue(message(name))
    for (const name of names) await ended(`message.${name}`)
    expect(overlaps).toEqual([])
    expect(await bench.view.depth(SUBSCRIPTION)).toMatchObject({
      sleeping: 0,
      waiting: 0,
      parked: 0,
      failed: 0,
    })
  })
})
