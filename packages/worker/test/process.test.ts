/** A worker as a process of its own, built: what signals and a missing Redis do to it. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { enqueue, freshPrefix, type QueueBench, redisBench, redisUrl, SUBSCRIPTION } from './queue-bench.ts'
import { slackMessage } from './sample-events.ts'

type Child = ChildProcessByStdio<null, Readable, Readable>

let bench: QueueBench
let prefix: string
let child: Child | undefined

beforeEach(() => {
  prefix = freshPrefix()
  bench = redisBench(prefix)
})

afterEach(async () => {
  child?.kill('SIGKILL')
  await bench.close()
})

function startBot(environment: Record<string, string>) {
  const script = join(import.meta.dirname, 'fixtures', 'stuck-bot.mjs')
  const env = { ...process.env, REDIS_URL: redisUrl(), PREFIX: prefix, ...environment }
  child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    output.out += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    output.err += String(chunk)
  })
  return { child, output }
}

async function says(process: Child, output: { out: string }, text: string): Promise<void> {
  while (!output.out.includes(text)) await once(process.stdout, 'data')
}

async function exitCode(process: Child): Promise<number | null> {
  const [code] = process.exitCode === null ? await once(process, 'exit') : [process.exitCode]
  return code
}

const waitingCount = async () => (await bench.view.depth(SUBSCRIPTION)).waiting

test('SIGTERM with drainMs 0 gives the job back at once and exits with 0', async () => {
  const { child, output } = startBot({ DRAIN_MS: '0' })
  await enqueue(bench, slackMessage())
  await says(child, output, 'handling')
  child.kill('SIGTERM')
  await says(child, output, 'run has ended')
  expect(await waitingCount()).toBe(1)
  expect(await exitCode(child)).toBe(0)
  expect(output.err).toBe('')
})

test('the second signal does not wait for the drain, and exits with 1', async () => {
  const { child, output } = startBot({ DRAIN_MS: '600000' })
  await enqueue(bench, slackMessage())
  await says(child, output, 'handling')
  child.kill('SIGTERM')
  await says(child, output, 'drains')
  child.kill('SIGTERM')
  expect(await exitCode(child)).toBe(1)
  expect(await waitingCount()).toBe(1)
})

test('a Redis that does not answer is told in one line, with exit code 2', async () => {
  const nobodyListens = 'redis://:hunter2@127.0.0.1:1'
  const { child, output } = startBot({ DRAIN_MS: '0', REDIS_URL: nobodyListens })
  expect(await exitCode(child)).toBe(2)
  expect(output.err.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^holdfast worker: Redis at .*127\.0\.0\.1:1\b.* does not answer \(ECONNREFUSED\)/),
  ])
  expect(output.err).not.toContain('hunter2')
})
