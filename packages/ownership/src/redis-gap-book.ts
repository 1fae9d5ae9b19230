import type { Redis } from 'ioredis'
import { type GapBook, type NoteAnswer, OWED_BOUND, type OweAnswer } from './gap-book.ts'

// What is owed: a hash, id -> text. What was settled: a sorted set, id by the end of its window. The fence is that of the checkpoint.
// KEYS[1] what is owed; KEYS[2] what was settled; KEYS[3] the checkpoint of the unit.
// ARGV[1] 'owe', 'note' or 'settle'; ARGV[2] the writer's fencing number; ARGV[3] id; ARGV[4] window (ms); ARGV[5] text; ARGV[6] bound.
const BOOK = `
local seen = tonumber(redis.call('HGET', KEYS[3], 'fence') or '0')
if tonumber(ARGV[2]) < seen then return 'refused' end
redis.call('HSET', KEYS[3], 'fence', ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local isOwed = redis.call('HEXISTS', KEYS[1], ARGV[3]) == 1
if ARGV[1] == 'settle' then
  redis.call('ZADD', KEYS[2], string.format('%.0f', now + tonumber(ARGV[4])), ARGV[3])
  redis.call('PEXPIREAT', KEYS[2], redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')[2])
  return redis.call('HDEL', KEYS[1], ARGV[3]) == 1 and 'noted' or 'unknown'
end
if ARGV[1] == 'owe' then
  if isOwed or redis.call('ZSCORE', KEYS[2], ARGV[3]) then return 'known' end
  if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[6]) then return 'full' end
elseif not isOwed then
  return 'unknown'
end
redis.call('HSET', KEYS[1], ARGV[3], ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return ARGV[1] == 'owe' and 'owed' or 'noted'
`

/**
 * The book in Redis: `<prefix>:owed:<unit>` and `<prefix>:filled:<unit>`; the test of the fencing number and the write are one
 * script. The caller owns `redis`; a command waits for it as its settings say.
 */
export function createRedisGapBook(redis: Redis, prefix: string): GapBook {
  const keyOf = (unit: string) => `${prefix}:owed:${unit}`

  async function write(unit: string, ...words: readonly (string | number)[]): Promise<string> {
    const keys = [keyOf(unit), `${prefix}:filled:${unit}`, `${prefix}:checkpoint:${unit}`]
    return String(await redis.eval(BOOK, keys.length, ...keys, ...words))
  }

  return {
    async owe(unit, fence, { id, text }, windowMs) {
      return (await write(unit, 'owe', fence, id, windowMs, text, OWED_BOUND)) as OweAnswer
    },
    async owed(unit) {
      const texts = await redis.hgetall(keyOf(unit))
      return Object.entries(texts).map(([id, text]) => ({ id, text }))
    },
    async note(unit, fence, { id, text }, windowMs) {
      return (await write(unit, 'note', fence, id, windowMs, text)) as NoteAnswer
    },
    async settle(unit, fence, id, windowMs) {
      return (await write(unit, 'settle', fence, id, windowMs)) as NoteAnswer
    },
  }
}
