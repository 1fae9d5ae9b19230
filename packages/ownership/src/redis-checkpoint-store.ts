import type { Redis } from 'ioredis'
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-codec.ts'
import type { CheckpointStore } from './ports.ts'

// One hash per unit: `fence`, the highest fencing number, which the lease store gives out, and `checkpoint`, absent until the first is saved.
// KEYS[1] the hash; ARGV[1] the writer's fencing number; ARGV[2] the checkpoint.
const FENCED_WRITE = `
local seen = tonumber(redis.call('HGET', KEYS[1], 'fence') or '0')
local mine = tonumber(ARGV[1])
if mine < seen then return 0 end
redis.call('HSET', KEYS[1], 'fence', ARGV[1], 'checkpoint', ARGV[2])
return 1
`

/**
 * Checkpoints in Redis, one hash `<prefix>:checkpoint:<unit>` each; the test of the fencing number and the write are one
 * script, so no older owner can slip between them. The hash never expires: a fencing number must not start again.
 */
export function createRedisCheckpointStore(redis: Redis, prefix: string): CheckpointStore {
  const keyOf = (unit: string) => `${prefix}:checkpoint:${unit}`

  return {
    async load(unit) {
      const text = await redis.hget(keyOf(unit), 'checkpoint')
      return text === null ? undefined : decodeCheckpoint(text)
    },
    async save(unit, fence, checkpoint) {
      const done = await redis.eval(FENCED_WRITE, 1, keyOf(unit), fence, encodeCheckpoint(checkpoint))
      return done === 1 ? 'saved' : 'refused'
    },
  }
}
