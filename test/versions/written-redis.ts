import { type EventAttributes, encodeEvent, type OutgoingEvent } from '@holdfast/events'
import {
  createRedisCallBudget,
  createRedisCheckpointStore,
  createRedisGapBook,
  createRedisLeaseStore,
  encodeUnits,
  type MemberRecord,
} from '@holdfast/ownership'
import {
  createRedisSink,
  createRedisSource,
  createRegistry,
  type Outcome,
  type TakenJob,
} from '@holdfast/queue'
import type { RedisHome } from '@holdfast/runtime'
import type { Redis } from 'ioredis'
import { expect } from 'vitest'
import { encodeDebt, newDebt } from '../../services/gateway/src/backfill/debt.ts'
import { type RedisPicture, takePicture } from './redis-picture.ts'

const HOUR_MS = 3_600_000
const RECEIVED_AT = Date.UTC(2026, 2, 2, 9)

/**
 * What this version leaves in Redis, written by its own code: a subscription with an event in each state that one can be in, one
 * that is suspended, a worker, two gateways in the middle of a hand-over, and what each kind of connection leaves.
 */
export async function writtenToRedis(redis: Redis, url: string, prefix: string): Promise<RedisPicture> {
  const home = { redis: { url }, prefix }
  const registry = createRegistry(home)
  const sink = createRedisSink({
    ...home,
    bounds: (name) =>
      name === 'small' ? { order: 'actor', maxWaiting: 1 } : { order: 'conversation', maxWaiting: 9 },
  })
  const source = createRedisSource({
    ...home,
    workerId: 'worker-1',
    subscription: 'commands',
    concurrency: 1,
    run,
  })
  try {
    await registry.declareFixed([{ name: 'small', patterns: ['discord.*'], order: 'actor', maxWaiting: 1 }])
    const wish = {
      workerId: 'worker-1',
      subscription: 'commands',
      patterns: ['slack.*'],
      order: 'conversation',
    } as const
    await registry.note('gateway-1', await registry.declare({ ...wish, handles: ['slack.message'] }))
    await sink.start()
    await source.start()
    const put = (event: OutgoingEvent, subscription = 'commands') =>
      sink.enqueue({ event, subscriptions: [subscription], fence: { unit: 'bastion/0', number: 3 } })
    for (const id of ['done', 'dead', 'tried']) await put(eventOf(id, id))
    const isOver = async () => {
      const finished = ['done', 'dead'].map((id) =>
        redis.hexists(`${prefix}:commands:hf:e:${id}`, 'finished'),
      )
      const put = redis.zscore(`${prefix}:commands:hf:retrying`, 'tried')
      return (await Promise.all(finished)).every((there) => there === 1) && (await put) !== null
    }
    await expect.poll(isOver, { timeout: 20_000, interval: 10 }).toBe(true)
    await awaken(home, 'quiet')
    await put(eventOf('first', 'reef'), 'quiet')
    await put(eventOf('second', 'reef'), 'quiet')
    await put({ ...eventOf('pressed', 'reef'), interactive: true }, 'quiet')
    await put(eventOf('kept', 'reef'), 'small')
    await put(eventOf('missed', 'reef'), 'small')
    await writePatient(redis, home, put)
    await writeOwnership(redis, prefix)
    return await takePicture(redis, prefix)
  } finally {
    await Promise.all([source.stop(), sink.stop(), registry.stop()])
  }
}

/** A worker came and went: what comes now is parked for the next one. */
async function awaken(home: RedisHome, subscription: string): Promise<void> {
  const source = createRedisSource({ ...home, workerId: 'worker-0', subscription, concurrency: 1, run })
  await source.start()
  await source.stop()
}

/** Far enough ahead to be itself in each picture. */
const SOME_DAY = 2_000_000_000_000

