import { composeScript } from './compose.ts'
import { WHILE_FULL_LUA } from './while-full.ts'

/**
 * Whether a worker would take a job of the queue now: one that waits, or one whose time came ARGV[3] ms ago and that nobody has
 * fetched since. KEYS[1] routes; ARGV prefix-and-queue, now (ms), that patience. Returns 1 or 0: also 0 where the queue is
 * paused, or takes no more for a limit of its own. Refused where Redis takes no writes, since then nothing can be taken either.
 */
export const RUNNABLE = composeScript(
  'runnable',
  [],
  WHILE_FULL_LUA,
  `
local base, now, overdueMs = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local meta = redis.call('HMGET', base .. 'meta', 'paused', 'concurrency')
if meta[1] or redis.call('PTTL', base .. 'limiter') > 0 then return 0 end
if meta[2] and redis.call('LLEN', base .. 'active') >= tonumber(meta[2]) then return 0 end
if redis.call('LLEN', base .. 'wait') > 0 or redis.call('ZCARD', base .. 'prioritized') > 0 then return 1 end
local due = redis.call('ZRANGE', base .. 'delayed', 0, 0, 'WITHSCORES')[2]
return due and tonumber(due) / 0x1000 <= now - overdueMs and 1 or 0
`,
)
