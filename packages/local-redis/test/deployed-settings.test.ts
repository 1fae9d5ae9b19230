import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { obtainRedis } from '../src/index.ts'

const PROJECT = join(import.meta.dirname, '../../..')

async function serverWithDeployedSettings() {
  const dataFolder = await mkdtemp(join(tmpdir(), 'holdfast-redis-conf-'))
  const server = await obtainRedis({
    folder: join(PROJECT, '.holdfast/redis'),
    configFile: join(PROJECT, 'deploy/redis.conf'),
    dataFolder,
    env: { ...process.env, REDIS_URL: undefined },
  })
  const redis = new Redis(server.url)
  onTestFinished(async () => {
    redis.disconnect()
    await server.stop()
    await rm(dataFolder, { recursive: true, force: true })
  })
  return redis
}

test('a real server takes deploy/redis.conf, then drops nothing when full and writes everything down', async () => {
  const redis = await serverWithDeployedSettings()
  const names = ['maxmemory-policy', 'appendonly', 'appendfsync', 'save', 'tcp-keepalive']
  const settings = await Promise.all(names.map((name) => redis.config('GET', name)))
  expect(settings).toEqual([
    ['maxmemory-policy', 'noeviction'],
    ['appendonly', 'yes'],
    ['appendfsync', 'everysec'],
    ['save', ''],
    ['tcp-keepalive', '30'],
  ])
})
