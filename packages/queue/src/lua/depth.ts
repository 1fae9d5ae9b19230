import { composeScript } from './compose.ts'

/**
 * Depth and lag of one queue, as one picture. KEYS[1] routes; ARGV prefix-and-queue, now (ms).
 * Returns waiting, parked, active, sleeping, retrying, failed, lag (ms).
 */
export const DEPTH = composeScript(
  'depth',
  [],
  `
local base, now = ARGV[1], tonumber(ARGV[2])
local ENDS = 20

-- Of one that has slept: since it was woken.
local function age(id)
  local at = redis.call('ZSCORE', base .. 'hf:sleeping', id) or redis.call('HGET', base .. id, 'timestamp')
  return at and now - tonumber(at) or 0
end

-- The oldest waits near an end of the list: in front, unless a retry or a safety net has just put it at the back.
local function waitingLag()
  local oldest = 0
  for _, id in ipairs(redis.call('LRANGE', base .. 'wait', -ENDS, -1)) do oldest = math.max(oldest, age(id)) end
  for _, id in ipairs(redis.call('LRANGE', base .. 'wait', 0, ENDS - 1)) do oldest = math.max(oldest, age(id)) end
  return oldest
end

-- A parked job that was removed, or taken by a plain BullMQ worker, leaves its name here; drop it in passing.
local function parkedLag()
  for _ = 1, 1000 do
    local first = redis.call('ZRANGE', base .. 'hf:parked', 0, 0)[1]
    if not first then return 0 end
    local job = redis.call('HMGET', base .. first, 'timestamp', 'finishedOn')
    if job[1] and not job[2] then return age(first) end
    redis.call('ZREM', base .. 'hf:parked', first)
  end
  return 0
end

local delayed = redis.call('ZCARD', base .. 'delayed')
local retrying = redis.call('ZCOUNT', base .. 'hf:retrying', now, '+inf')
local sleeping = redis.call('ZCOUNT', base .. 'hf:sleeping', '(' .. now, '+inf')
local waiting = redis.call('LLEN', base .. 'wait') + redis.call('ZCARD', base .. 'prioritized')
return { waiting, math.max(0, delayed - retrying - sleeping), redis.call('LLEN', base .. 'active'), sleeping, retrying,
  redis.call('ZCARD', base .. 'failed'), math.max(waitingLag(), parkedLag()) }
`,
)
