/** A worker as a process of its own, built: what signals and a missing Redis do to it. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { freePort } from '@holdfast/runtime'
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

test('a Redis that is away is told in one line and waited for, and its events are handled when it comes', async () => {
  const port = await freePort()
  const { child, output } = startBot({ DRAIN_MS: '0', REDIS_URL: `redis://127.0.0.1:${port}` })
  await says(child, output, 'it is waited for')
  await enqueue(bench, slackMessage())
  const { hostname, port: realPort } = new URL(redisUrl())
  const door = createServer((socket) => {
    const redis = connect(Number(realPort || 6379), hostname)
    for (const each of [socket, redis]) each.on('error', () => {})
    socket.pipe(redis).pipe(socket)
  })
  await new Promise<void>((resolve) => door.listen(port, '127.0.0.1', resolve))
  await says(child, output, 'handling')
  expect(output.out.split('\n').filter((line) => line.includes('"level":"warn"'))).toEqual([
    expect.stringMatching(/does not answer \(ECONNREFUSED\)/),
  ])
  expect(output.err).toBe('')
  child.kill('SIGTERM')
  expect(await exitCode(child)).toBe(0)
  door.close()
})

test('SIGTERM ends the wait for a Redis that is away', async () => {
  const { child, output } = startBot({ DRAIN_MS: '0', REDIS_URL: 'redis://127.0.0.1:1' })
  await says(child, output, 'it is waited for')
  child.kill('SIGTERM')
  expect(await exitCode(child)).toBe(0)
})

test('a Redis that stays away for longer than told is told in one line, with exit code 2', async () => {
  const nobodyListens = 'redis://:hunter2@127.0.0.1:1'
  const environment = { DRAIN_MS: '0', REDIS_URL: nobodyListens, HOLDFAST_REDIS_WAIT_MS: '0' }
  const { child, output } = startBot(environment)
  expect(await exitCode(child)).toBe(2)
  expect(output.err.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^holdfast worker: Redis at .*127\.0\.0\.1:1\b.* does not answer \(ECONNREFUSED\)/),
  ])
  expect(output.err).not.toContain('hunter2')
})

test('a wrong password is not waited for', async () => {
  const url = new URL(redisUrl())
  url.username = 'nobody'
  url.password = 'hunter2'
  const { child, output } = startBot({ DRAIN_MS: '0', REDIS_URL: url.href })
  expect(await exitCode(child)).toBe(2)
  expect(output.err).toMatch(/^holdfast worker: Redis at .* refuses this connection \(WRONGPASS .*\n$/)
  expect(output.out + output.err).not.toContain('hunter2')
})
