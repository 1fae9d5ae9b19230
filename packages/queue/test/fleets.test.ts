import { join } from 'node:path'
import {
  type ClusterFleet,
  type SentinelFleet,
  startCluster,
  startSentinelFleet,
} from '@holdfast/local-redis'
import type { RedisPlace } from '@holdfast/runtime'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { event, freshPrefix, type Harness, Log, redisHarness } from './harness.ts'
import { describeQueue } from './queue-suite.ts'

// More than one server keeps the queue: it is the same queue, and it stays so when another server takes over.

const folder = join(import.meta.dirname, '../../../.holdfast/redis')
const EVENT_COUNT = 400

const idsFrom = (first: number, count: number) => Array.from({ length: count }, (_, n) => `e.${first + n}`)

/** Gives events to the sink before, while and after `failOver`, and expects each of them once and in order. */
async function goesThrough(queue: Harness, failOver: () => Promise<unknown>): Promise<void> {
  onTestFinished(() => queue.close())
  const put = (ids: readonly string[]) =>
    Promise.all(
      ids.map((id) => queue.sink.enqueue({ event: event(id, { subject: 'reef' }), subscriptions: ['all'] })),
    )
  await put(idsFrom(0, 100))
  const around = put(idsFrom(100, 200))
  await failOver()
  await Promise.all([around, put(idsFrom(300, 100))])
  const handled = new Log<string>()
  const source = queue.source({
    subscription: 'all',
    concurrency: 10,
    run: async ({ id }) => {
      handled.add(id)
      return { kind: 'completed' }
    },
  })
  onTestFinished(() => source.stop())
  await source.start()
  await handled.reaches(EVENT_COUNT)
  await expect.poll(async () => (await queue.view.depth('all')).active).toBe(0)
  expect(await queue.view.depth('all')).toMatchObject({ waiting: 0, parked: 0 })
  expect(handled.entries).toEqual(idsFrom(0, EVENT_COUNT))
}

describe('over Sentinels', () => {
  let fleet: SentinelFleet
  beforeAll(async () => {
    fleet = await startSentinelFleet({ folder })
  })
  afterAll(() => fleet.stop())
  const open = () => redisHarness(freshPrefix(), sentinelPlace(fleet))

  describeQueue('over Sentinels', open)

  it('loses, repeats and reorders nothing when the master is killed and its replica lags', async () => {
    const former = await fleet.master()
    await goesThrough(open(), async () => {
      await (await fleet.replica()).fallBehind()
      await former.kill()
      await fleet.untilMasterChanged(former)
    })
  })
})

describe('over a Cluster', () => {
  let cluster: ClusterFleet
  beforeAll(async () => {
    cluster = await startCluster({ folder })
  })
  afterAll(() => cluster.stop())
  const open = (prefix = freshPrefix()) => redisHarness(prefix, { cluster: { nodes: cluster.nodes } })

  describeQueue('over a Cluster', () => open())

  it('loses, repeats and reorders nothing when the node of its slot is killed', async () => {
    const prefix = freshPrefix()
    await goesThrough(open(prefix), async () => (await cluster.ownerOf(prefix)).kill())
  })
})

function sentinelPlace({ masterName: name, sentinels: nodes }: SentinelFleet): RedisPlace {
  return { sentinel: { name, nodes } }
}
