import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createRegistry, LAYOUT_VERSION, type Registry } from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { freshPrefix } from './harness.ts'
import { OwnRedis } from './own-redis.ts'

// What was wished for stands as long as whoever wished it lives, whatever others or Redis do to it.
describe('the registry on Redis', () => {
  let redis: OwnRedis
  let prefix: string
  let registries: Registry[]

  beforeAll(async () => {
    redis = await OwnRedis.open()
  })
  beforeEach(() => {
    prefix = freshPrefix()
    registries = []
  })
  afterEach(() => Promise.all(registries.map((registry) => registry.stop())))
  afterAll(() => redis.close())

  function open(): Registry {
    const registry = createRegistry({ redis, prefix })
    registries.push(registry)
    return registry
  }
  const wish = (workerId: string) => ({
    workerId,
    subscription: 'all',
    patterns: [`slack.${workerId}`],
    order: 'conversation' as const,
  })
  const known = async () => {
    const { subscriptions } = await open().wishes()
    return subscriptions.map(({ name, patterns, workerCount }) => [name, [...patterns].sort(), workerCount])
  }

  it('has the wishes of the living again after Redis came back empty', async () => {
    const [gateway, one, two] = [open(), open(), open()]
    await gateway.declareFixed([{ name: 'fixed', patterns: ['discord.*'] }])
    await one.declare(wish('w1'))
    await two.declare(wish('w2'))
    await redis.restartEmpty()
    await expect.poll(known).toHaveLength(2)
    await expect
      .poll(async () => (await known()).sort())
      .toEqual([
        ['all', ['slack.w1', 'slack.w2'], 2],
        ['fixed', ['discord.*'], 0],
      ])
    expect(await redis.admin.get(layout(prefix).version)).toBe(String(LAYOUT_VERSION))
  })

  it('has them again after a Redis was emptied that nobody was cut from, once somebody looks', async () => {
    const [gateway, worker] = [open(), open()]
    await gateway.declareFixed([{ name: 'fixed', patterns: ['discord.*'] }])
    await worker.declare(wish('w1'))
    await gateway.wishes()
    const { wishesChannel } = layout(prefix)
    await expect.poll(() => redis.admin.pubsub('NUMSUB', wishesChannel)).toEqual([wishesChannel, 2])
    await redis.admin.flushall()
    await gateway.wishes()
    await expect
      .poll(async () => (await known()).sort())
      .toEqual([
        ['all', ['slack.w1'], 1],
        ['fixed', ['discord.*'], 0],
      ])
  })

  it('does not bring back what a configuration fixed before it was changed', async () => {
    const gateway = open()
    await gateway.declareFixed([{ name: 'old', patterns: ['slack.*'] }])
    await gateway.declareFixed([{ name: 'young', patterns: ['discord.*'] }])
    await redis.restartEmpty()
    await expect.poll(known).not.toEqual([])
    expect(await known()).toEqual([['young', ['discord.*'], 0]])
  })

  it('has the wish of a worker again that was taken for dead', async () => {
    const [one, two] = [open(), open()]
    await one.declare(wish('w1'))
    await two.declare(wish('w2'))
    const { wishers, wishesChannel } = layout(prefix)
    await redis.admin.multi().hdel(wishers, 'w1').publish(wishesChannel, 'changed').exec()
    await expect.poll(known).toEqual([['all', ['slack.w1', 'slack.w2'], 2]])
  })

  it('lets a wish go that was withdrawn, whatever is announced afterwards', async () => {
    const [one, two] = [open(), open()]
    await one.declare(wish('w1'))
    await two.declare(wish('w2'))
    await one.withdraw('w1')
    await two.declare(wish('w2'))
    expect(await known()).toEqual([['all', ['slack.w2'], 1]])
  })

  it('does not fight over a subscription that two configurations fix differently', async () => {
    const [old, young] = [open(), open()]
    await old.declareFixed([{ name: 'all', patterns: ['slack.*'] }])
    await young.declareFixed([{ name: 'all', patterns: ['discord.*'] }])
    await young.declare(wish('w1'))
    expect(await known()).toEqual([['all', ['discord.*'], 1]])
  })

  it('keeps a subscription fixed when workers declare it at the same moment', async () => {
    const [gateway, ...workers] = [open(), open(), open(), open()]
    for (let round = 0; round < 50; round++) {
      await redis.admin.del(layout(prefix).subscriptions)
      await Promise.all([
        ...workers.map((worker, n) => worker.declare(wish(`w${n}`))),
        gateway?.declareFixed([{ name: 'all', patterns: ['discord.*'] }]),
      ])
      expect((await open().wishes()).subscriptions).toMatchObject([{ fixed: true, patterns: ['discord.*'] }])
    }
  })
})
