import { createMetricsRegistry } from '@holdfast/runtime'
import { afterEach, expect, test } from 'vitest'
import { NonRetryableError, PlatformWaitError } from '../src/errors.ts'
import { countReplies, createWorkerMetrics } from '../src/metrics.ts'
import type { ReplyCall } from '../src/reply.ts'
import { slackMessage } from './sample-events.ts'
import { HeldJob } from './taken-job.ts'
import { workerBench } from './worker-bench.ts'

const mention = { ...slackMessage(), type: 'slack.app_mention' }

let stop: () => Promise<void> = async () => {}

afterEach(() => stop())

function listening(environment: Record<string, string> = {}) {
  const bench = workerBench({ http: { port: 0 }, concurrency: 3 }, environment)
  bench.worker.on('slack.message', () => {})
  stop = () => bench.worker.stop()
  return bench
}

/** Where the log says that the worker listens. */
function addressIn(lines: readonly { readonly facts: object }[]): string {
  const [address] = lines.flatMap(({ facts }) => ('address' in facts ? [String(facts.address)] : []))
  return address ?? ''
}

async function ask(lines: readonly { readonly facts: object }[], path: string) {
  const response = await fetch(`${addressIn(lines)}${path}`)
  return { status: response.status, text: await response.text() }
}

const ready = (checks: object) => JSON.stringify({ status: 'ready', checks })
const unready = (checks: object) => JSON.stringify({ status: 'unready', checks })

test('is ready while jobs are taken, and says why not while Redis is away', async () => {
  const { worker, queue, lines } = listening()
  await worker.start()
  const [itself, redis] = [
    { name: 'worker', status: 'ok' },
    { name: 'redis', status: 'ok' },
  ]
  expect(await ask(lines, '/readyz')).toEqual({ status: 200, text: ready([itself, redis]) })
  queue.tellProblem({ code: 'redis-away', message: 'Redis does not answer' })
  const away = { name: 'redis', status: 'failed', why: 'Redis does not answer' }
  expect(await ask(lines, '/readyz')).toEqual({ status: 503, text: unready([itself, away]) })
  expect((await ask(lines, '/livez')).status).toBe(200)
  queue.tellProblem({ code: 'redis-back', message: 'Redis answers' })
  expect((await ask(lines, '/readyz')).status).toBe(200)
})

test('answers before Redis does, and is live but not ready then', async () => {
  const { worker, queue, lines } = listening()
  let asked: () => void = () => {}
  const asking = new Promise<void>((resolve) => {
    asked = resolve
  })
  queue.connecting = ({ onAway }) => {
    onAway('Redis refuses connections')
    asked()
    return new Promise(() => {})
  }
  void worker.start()
  await asking
  expect((await ask(lines, '/livez')).status).toBe(200)
  const { status, text } = await ask(lines, '/readyz')
  expect(status).toBe(503)
  expect(JSON.parse(text).checks).toEqual([
    { name: 'worker', status: 'failed', why: 'it starts: it takes no jobs yet' },
    { name: 'redis', status: 'failed', why: 'Redis refuses connections' },
  ])
})

test.each<[string, (bench: ReturnType<typeof listening>) => void, string]>([
  ['while it drains', ({ worker }) => void worker.stop(), 'it drains: it takes no more jobs'],
  ['once it is stuck', ({ queue }) => queue.tellProblem({ code: 'stuck', message: 'no use' }), 'no use'],
])('is not ready %s, and closes with the worker', async (_, end, why) => {
  const bench = listening()
  const { worker, queue, lines } = bench
  let finish: () => void = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  worker.on('slack.app_mention', () => finished)
  await worker.start()
  const taken = queue.take(new HeldJob({ event: mention }))
  end(bench)
  const { status, text } = await ask(lines, '/readyz')
  expect(status).toBe(503)
  expect(JSON.parse(text).checks[0]).toEqual({ name: 'worker', status: 'failed', why })
  finish()
  await taken
  await worker.stop()
  await expect(ask(lines, '/livez')).rejects.toThrow('fetch failed')
})

