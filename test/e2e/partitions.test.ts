import { createWorker } from '@holdfast/worker'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { GatewayProcess } from './gateway-process.ts'
import { numbered, Stage } from './stage.ts'

/* Three subscriptions in three partitions, one of which only a worker declares: a built gateway, and workers of the SDK. */

const FIXED = ['a', 'b'].map((name) => `  - { name: ${name}, events: ['slack.message'] }`)

const withPartitions = (stage: Stage, count: number): string =>
  stage.configuration().replace(`'${stage.prefix}' }`, `'${stage.prefix}', partitions: ${count} }`)

test('workers find their subscriptions in whatever partition they are, and get everything in order', async () => {
  const stage = await Stage.open({ connections: ['slack-a'], subscriptions: FIXED })
  const gateway = new GatewayProcess(withPartitions(stage, 3))
  await gateway.ready()
  const heard = await Promise.all(['a', 'b', 'c'].map((name) => listen(stage, name)))
  const texts = numbered('ahoy', 30)
  for (const text of texts) stage.say(text)
  for (const texts of heard) await expect.poll(() => texts.length, { timeout: 20_000 }).toBe(30)
  expect(heard).toEqual([texts, texts, texts])

  const redis = new Redis(stage.redisUrl)
  onTestFinished(() => redis.disconnect())
  const placed = await redis.hvals(`${stage.prefix}:hf:partitions`)
  expect(placed.sort()).toEqual(['0', '1', '2'])
  expect(await redis.keys(`${stage.prefix}:[abc]:*`)).toEqual([])
  const { text } = await gateway.get('/v1/subscriptions')
  expect(text).toContain('"c"')
})

/** What a worker of the subscription hears, from its start on. */
async function listen(stage: Stage, subscription: string): Promise<string[]> {
  const heard: string[] = []
  const redis = { url: stage.redisUrl, prefix: stage.prefix }
  const worker = createWorker({ subscription, redis, platforms: {} })
  worker.on('slack.message', (event) => void heard.push(String(event.data.text)))
  await worker.start()
  onTestFinished(() => worker.stop())
  return heard
}
