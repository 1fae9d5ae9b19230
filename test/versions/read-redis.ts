import {
  createMembers,
  createRedisCheckpointStore,
  createRedisGapBook,
  createRedisLeaseStore,
  standingOf,
} from '@holdfast/ownership'
import {
  createCensusTaker,
  createQueueView,
  createRedisSink,
  createRedisSource,
  createRegistry,
} from '@holdfast/queue'
import type { Redis } from 'ioredis'
import { latch } from '../../packages/queue/test/harness.ts'
import { decodeDebt } from '../../services/gateway/src/backfill/debt.ts'
import { eventOf } from './written-redis.ts'

/** What today's code makes of what lies below `prefix`, without a change to it. */
export async function lookedAt(redis: Redis, url: string, prefix: string) {
  const home = { redis: { url }, prefix }
  const [registry, census, view] = [createRegistry(home), createCensusTaker(home), createQueueView(home)]
  const checkpoints = createRedisCheckpointStore(redis, prefix)
  try {
    const { subscriptions } = await registry.wishes()
    const { unreadable, workers } = await census.take()
    const picture = await createRedisLeaseStore(redis, prefix).read()
    const { replicas, units } = standingOf(picture, await createMembers(redis, prefix).list())
    const owed = await createRedisGapBook(redis, prefix).owed('acme')
    const kindOf = async (unit: string) => (await checkpoints.load(unit))?.kind ?? 'none'
    const outcomeOf = async (id: string) => (await view.record('commands', id))?.outcome ?? 'none'
    return {
      orders: Object.fromEntries(subscriptions.map(({ name, order }) => [name, order])),
      wishers: (await registry.wishers('commands')).map(({ workerId, handles }) => ({ workerId, handles })),
      unreadable,
      workers: workers.map(({ workerId, subscription }) => `${workerId} ${subscription}`),
      units: units.map(({ unit, owner, state }) => `${unit} ${owner} ${state}`),
      successors: picture.leases.map(({ successor }) => successor?.phase ?? 'none'),
      gateways: replicas.map(({ replica, state }) => `${replica} ${state}`),
      checkpoints: await Promise.all(['bastion/0', 'acme', 'hook', 'matrix'].map(kindOf)),
      debts: owed.filter(({ text }) => decodeDebt(text)).map(({ id }) => id),
      outcomes: await Promise.all(['done', 'dead', 'tried'].map(outcomeOf)),
      depth: await view.depth('quiet'),
      suspended: (await view.suspension('small'))?.reason ?? 'none',
    }
  } finally {
    await Promise.all([registry.stop(), census.stop(), view.stop()])
  }
}

/** Today's worker and gateway go on from there: what they run, in which order, with which steps; what they know again. */
export async function goneOnFrom(url: string, prefix: string) {
  const home = { redis: { url }, prefix }
  const ran: string[] = []
  const over = latch()
  const workers = ['commands', 'quiet'].map((subscription) =>
    createRedisSource({
      ...home,
      workerId: `worker-of-${subscription}`,
      subscription,
      concurrency: 5,
      run: async ({ id, steps }) => {
        ran.push([id, ...steps.keys()].join(' '))
        if (ran.length === 4) over.open()
        return { kind: 'completed' }
      },
    }),
  )
  const sink = createRedisSink({ ...home, bounds: () => undefined })
  try {
    await Promise.all([sink.start(), ...workers.map((worker) => worker.start())])
    const fence = { unit: 'bastion/0', number: 2 }
    const again = { event: eventOf('done', 'done'), subscriptions: ['commands'] }
    const [[known], [fenced]] = await Promise.all([
      sink.enqueue(again),
      sink.enqueue({ event: eventOf('late', 'late'), subscriptions: ['commands'], fence }),
    ])
    await over.promise
    return { ran, known, fenced }
  } finally {
    await Promise.all([sink.stop(), ...workers.map((worker) => worker.stop())])
  }
}

/** Today's worker takes an answer: whom it is given to, what that had in its hands then, and which past events it finds. */
export async function waitedOnFrom(url: string, prefix: string) {
  const home = { redis: { url }, prefix }
  const seen = latch<object>()
  const source = createRedisSource({
    ...home,
    workerId: 'worker-of-patient',
    subscription: 'patient',
    concurrency: 5,
    run: async (job) => {
      const [waiter] = job.waiters
      if (waiter && (await job.giveTo(waiter, '"aye"')) === 'given') return { kind: 'given' }
      const past = await job.pastEvents({ key: 'wait:press', pattern: 'slack.*', spec: '' }, 0)
      seen.open({ id: job.id, steps: [...job.steps], past: past.map(({ id }) => id) })
      return { kind: 'completed' }
    },
  })
  const sink = createRedisSink({ ...home, bounds: () => undefined })
  try {
    await Promise.all([sink.start(), source.start()])
    await sink.enqueue({ event: eventOf('answer', 'reef'), subscriptions: ['patient'] })
    return await seen.promise
  } finally {
    await Promise.all([sink.stop(), source.stop()])
  }
}
