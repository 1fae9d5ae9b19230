import { randomUUID } from 'node:crypto'
import { createRedisSink, createRedisSource, createRegistry } from '@holdfast/queue'
import { connectRedis } from '@holdfast/runtime'
import { expect, onTestFinished, test } from 'vitest'
import { runCommandLine } from '../src/command-line.ts'
import { status } from '../src/commands/status.ts'
import { blockersTable } from '../src/status/blockers.ts'

const redis = { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' }

test('status names a handler that has held its conversation for a minute while others wait behind it', async () => {
  const prefix = `{blockers-${randomUUID()}}`
  const registry = createRegistry({ redis, prefix })
  const wish = { workerId: 'w', subscription: 'commands', patterns: ['slack.*'] }
  await registry.declare({ ...wish, order: 'conversation' })
  const sink = createRedisSink({ redis, prefix, bounds: () => undefined })
  await sink.start()
  let end = () => {}
  const source = createRedisSource({
    redis,
    prefix,
    subscription: 'commands',
    concurrency: 1,
    run: () => new Promise((resolve) => (end = () => resolve({ kind: 'completed' }))),
  })
  const client = await connectRedis(redis.url, { name: 'test' })
  onTestFinished(async () => {
    end()
    client.disconnect()
    await Promise.all([source.stop(), sink.stop(), registry.stop()])
  })
  await source.start()
  for (const id of ['e.1', 'e.2']) {
    const event = {
      id,
      type: 'slack.message',
      subject: 'C1',
      delivery: 'live',
      dedupeWindowMs: 60_000,
    } as const
    const text = JSON.stringify({ id })
    await sink.enqueue({ event: { ...event, interactive: false, text }, subscriptions: ['commands'] })
  }
  await expect.poll(() => source.activeCount).toBe(1)
  // As if it had begun an hour ago: BullMQ notes when it hands a job over.
  await client.hset(`${prefix}:commands:e.1`, 'processedOn', Date.now() - 3_600_000)
  const out: string[] = []
  await runCommandLine({ commands: [status], version: '0' }, ['status'], {
    env: { REDIS_URL: redis.url, HOLDFAST_PREFIX: prefix },
    out: (line) => void out.push(line),
    err: () => {},
  })
  expect(out.at(-1)).toMatch(/^commands +e\.1 +slack\.message +(1 h|59 min).* 1$/)
  expect(blockersTable([])).toEqual([])
})