test('shows how long handlers took and what became of the jobs, those that run and how many may', async () => {
  const { worker, queue, clock, lines } = listening()
  worker.on('slack.app_mention', () => {
    clock.advance(400)
    throw new NonRetryableError('no')
  })
  await worker.start()
  await queue.take(new HeldJob({ event: mention }))
  const { text } = await ask(lines, '/metrics')
  const labels = 'subscription="commands",type="slack.app_mention",outcome="dead"'
  expect(text).toContain(`holdfast_handler_seconds_sum{${labels}} 0.4`)
  expect(text).toContain(`holdfast_handler_seconds_count{${labels}} 1`)
  expect(text).toContain('holdfast_worker_active{subscription="commands"} 0')
  expect(text).toContain('holdfast_worker_concurrency{subscription="commands"} 3')
  expect(text).toContain('process_cpu_seconds_total')
})

test('counts replies, steps that ran, were skipped or failed, and jobs that their handler discarded', async () => {
  const { worker, queue, lines } = listening()
  worker.on('slack.app_mention', async (_, ctx) => {
    await ctx.step('known', () => 1)
    await ctx.step('new', () => 2)
    await ctx.step('bad', () => Promise.reject(new Error('no'))).catch(() => {})
    await ctx.reply('ahoy')
    ctx.discard('enough')
  })
  await worker.start()
  const steps = new Map([['step:known', '{"result":1}']])
  await queue.take(new HeldJob({ event: mention, steps }))
  const { text } = await ask(lines, '/metrics')
  for (const [result, count] of Object.entries({ run: 2, skipped: 1, failed: 1 }))
    expect(text).toContain(`holdfast_steps_total{result="${result}"} ${count}`)
  expect(text).toContain('holdfast_replies_total{platform="slack",result="posted"} 1')
  expect(text).toMatch(/holdfast_handler_seconds_count\{.*outcome="discarded"\} 1/)
})

test('a worker without a port listens nowhere, and one that can not listen says why it does not start', async () => {
  const quiet = workerBench()
  quiet.worker.on('slack.message', () => {})
  await quiet.worker.start()
  expect(addressIn(quiet.lines)).toBe('')
  const first = listening()
  await first.worker.start()
  const port = Number(new URL(addressIn(first.lines)).port)
  const second = workerBench({}, { HOLDFAST_WORKER_HTTP_PORT: String(port) })
  second.worker.on('slack.message', () => {})
  await expect(second.worker.start()).rejects.toThrow(`port ${port} on 127.0.0.1 is already in use`)
  expect(second.queue.said).toEqual([])
})

function metricsAlone() {
  const registry = createMetricsRegistry()
  const facts = { subscription: 's', concurrency: 1, activeCount: () => 0, redisAway: () => false }
  return { registry, metrics: createWorkerMetrics(registry, facts) }
}

test('types beyond a bound are counted together', async () => {
  const { registry, metrics } = metricsAlone()
  for (let number = 0; number < 400; number += 1)
    metrics.ran({ queue: 's', type: `slack.made_up_${number}` }, 'completed', 1)
  const text = await registry.metrics()
  expect(text.match(/^holdfast_handler_seconds_count\{/gm)).toHaveLength(301)
  expect(text).toContain(
    'holdfast_handler_seconds_count{subscription="s",type="other",outcome="completed"} 100',
  )
})

test('counts replies by what became of them', async () => {
  const { registry, metrics } = metricsAlone()
  const errors = [
    undefined,
    new PlatformWaitError('limited', 5),
    new NonRetryableError('no'),
    new Error('odd'),
  ]
  const reply = countReplies(async () => {
    const error = errors.shift()
    if (error) throw error
    return { channel: 'C1', ts: '1.0' }
  }, metrics)
  const call: ReplyCall = {
    event: slackMessage(),
    eventId: 'e',
    queue: 's',
    key: 'reply#1',
    steps: {} as never,
  }
  await Promise.allSettled([reply(call, 'a'), reply(call, 'b'), reply(call, 'c'), reply(call, 'd')])
  const text = await registry.metrics()
  for (const result of ['posted', 'waiting', 'refused', 'failed'])
    expect(text).toContain(`holdfast_replies_total{platform="slack",result="${result}"} 1`)
})
