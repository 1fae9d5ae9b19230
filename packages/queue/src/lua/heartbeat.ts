import { composeScript } from './compose.ts'
import { WHILE_FULL_LUA } from './while-full.ts'

const NOW_LUA = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`

/**
 * A worker's sign of life, by Redis' own clock. KEYS[1] the heartbeats; ARGV own id, key of the workers, own
 * registration, silence (ms) that makes a suspect, 1 if willing to judge, key of the judge's turn, its length (ms),
 * 1 if the registration has changed. Who is not in the books is written into them. Returns {now, {silent id, its last beat, …}}: the silent are given to one
 * willing judge at a time.
 */
export const BEAT = composeScript(
  'beat',
  [],
  WHILE_FULL_LUA,
  NOW_LUA,
  `
if redis.call('ZADD', KEYS[1], now, ARGV[1]) == 1 or ARGV[8] == '1' then redis.call('HSET', ARGV[2], ARGV[1], ARGV[3]) end
if ARGV[5] ~= '1' then return { now, {} } end
local silent = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[4]), 'WITHSCORES')
if #silent > 0 and not redis.call('SET', ARGV[6], ARGV[1], 'PX', ARGV[7], 'NX') then silent = {} end
return { now, silent }
`,
)

/**
 * Takes a worker out of the books: KEYS[1] the heartbeats; ARGV its id, its last beat, keys of workers, wishers and the
 * wishes' counter, channel of the wishes. Changes nothing if it has beaten since, or another judge was first.
 */
export const STRIKE = composeScript(
  'strike',
  [],
  WHILE_FULL_LUA,
  `
if redis.call('ZSCORE', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', ARGV[3], ARGV[1])
if redis.call('HDEL', ARGV[4], ARGV[1]) == 1 then
  redis.call('INCR', ARGV[5])
  redis.call('PUBLISH', ARGV[6], 'changed')
end
return 1
`,
)

/**
 * Notes which Redis process this is (ARGV[1]) in KEYS[1]. Returns how long ago (ms) it was first seen to be another than
 * before, -1 if it never changed: a Redis that starts without data of ours has no dead to judge wrongly.
 */
export const SEE_REDIS = composeScript(
  'seeRedis',
  [],
  WHILE_FULL_LUA,
  NOW_LUA,
  `
local id, changedAt = string.match(redis.call('GET', KEYS[1]) or '', '^(%S+) (%d+)$')
if id == ARGV[1] then return changedAt == '0' and -1 or now - tonumber(changedAt) end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. (id and string.format('%d', now) or '0'))
return id and 0 or -1
`,
)
