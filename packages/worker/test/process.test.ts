/** A worker as a process of its own, built: what signals and a missing Redis do to it. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
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

/** A way to Redis on a port of its own, open or not. */
class Door {
  readonly #redis: URL
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined

  constructor(url: string) {
    this.#redis = new URL(url)
  }

  async open(port: number): Promise<void> {
    const { hostname, port: redisPort } = this.#redis
    this.#server = createServer((socket) => {
      const redis = connect(Number(redisPort || 6379), hostname)
      for (const each of [socket, redis]) {
        this.#sockets.add(each)
        each.on('error', () => {})
        each.on('close', () => this.#sockets.delete(each))
      }
      socket.pipe(redis).pipe(socket)
    }).listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}

/** Counts who comes to a closed door. */
class Knocks {
  readonly #server: Server
  #count = 0

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => {
      this.#count += 1
      socket.on('error', () => {}).destroy()
    })
  }

  static async on(port: number): Promise<Knocks> {
    const server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
    return new Knocks(server)
  }

  async reach(count: number): Promise<void> {
    while (this.#count < count) await once(this.#server, 'connection')
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve))
  }
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
  await says(child, output, 'waiting for it')
  await enqueue(bench, slackMessage())
  const door = new Door(redisUrl())
  await door.open(port)
  await says(child, output, 'handling')
  expect(output.out.split('\n').filter((line) => line.includes('"level":"warn"'))).toEqual([
    expect.stringMatching(/does not answer \(ECONNREFUSED\)/),
  ])
  expect(output.err).toBe('')
  child.kill('SIGTERM')
  expect(await exitCode(child)).toBe(0)
  await door.close()
})

test('an outage of Redis is two lines of the log, however many attempts it takes, and the ready file stays', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-worker-'))
  const readyFile = join(folder, 'ready')
  const port = await freePort()
  const door = new Door(redisUrl())
  await door.open(port)
  const environment = { REDIS_URL: `redis://127.0.0.1:${port}`, HOLDFAST_READY_FILE: readyFile }
  const { child, output } = startBot({ DRAIN_MS: '0', ...environment })
  await says(child, output, 'takes events')
  await expect.poll(() => existsSync(readyFile)).toBe(true)
  await door.close()
  await says(child, output, 'redis-away')
  const knocks = await Knocks.on(port)
  await knocks.reach(20)
  expect(existsSync(readyFile)).toBe(true)
  await knocks.close()
  await enqueue(bench, slackMessage())
  await door.open(port)
  await says(child, output, 'handling')
  await says(child, output, 'redis-back')
  const codes = output.out
    .split('\n')
    .filter((line) => line.includes('"code"'))
    .map((line) => (JSON.parse(line) as { code: string }).code)
  expect(codes).toEqual(['redis-away', 'redis-back'])
  expect(output.err).toBe('')
  child.kill('SIGTERM')
  expect(await exitCode(child)).toBe(0)
  expect(existsSync(readyFile)).toBe(false)
  await door.close()
  await rm(folder, { recursive: true })
})

test('SIGTERM ends the wait for a Redis that is away', async () => {
  const { child, output } = startBot({ DRAIN_MS: '0', REDIS_URL: 'redis://127.0.0.1:1' })
  await says(child, output, 'waiting for it')
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
