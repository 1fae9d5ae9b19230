import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { awaitRedis, connectRedis, type ProblemError, redisOptions } from '../src/index.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A server that answers each chunk it gets with `reply`, or not at all. Resolves with its port. */
async function answering(reply: string | undefined): Promise<number> {
  const server = createServer((socket: Socket) => {
    socket.on('error', () => {})
    socket.on('data', () => reply !== undefined && socket.write(reply))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function freePort(): Promise<number> {
  const port = await answering(undefined)
  const [server] = servers.splice(-1)
  await new Promise((resolve) => server?.close(resolve))
  return port
}

describe('connecting to Redis', () => {
  test('resolves with a named connection that has answered', async () => {
    const redis = await connectRedis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379', { name: 'kelp' })
    expect(await redis.ping()).toBe('PONG')
    expect(await redis.client('GETNAME')).toBe('kelp')
    await redis.quit()
  })

  test('tells in one line that nobody answers, without the password', async () => {
    const port = await freePort()
    const connecting = connectRedis(`redis://me:hunter2@127.0.0.1:${port}`, { name: 'kelp', patienceMs: 100 })
    await expect(connecting).rejects.toMatchObject({
      code: 'redis-unreachable',
      message: `Redis at redis://me:***@127.0.0.1:${port} does not answer (ECONNREFUSED): start Redis there, or set redis.url (REDIS_URL)`,
    })
  })

  test('gives up on one that accepts but never answers', async () => {
    const port = await answering(undefined)
    const connecting = connectRedis(`redis://127.0.0.1:${port}`, { name: 'kelp', patienceMs: 100 })
    await expect(connecting).rejects.toMatchObject({ code: 'redis-unreachable' })
  })

  test('tells a refused password at once, whatever patience is left', async () => {
    const port = await answering('-WRONGPASS invalid username-password pair or user is disabled.\r\n')
    const connecting = connectRedis(`redis://me:hunter2@127.0.0.1:${port}`, {
      name: 'kelp',
      patienceMs: 20_000,
    })
    await expect(connecting).rejects.toMatchObject({ code: 'redis-refused' })
  })

  test('reconnects quickly at first and never slower than every 2 s', () => {
    const { retryStrategy } = redisOptions({ redis: { url: 'redis://reef' }, prefix: '{kelp}' }, 'kelp')
    expect(retryStrategy(1)).toBe(100)
    expect(retryStrategy(1_000)).toBe(2_000)
  })
})

describe('a connection that is waited for', () => {
  test('says why Redis is silent, and resolves when it answers', async () => {
    const { redis, untilAnswers } = awaitRedis(`redis://me:hunter2@127.0.0.1:${await freePort()}`, {
      name: 'test',
      patienceMs: 50,
    })
    const givenUp = new AbortController()
    const silence = await new Promise<ProblemError>((resolve) => {
      void untilAnswers(resolve, givenUp.signal)
    })
    expect(silence).toMatchObject({ code: 'redis-unreachable' })
    expect(silence.message).not.toContain('hunter2')
    givenUp.abort()
    redis.disconnect()

    const there = awaitRedis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379', { name: 'test' })
    await there.untilAnswers(() => expect.unreachable(), new AbortController().signal)
    expect(there.redis.status).toBe('ready')
    await there.redis.quit()
  })

  test('ends when it is given up', async () => {
    const { redis, untilAnswers } = awaitRedis(`redis://127.0.0.1:${await freePort()}`, { name: 'test' })
    const givenUp = new AbortController()
    const ended = untilAnswers(() => {}, givenUp.signal)
    givenUp.abort()
    await ended
    redis.disconnect()
  })
})
