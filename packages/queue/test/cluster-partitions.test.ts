import { join } from 'node:path'
import { type ClusterFleet, type FleetNode, startCluster } from '@holdfast/local-redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  createPartitionedSink,
  createQueueView,
  createRedisSource,
  createRegistry,
  type Partition,
  partitionPrefix,
  type Readded,
} from '../src/index.ts'
import { event, freshPrefix, Log } from './harness.ts'

const COUNT = 200
const NAMES = ['s0', 's1', 's2', 's3', 's4', 's5']

// Subscriptions on different masters of a Cluster, one of which dies with what its replica had not got.
let cluster: ClusterFleet
beforeAll(async () => {
  cluster = await startCluster({ folder: join(import.meta.dirname, '../../../.holdfast/redis') })
}, 60_000)
afterAll(() => cluster.stop(), 60_000)

it('one master of a Cluster dies behind its replica: its subscriptions wait and get all, the others do not notice', async () => {
  const place = { cluster: { nodes: cluster.nodes } }
  const prefix = freshPrefix()
  const registry = createRegistry({ redis: place, prefix, partitions: NAMES.length })
  const placed = new Map<string, Partition>()
  for (const name of NAMES) placed.set(name, await registry.locate(name))
  const prefixOf = (name: string) => partitionPrefix(prefix, placed.get(name) ?? 'home')
  const owners = new Map<string, FleetNode>()
  for (const name of NAMES) owners.set(name, await cluster.ownerOf(`${prefixOf(name)}:any`))
  const victim = owners.get('s0')
  if (!victim) throw new Error('s0 is nowhere')
  const [hit, spared] = [true, false].map((is) =>
    NAMES.filter((name) => (owners.get(name) === victim) === is),
  )

  const readded = new Log<Readded>()
  const sink = createPartitionedSink({
    redis: place,
    prefix,
    bounds: () => undefined,
    partitionOf: (name) => placed.get(name),
    onReadded: (each) => readded.add(each),
  })
  await sink.start()
  const put = (first: number, subscriptions: readonly string[]) =>
    Promise.all(
      Array.from({ length: COUNT / 2 }, (_, n) =>
        sink.enqueue({ event: event(`e.${first + n}`, { subject: 'c' }), subscriptions }),
      ),
    )
  const replica = await cluster.replicaOf(victim)
  await put(0, NAMES)
  await cluster.untilHealthy()
  await replica.fallBehind()
  await put(COUNT / 2, NAMES)

  await victim.kill()
  const answers = await put(COUNT, spared ?? [])
  expect(answers.flat().filter((answer) => answer !== 'enqueued')).toEqual([])
  // That was before anybody had taken the dead master's place.
  expect(readded.entries).toEqual([])
  await readded.reaches(new Set((hit ?? []).map((name) => placed.get(name))).size)
  const addedCount = readded.entries.reduce((sum, each) => sum + each.addedCount, 0)
  expect(addedCount).toBeGreaterThanOrEqual((hit ?? []).length)

  const handled: string[] = []
  const all = new Log<string>()
  const source = createRedisSource({
    redis: place,
    prefix: prefixOf('s0'),
    subscription: 's0',
    concurrency: 10,
    run: async ({ id }) => {
      handled.push(id)
      all.add(id)
      return { kind: 'completed' }
    },
  })
  await source.start()
  await all.reaches(COUNT)
  expect(handled).toEqual(Array.from({ length: COUNT }, (_, n) => `e.${n}`))
  const view = createQueueView({ redis: place, prefix })
  for (const name of spared ?? []) {
    const { waiting, parked } = await view.depth(name)
    expect(waiting + parked, name).toBe(COUNT * 1.5)
  }
  await Promise.all([source.stop(), sink.stop(), registry.stop(), view.stop()])
}, 90_000)
