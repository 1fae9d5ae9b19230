import { composeScript } from './compose.ts'
import { WHILE_FULL_LUA } from './while-full.ts'

/**
 * A worker's wish and the declaration that follows from it, if the declaration that it was made from still stands.
 * KEYS[1] the subscriptions; ARGV name, declaration as read ('' for none), declaration to write, key of the wishers,
 * worker id, wish, key of the wishes' counter, channel on which the change is announced.
 * Returns the version, or 'changed': then nothing is written.
 */
export const DECLARE = composeScript(
  'declare',
  [],
  WHILE_FULL_LUA,
  `
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 'changed' end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('HSET', ARGV[4], ARGV[5], ARGV[6])
redis.call('PUBLISH', ARGV[8], 'changed')
return redis.call('INCR', ARGV[7])
`,
)

/**
 * A worker takes its wish back. KEYS[1] the wishers; ARGV worker id, key of the wishes' counter, channel on which the change is
 * announced.
 */
export const WITHDRAW = composeScript(
  'withdraw',
  [],
  WHILE_FULL_LUA,
  `
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[3], 'changed')
return redis.call('INCR', ARGV[2])
`,
)
