import { join } from 'node:path'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { obtainRedis } from '../src/index.ts'

/** The folder that the project's own runs use, so that the package is fetched once. */
const KEPT = join(import.meta.dirname, '../../../.holdfast/redis')
const own = { ...process.env, REDIS_URL: undefined }

async function obtainOwn() {
  const server = await obtainRedis({ folder: KEPT, env: own })
  onTestFinished(() => server.stop())
  return server
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('a server that was killed is known to have ended', async () => {
  const server = await obtainOwn()
  expect(server.hasEnded).toBe(false)
  process.kill(Number(server.pid), 'SIGKILL')
  await expect.poll(() => server.hasEnded).toBe(true)
})

describe('a paused server', () => {
  test('keeps its connections, and answers what it was asked meanwhile once it goes on', async () => {
    const server = await obtainOwn()
    const redis = new Redis(server.url)
    onTestFinished(() => redis.disconnect())
    await redis.ping()
    server.pause?.()
    expect(server.isPaused).toBe(true)
    let answered = false
    const set = redis.set('said', 'meanwhile').then(() => {
      answered = true
    })
    const stillPaused = new Redis(server.url, { commandTimeout: 200, retryStrategy: null })
    onTestFinished(() => stillPaused.disconnect())
    stillPaused.on('error', () => {})
    await expect(stillPaused.ping()).rejects.toThrow('timed out')
    expect(answered).toBe(false)
    server.resume?.()
    await set
    expect(server.isPaused).toBe(false)
    expect(await redis.get('said')).toBe('meanwhile')
  })

  test('is gone after stop', async () => {
    const server = await obtainOwn()
    server.pause?.()
    await server.stop()
    expect(isAlive(Number(server.pid))).toBe(false)
  })

  test('can be started anew', async () => {
    const server = await obtainOwn()
    server.pause?.()
    await server.restart?.()
    expect(server.isPaused).toBe(false)
    const redis = new Redis(server.url)
    onTestFinished(() => redis.disconnect())
    expect(await redis.ping()).toBe('PONG')
  })
})

test('a Redis that is not ours can not be paused', async () => {
  const server = await obtainOwn()
  const named = await obtainRedis({ folder: KEPT, env: { ...own, REDIS_URL: server.url } })
  expect(named.pause).toBeUndefined()
  expect(named.resume).toBeUndefined()
})
