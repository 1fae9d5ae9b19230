import { randomUUID } from 'node:crypto'
import { afterAll } from 'vitest'
import { describeLeaseStore } from './lease-store-suite.ts'
import { memoryWorld, openRedis, redisWorld } from './lease-worlds.ts'

const { redis, root, close } = openRedis()
afterAll(close)

describeLeaseStore('in memory', memoryWorld)
describeLeaseStore('in Redis', () => redisWorld(redis, `${root}:${randomUUID()}`))
