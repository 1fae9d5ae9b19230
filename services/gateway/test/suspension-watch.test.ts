import type { HoldfastEvent } from '@holdfast/events'
import { createMemoryQueues, type MemoryQueues, type Outcome, type Subscription } from '@holdfast/queue'
import { ManualClock } from '@holdfast/runtime'
import { beforeEach, describe, expect, it } from 'vitest'
import { SuspensionWatch } from '../src/suspension-watch.ts'

const HOUR_MS = 3_600_000

describe('the watch over suspended queues', () => {
  let clock: ManualClock
  let queues: MemoryQueues
  let watch: SuspensionWatch
  let states: string[]
  let logged: string[]
  let subscriptions: readonly Subscription[]

  beforeEach(async () => {
    clock = new ManualClock()
    queues = createMemoryQueues(clock)
    states = []
    logged = []
    await queues.registry.declareFixed([
      { name: 'all', patterns: ['slack.*'], maxWaiting: 10, maxIdleMs: HOUR_MS },
    ])
    await read()
    const note = (level: string) => (_fields: object, message: string) =>
      void logged.push(`${level} ${message}`)
    watch = new SuspensionWatch({
      ...queues,
      subscriptions: () => subscriptions,
      clock,
      log: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') },
      onState: (queue, suspended) => states.push(`${queue} ${suspended}`),
    })
  })

  async function read(): Promise<void> {
    subscriptions = (await queues.registry.wishes()).subscriptions
  }

  const put = (id: string, to = 'all') =>
    queues.sink.enqueue({
      event: {
        id,
        type: 'slack.message',
        delivery: 'live',
        dedupeWindowMs: HOUR_MS,
        interactive: false,
        text: JSON.stringify({ id }),
      },
      subscriptions: [to],
    })

  async function handleAll(): Promise<unknown[]> {
    const seen: unknown[] = []
    const source = queues.source({
      subscription: 'all',
      concurrency: 1,
      run: async (job): Promise<Outcome> => {
        seen.push(job.data)
        return { kind: 'completed' }
      },
    })
    await source.start()
    await expect.poll(async () => (await queues.view.depth('all')).waiting).toBe(0)
    await source.stop()
    return seen
  }

  it('holds a subscription made by a worker to the bounds it declared, and opens it when one works again', async () => {
    const wish = { workerId: 'w1', subscription: 'bot', patterns: ['slack.*'], order: 'none' as const }
    const bounds = { maxWaiting: 2, maxIdleMs: HOUR_MS }
    await queues.registry.declare({ ...wish, ...bounds })
    await queues.registry.withdraw('w1')
    expect([await put('e.1', 'bot'), await put('e.2', 'bot')]).toEqual([['enqueued'], ['enqueued']])
    expect(await put('e.3', 'bot')).toEqual(['suspended'])
    await read()
    await watch.look()
    expect(watch.find('bot')).toMatchObject({ reason: 'full', missedCount: 1 })
    await queues.registry.declare(wish)
    const seen: string[] = []
    const run = async ({ type }: { type: string }): Promise<Outcome> => {
      seen.push(type)
      return { kind: 'completed' }
    }
    const source = queues.source({ subscription: 'bot', concurrency: 1, run })
    await source.start()
    await expect.poll(() => seen.length).toBe(2)
    await read()
    await watch.look()
    await expect.poll(() => seen).toEqual(['slack.message', 'slack.message', 'holdfast.gap'])
    expect(await put('e.4', 'bot')).toEqual(['enqueued'])
    await source.stop()
  })

  it('suspends a subscription whose workers have been away for maxIdleMs, until one is back', async () => {
    const wish = { workerId: 'w1', subscription: 'bot', patterns: ['slack.*'], order: 'none' as const }
    await queues.registry.declare({ ...wish, maxIdleMs: HOUR_MS })
    await queues.registry.withdraw('w1')
    await put('e.1', 'bot')
    clock.advance(HOUR_MS)
    await read()
    await watch.look()
    expect(await put('e.2', 'bot')).toEqual(['suspended'])
    await queues.registry.declare(wish)
    await read()
    await watch.look()
    expect(await put('e.3', 'bot')).toEqual(['enqueued'])
    await queues.registry.withdraw('w1')
  })

  it('forgets the suspension of a subscription that was removed', async () => {
    for (let n = 0; n < 13; n++) await put(`e.${n}`)
    await watch.look()
    subscriptions = []
    await watch.look()
    expect(watch.find('all')).toBeUndefined()
    expect(states).toEqual(['all true', 'all false'])
  })

  it('alerts once when a queue is full, and opens it again with a gap that counts what was missed', async () => {
    for (let n = 0; n < 13; n++) await put(`e.${n}`)
    await watch.look()
    await watch.look()
    expect(watch.find('all')).toMatchObject({ reason: 'full', missedCount: 3 })
    expect(states).toEqual(['all true'])
    expect(logged.filter((line) => line.startsWith('error')).length).toBe(1)
    expect((await handleAll()).length).toBe(10)
    await watch.look()
    await watch.look()
    expect(watch.find('all')).toBeUndefined()
    expect(states).toEqual(['all true', 'all false'])
    expect(await put('e.99')).toEqual(['enqueued'])
    const [gap, last] = (await handleAll()) as HoldfastEvent[]
    expect(gap).toMatchObject({
      type: 'holdfast.gap',
      platform: 'holdfast',
      connection: 'all',
      data: { why: 'suspended', missedCount: 3, recoverable: [] },
    })
    expect(last).toEqual({ id: 'e.99' })
  })

  it('keeps a full queue closed until a tenth of it is free', async () => {
    for (let n = 0; n < 11; n++) await put(`e.${n}`)
    await watch.look()
    await watch.look()
    expect(await put('e.99')).toEqual(['suspended'])
  })

  it('suspends a queue on which nobody has worked for too long', async () => {
    await put('e.1')
    clock.advance(HOUR_MS - 1)
    await watch.look()
    expect(await put('e.2')).toEqual(['enqueued'])
    clock.advance(1)
    await watch.look()
    await watch.look()
    expect(await put('e.3')).toEqual(['suspended'])
    expect(watch.find('all')?.reason).toBe('idle')
    await handleAll()
    await watch.look()
    expect(await put('e.4')).toEqual(['enqueued'])
  })
})
