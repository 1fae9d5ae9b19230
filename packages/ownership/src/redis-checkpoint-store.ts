import type { Redis } from 'ioredis'
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-codec.ts'
import type { CheckpointStore } from './ports.ts'

// One hash per unit: `fence`, the highest fencing number seen, and `checkpoint`, absent when there is no session.
// KEYS[1] the hash; ARGV[1] the writer's fencing number; ARGV[2] the checkpoint, or '' to forget it.
const FENCED_WRITE = `
local seen = tonumber(redis.call('HGET', KEYS[1], 'fence') or '0')
local mine = tonumber(ARGV[1])
if mine < seen then return 0 end
redis.call('HSET', KEYS[1], 'fence', ARGV[1])
if ARGV[2] == '' then
  redis.call('HDEL', KEYS[1], 'checkpoint')
else
  redis.call('HSET', KEYS[1], 'checkpoint', ARGV[2])
end
return 1
`

/**
 * Checkpoints in Redis, one hash `<prefix>:checkpoint:<unit>` each; the test of the fencing number and the write are one
 * script, so no older owner can slip between them. The hash never expires: a fencing number must not start again.
 */
export function createRedisCheckpointStore(redis: Redis, prefix: string): CheckpointStore {
  const keyOf = (unit: string) => `${prefix}:checkpoint:${unit}`

  async function write(unit: string, fence: number, text: string): Promise<'saved' | 'refused'> {
    const done = await redis.eval(FENCED_WRITE, 1, keyOf(unit), fence, text)
    return done === 1 ? 'saved' : 'refused'
  }

  return {
    fence: (unit) => redis.hincrby(keyOf(unit), 'fence', 1),
    async load(unit) {
      const text = await redis.hget(keyOf(unit), 'checkpoint')
      return text === null ? undefined : decodeCheckpoint(text)
    },
    save: (unit, fence, checkpoint) => write(unit, fence, encodeCheckpoint(checkpoint)),
    clear: (unit, fence) => write(unit, fence, ''),
  }
}