/** A job that waits, and a press that nobody has waited for. */
async function writePatient(
  redis: Redis,
  home: RedisHome,
  put: (event: OutgoingEvent, subscription: string) => Promise<unknown>,
): Promise<void> {
  const waits = [
    { key: 'wait:answer', pattern: 'slack.message', subject: 'T1/reef', spec: '{"v":1,"where":{}}' },
  ]
  const source = createRedisSource({
    ...home,
    workerId: 'worker-2',
    subscription: 'patient',
    concurrency: 1,
    run: async (job) =>
      job.id === 'waiting'
        ? { kind: 'suspended', wakeAt: SOME_DAY, waits, pastSeen: 0 }
        : { kind: 'dead', reason: 'no-handler: nobody has one' },
  })
  await source.start()
  const keys = `${home.prefix}:patient`
  await put(eventOf('waiting', 'reef'), 'patient')
  await expect.poll(() => redis.zcard(`${keys}:hf:sleeping`), { timeout: 20_000, interval: 10 }).toBe(1)
  await put({ ...eventOf('early', 'bay'), interactive: true }, 'patient')
  await expect
    .poll(() => redis.zcard(`${keys}.interactive:failed`), { timeout: 20_000, interval: 10 })
    .toBe(1)
  await source.stop()
}

async function run(job: TakenJob): Promise<Outcome> {
  await job.recordStep('step:look up', '{"result":{"depth":7}}')
  if (job.id === 'dead') return { kind: 'dead', reason: 'no reef there' }
  if (job.id === 'tried') return { kind: 'retry', delayMs: HOUR_MS, reason: 'no wind' }
  return { kind: 'completed' }
}

export function eventOf(id: string, conversation: string): OutgoingEvent {
  const attributes: EventAttributes = {
    specversion: '1.0',
    id,
    source: '/slack/acme',
    type: 'slack.message',
    subject: `T1/${conversation}`,
    datacontenttype: 'application/json',
    hfversion: 1,
    platform: 'slack',
    connection: 'acme',
    workspace: 'T1',
    actor: 'U1',
    receivedat: '2026-03-02T09:00:00.000Z',
    delivery: 'live',
  }
  const { type, subject = '', actor = '', delivery } = attributes
  const text = encodeEvent(attributes, '{"type":"message","text":"ahoy"}')
  return { id, type, subject, actor, delivery, dedupeWindowMs: HOUR_MS, interactive: false, text }
}

async function writeOwnership(redis: Redis, prefix: string): Promise<void> {
  const leases = createRedisLeaseStore(redis, prefix)
  const [former, next] = [memberOf(1), memberOf(2)]
  await leases.beat(former)
  await leases.beat(next)
  const fence = (await leases.take('bastion/0', former, { fence: 0 }, false)) ?? 0
  await leases.ask('bastion/0', next, { fence, holder: former })
  await leases.strike('deploy-0')
  const checkpoints = createRedisCheckpointStore(redis, prefix)
  await checkpoints.save('bastion/0', fence, {
    kind: 'discord',
    sessionId: 'session-1',
    resumeUrl: 'wss://gateway.example',
    sequence: 41,
    confirmedAt: RECEIVED_AT,
    shard: [0, 1],
    applicationId: '1180000000000000001',
    botUserId: '1180000000000000001',
    intents: 513,
  })
  const presence = { teamId: 'T1', botUserId: 'U9', appId: 'A1', caughtUpAt: RECEIVED_AT, yielded: 'time-1' }
  await checkpoints.save('acme', 1, { kind: 'slack-rtm', ...presence })
  await checkpoints.save('hook', 1, {
    kind: 'slack-socket-mode',
    appId: 'A1',
    teamId: 'T1',
    heardAt: RECEIVED_AT,
  })
  const book = createRedisGapBook(redis, prefix)
  const debt = newDebt({
    platform: 'slack',
    connection: 'acme',
    bot: 'A1',
    from: RECEIVED_AT,
    to: RECEIVED_AT + 60_000,
    why: 'rtm-disconnected',
    receivedAt: RECEIVED_AT + 60_000,
  })
  await book.owe('acme', 1, { id: 'gap-1', text: encodeDebt(debt) }, HOUR_MS)
  await book.owe('acme', 1, { id: 'gap-0', text: encodeDebt(debt) }, HOUR_MS)
  await book.settle('acme', 1, 'gap-0', HOUR_MS)
  await createRedisCallBudget(redis, prefix).take('identify', { burst: 2, everyMs: HOUR_MS })
}

const memberOf = (number: number): MemberRecord => ({
  replica: `gateway-${number}`,
  run: `run-${number}`,
  deploy: `deploy-${number}`,
  draining: false,
  trial: 'passed',
  serves: ['bastion'],
  fields: encodeUnits([
    {
      unit: 'bastion/0',
      platform: 'discord',
      state: 'connected',
      sinceAt: RECEIVED_AT,
      sequence: { received: 42, confirmed: 41 },
    },
  ]),
})
