/** For how long the enqueue parks what has to wait, after one of our workers last said that it wakes them. */
export const LANES_KEPT_MS = 600_000

/**
 * Lua shared by the scripts that touch lanes.
 *
 * A lane is a list of job ids in the order Redis confirmed them; the head may run, the others wait as delayed jobs
 * ("parked"). Whoever takes the head out wakes the next one to the front of the queue, in the same script, so no crash
 * can come between. Who is asleep is out of the lane; woken, it enters in front.
 *
 * Parking has a bound all the same, short for the second and longer the deeper a job sits: if a head vanishes by a hand other
 * than ours (removed by an operator, completed by a plain BullMQ worker), the second comes up, finds it gone and takes its
 * place. Deep jobs need no short bound, since each that ends wakes its successor.
 */
export const LANE_LUA = `
local PARK_STEP_MS, PARK_MAX_MS, LANE_TTL_MS = 5000, 600000, 2592000000

local function parkMs(position)
  return math.min(position * PARK_STEP_MS, PARK_MAX_MS)
end

-- Finished is who has no job any more, or a job that BullMQ has stamped as finished (kept completed, dead letter).
local function isFinished(base, id)
  local stamp = redis.call('HMGET', base .. id, 'name', 'finishedOn')
  return not stamp[1] or (stamp[2] and true)
end

-- Who waits, sleeps or is parked is none of BullMQ's markers' business until it may run.
local function markRunnable(base)
  local meta = redis.call('HMGET', base .. 'meta', 'paused', 'concurrency')
  if meta[1] then return end
  if meta[2] and redis.call('LLEN', base .. 'active') >= tonumber(meta[2]) then return end
  redis.call('ZADD', base .. 'marker', 0, '0')
end

-- What promote() and then changePriority({ priority: 0, lifo: true }) do, without looking through the waiting list.
local function toFront(base, id)
  redis.call('RPUSH', base .. 'wait', id)
  markRunnable(base)
  redis.call('XADD', base .. 'events', '*', 'event', 'waiting', 'jobId', id, 'prev', 'delayed')
  redis.call('HSET', base .. id, 'delay', 0)
end

-- The lane that the enqueue wrote into the job.
local function laneOfJob(base, id)
  local read, opts = pcall(cjson.decode, redis.call('HGET', base .. id, 'opts') or '')
  return read and type(opts) == 'table' and type(opts.lane) == 'string' and opts.lane or nil
end

local function dropFinishedHeads(base, lane, limit)
  for _ = 1, limit do
    local head = redis.call('LINDEX', lane, 0)
    if not head or not isFinished(base, head) then return head end
    redis.call('LPOP', lane)
  end
  return redis.call('LINDEX', lane, 0)
end

-- A job that came back from parking by its own bound waits at the back of the queue: bring it to the front.
local function bringForward(base, id)
  if redis.call('LPOS', base .. 'wait', id, 'RANK', -1, 'MAXLEN', 1000) then return end
  if redis.call('LREM', base .. 'wait', 1, id) == 1 then redis.call('RPUSH', base .. 'wait', id) end
end

local function wakeHead(base, lane, now)
  local head = dropFinishedHeads(base, lane, 1000)
  if not head then return end
  local retryAt = redis.call('ZSCORE', base .. 'hf:retrying', head)
  if retryAt and tonumber(retryAt) > now then return end
  if redis.call('ZREM', base .. 'delayed', head) == 1 then
    toFront(base, head)
  elseif redis.call('EXISTS', base .. head .. ':lock') == 0 then
    bringForward(base, head)
  end
end

-- Woken, and has not run since: one that is asleep is in no lane, and who runs is not among these.
local function isWoken(base, id)
  return redis.call('ZSCORE', base .. 'hf:sleeping', id)
end

-- Behind the head that runs right now, before all that wait; who was woken earlier comes first.
local function enterLane(base, lane, id)
  local head, before = dropFinishedHeads(base, lane, 1000), nil
  if redis.call('LPOS', lane, id) then return end
  if head and redis.call('LPOS', base .. 'active', head) and not isWoken(base, head) then before = head end
  local at = before and 1 or 0
  local other = redis.call('LINDEX', lane, at)
  while other and isWoken(base, other) do
    at, before = at + 1, other
    other = redis.call('LINDEX', lane, at)
  end
  if before then redis.call('LINSERT', lane, 'AFTER', before, id) else redis.call('LPUSH', lane, id) end
  redis.call('PEXPIRE', lane, LANE_TTL_MS)
end

local function leaveLane(base, lane, id, now)
  if redis.call('LINDEX', lane, 0) == id then
    redis.call('LPOP', lane)
  elseif redis.call('LREM', lane, 1, id) == 0 then
    return
  end
  wakeHead(base, lane, now)
end
`
