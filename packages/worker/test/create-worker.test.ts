/** The public door with everything behind it: Redis, and a fake Slack. */
import { afterEach, expect, test, vi } from 'vitest'
import { createWorker, type Worker } from '../src/index.ts'
import type { QueueWorker } from '../src/queue-worker.ts'
import { type FakePlatform, startFakePlatform } from './fake-platform.ts'
import { createLogBook } from './log-book.ts'
import { enqueue, freshPrefix, type QueueBench, redisBench, redisUrl, SUBSCRIPTION } from './queue-bench.ts'
import { slackMessage } from './sample-events.ts'

let bench: QueueBench | undefined
let slack: FakePlatform | undefined
let worker: Worker

afterEach(async () => {
  await worker.stop()
  await slack?.close()
  await bench?.close()
})

test('answers an event of the queue on the platform it came from, and says nothing of tokens and texts', async () => {
  const prefix = freshPrefix()
  bench = redisBench(prefix)
  let answered = () => {}
  const answer = new Promise<void>((resolve) => {
    answered = resolve
  })
  slack = await startFakePlatform(() => {
    answered()
    return { json: { ok: true, channel: 'C1', ts: '1767225601.000000' } }
  })
  const { log, lines } = createLogBook()
  worker = createWorker({
    subscription: SUBSCRIPTION,
    redis: { url: redisUrl(), prefix },
    platforms: { slack: { token: 'xoxb-secret', apiUrl: slack.url } },
    log,
  })
  worker.on('slack.message', (event, ctx) => ctx.reply(`you said ${event.data.text}`))
  await worker.start()
  await enqueue(bench, slackMessage())
  await answer
  await worker.stop()
  expect(slack.calls).toMatchObject([
    { path: 'chat.postMessage', body: { text: 'you said ahoy' }, authorization: 'Bearer xoxb-secret' },
  ])
  expect(lines.map(({ message }) => message)).toEqual([
    'takes events',
    'drains: takes no more jobs',
    'stopped',
  ])
  expect(JSON.stringify(lines)).not.toMatch(/xoxb-secret|ahoy/)
})

test.each<[Record<string, unknown>, string | undefined, boolean]>([
  [{}, undefined, false],
  [{}, 'production', false],
  [{}, 'development', true],
  [{ dev: true }, undefined, true],
])(
  'watches for work outside of steps in development alone: %j, NODE_ENV %s',
  async (options, mode, expected) => {
    vi.stubEnv('NODE_ENV', mode)
    worker = createWorker({ subscription: SUBSCRIPTION, ...options })
    expect((worker as QueueWorker).parts.outsideWork !== undefined).toBe(expected)
    vi.unstubAllEnvs()
  },
)
