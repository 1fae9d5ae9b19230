import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '@holdfast/runtime'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { obtainRedis } from '../src/index.ts'

const PROJECT = join(import.meta.dirname, '../../..')
/** The folder that the project's own runs use, so that the package is fetched once. */
const KEPT = join(PROJECT, '.holdfast/redis')
const own = { ...process.env, REDIS_URL: undefined }

/** Runs 25 times as fast, so that patience with a silent server is short. */
const hurried: Clock = { ...systemClock, setTimer: (ms, callback) => systemClock.setTimer(ms / 25, callback) }

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function obtainOwn(options: { dataFolder?: string } = {}) {
  const redis = await obtainRedis({ folder: KEPT, env: own, ...options })
  stops.push(redis.stop)
  return redis
}

function client(url: string) {
  const redis = new Redis(url, { retryStrategy: () => 20 })
  redis.on('error', () => {})
  stops.unshift(async () => redis.disconnect())
  return redis
}

async function emptyFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-local-redis-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

describe('a server of our own', () => {
  test('writes every change to disk, drops nothing when full, and is reachable from this machine only', async () => {
    const redis = client((await obtainOwn()).url)
    expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'yes'])
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction'])
    expect(await redis.config('GET', 'bind')).toEqual(['bind', '127.0.0.1'])
  })

  test('is not shared: two at once have a port and data of their own', async () => {
    const [first, second] = await Promise.all([obtainOwn(), obtainOwn()])
    await client(first.url).set('where', 'first')
    expect(first.port).not.toBe(second.port)
    expect(await client(second.url).get('where')).toBeNull()
  })

  test('keeps its data and its port over a restart', async () => {
    const server = await obtainOwn()
    const redis = client(server.url)
    await redis.set('kept', 'yes')
    const before = server.pid
    await server.restart?.()
    expect(server.pid).not.toBe(before)
    expect(await redis.get('kept')).toBe('yes')
  })

  test('is gone after stop, with its data, and stop may be called twice', async () => {
    const server = await obtainOwn()
    await Promise.all([server.stop(), server.stop()])
    expect(() => process.kill(Number(server.pid), 0)).toThrow('ESRCH')
    expect((await readdir(KEPT)).filter((name) => name.startsWith(`data-${process.pid}-`))).toEqual([])
  })

  test('leaves the data where the caller named the folder', async () => {
    const dataFolder = await emptyFolder()
    const first = await obtainOwn({ dataFolder })
    await client(first.url).set('kept', 'yes')
    await first.stop()
    const second = await obtainOwn({ dataFolder })
    expect(await client(second.url).get('kept')).toBe('yes')
  })
})

describe('the Redis of REDIS_URL', () => {
  test('is used as it is, and left running on stop', async () => {
    const server = await obtainOwn()
    const named = await obtainRedis({ folder: KEPT, env: { ...own, REDIS_URL: server.url } })
    await named.stop()
    expect(named).toMatchObject({ url: server.url, port: server.port })
    expect(named.pid).toBeUndefined()
    expect(named.restart).toBeUndefined()
    expect(await client(server.url).ping()).toBe('PONG')
  })

  test('loses the keys of a prefix when asked to, and no others', async () => {
    const server = await obtainOwn()
    const redis = client(server.url)
    await redis.mset({ '{run-1}:a': '1', '{run-1}:b': '2', '{run-10}:a': '3', '{run-?}:a': '4' })
    const named = await obtainRedis({ folder: KEPT, env: { ...own, REDIS_URL: server.url } })
    await named.discard('{run-?}')
    await named.discard('{run-1}')
    expect(await redis.keys('*')).toEqual(['{run-10}:a'])
  })

  test('that is no address is refused without showing it', async () => {
    const attempt = obtainRedis({ folder: KEPT, env: { ...own, REDIS_URL: 'localhost:secret@6379' } })
    await expect(attempt).rejects.toMatchObject({
      code: 'bad-redis-url',
      message: 'REDIS_URL is no Redis address; write it as redis://127.0.0.1:6379',
    })
  })

  test('that does not answer gives one line that names it without its password', async () => {
    const refusing = createServer().listen(0, '127.0.0.1')
    await once(refusing, 'listening')
    const { port } = refusing.address() as { port: number }
    refusing.close()
    await once(refusing, 'close')
    const url = `redis://user:secret@127.0.0.1:${port}`
    const attempt = obtainRedis({ folder: KEPT, env: { ...own, REDIS_URL: url }, clock: hurried })
    await expect(attempt).rejects.toMatchObject({
      code: 'unreachable',
      message: `REDIS_URL: redis://127.0.0.1:${port} does not answer (ECONNREFUSED); start it, or unset REDIS_URL to have a private one started`,
    })
  })
})

describe('a machine without a server', () => {
  test('is told in one line what to type', async () => {
    const env = { PATH: await emptyFolder() }
    const attempt = obtainRedis({ folder: await emptyFolder(), env })
    await expect(attempt).rejects.toMatchObject({ code: 'no-server' })
    await expect(attempt).rejects.toThrow(
      /^no Redis found on this machine; type `[^`]+`, or set REDIS_URL=redis:\/\/host:6379 to use one elsewhere$/,
    )
  })
})
