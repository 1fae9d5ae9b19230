import { composeScript } from './compose.ts'
import { LANE_LUA, LANES_KEPT_MS } from './lane.ts'
import { LOCK_LUA } from './lock.ts'
import { MOVES_LUA } from './moves.ts'
import { RUN_LUA } from './run.ts'
import { WAITS_LUA } from './waits.ts'
import { WHILE_FULL_LUA } from './while-full.ts'

/**
 * Returning what the dead held. Both scripts take KEYS[1] (routes to the slot) and ARGV prefix-and-queue, now (ms), how
 * many dead letters to keep; they answer {returned ids, ids that became dead letters}.
 */
const RETURN_LUA = `${WHILE_FULL_LUA}${RUN_LUA}${MOVES_LUA}
local base, now, keep = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local returned, dead = {}, {}

local function deadLetter(id, token, deaths)
  local reason = 'its worker died ' .. deaths .. ' times while it ran, the last time with no other job beside it'
  if moveToFinished(base, id, token, now, 'failed', reason, keep, 1, '') ~= 0 then return end
  local record = base .. 'hf:e:' .. id
  if redis.call('EXISTS', record) == 1 then redis.call('HSET', record, 'finished', now, 'outcome', 'dead') end
  closeRun(base .. 'hf:run:' .. id, 'dead')
  local lane = laneOfJob(base, id)
  if lane then leaveLane(base, base .. 'hf:lane:' .. lane, id, now) end
  dead[#dead + 1] = id
end

-- A job that another hand removed while it was active has left its name, and perhaps its run.
local function forget(id)
  redis.call('LREM', base .. 'active', 1, id)
  redis.call('DEL', base .. id .. ':lock', base .. 'hf:run:' .. id)
end

-- The deaths since its last step and those in all. Who was still waiting for its turn has killed nobody.
local function countDeath(run)
  if redis.call('HDEL', run, 'idle') == 1 then return end
  local deaths = (tonumber(redis.call('HGET', run, 'deaths')) or 0) + 1
  rememberOf(run, 'deaths', deaths)
  rememberOf(run, 'died', (tonumber(redis.call('HGET', run, 'died')) or 0) + 1)
  return deaths
end

-- Counts the death, then back to the front; or, for one that died alone, to the dead letters.
local function takeBack(id, token)
  if redis.call('EXISTS', base .. id) == 0 then return forget(id) end
  local run = base .. 'hf:run:' .. id
  local deaths = countDeath(run)
  if deaths and redis.call('HEXISTS', run, 'alone') + redis.call('HEXISTS', run, 'last') > 0 then
    return deadLetter(id, token, redis.call('HGET', run, 'died'))
  end
  if moveToFront(base, id, token) >= 0 then returned[#returned + 1] = id end
end
`

/**
 * The jobs of a dead worker: those whose lock carries one of the ids ARGV[7…]. The newest is returned first, so that the
 * oldest ends in front. What the dead one was told of and had not taken is told again. None, if the worker (ARGV[5]) has given a
 * sign of life in the heartbeats (ARGV[4]) since ARGV[6].
 */
export const RECLAIM = composeScript(
  'reclaim',
  ['moveJobFromActiveToWait', 'moveToFinished'],
  LANE_LUA,
  RETURN_LUA,
  `
if redis.call('ZSCORE', ARGV[4], ARGV[5]) ~= ARGV[6] then return { returned, dead } end
local gone = {}
for i = 7, #ARGV do gone[ARGV[i]] = true end
for _, id in ipairs(redis.call('LRANGE', base .. 'active', 0, -1)) do
  local token = redis.call('GET', base .. id .. ':lock')
  if token and gone[string.match(token, '^[^:]*')] then takeBack(id, token) end
end
-- A marker is taken by one worker: with it may have gone the news of what waits.
if redis.call('LLEN', base .. 'wait') > 0 then markRunnable(base) end
return { returned, dead }
`,
)

/**
 * The backstop: active jobs that have been seen without a lock for ARGV[4] ms. That is the time in which a worker that
 * was cut off may come back and take its locks again. One worker at a time sweeps: after it, nobody does for ARGV[5] ms (0 for
 * no such rest). In passing it says that lanes are kept here, and drops retries whose time has come, and
 * what is left of sleeping jobs that are no more.
 */
export const SWEEP = composeScript(
  'sweep',
  ['moveJobFromActiveToWait', 'moveToFinished'],
  LANE_LUA,
  RETURN_LUA,
  WAITS_LUA,
  `
local restMs = tonumber(ARGV[5])
if restMs > 0 and not redis.call('SET', base .. 'hf:sweep', 1, 'PX', restMs, 'NX') then return { returned, dead } end
redis.call('SET', base .. 'hf:lanes', 1, 'PX', ${LANES_KEPT_MS})
redis.call('ZREMRANGEBYSCORE', base .. 'hf:retrying', '-inf', now)
healSleepers(base, now, math.floor(now / 1000))
local patience, watched = tonumber(ARGV[4]), base .. 'hf:unlocked'
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)
local seen = {}
for _, id in ipairs(redis.call('LRANGE', base .. 'active', 0, -1)) do
  if redis.call('EXISTS', base .. id .. ':lock') == 0 then
    seen[id] = true
    local since = redis.call('ZSCORE', watched, id)
    if not since then
      redis.call('ZADD', watched, clock, id)
    elseif clock - tonumber(since) >= patience then
      takeBack(id, '0')
      redis.call('ZREM', watched, id)
    end
  end
end
for _, id in ipairs(redis.call('ZRANGE', watched, 0, -1)) do
  if not seen[id] then redis.call('ZREM', watched, id) end
end
return { returned, dead }
`,
)

/** Which active jobs carry the lock of one of the owners ARGV[2…]: job id and token in turn. KEYS[1] routes; ARGV[1] prefix-and-queue. */
export const HELD_BY = composeScript(
  'heldBy',
  [],
  `
local base, ours, found = ARGV[1], {}, {}
for i = 2, #ARGV do ours[ARGV[i]] = true end
for _, id in ipairs(redis.call('LRANGE', base .. 'active', 0, -1)) do
  local token = redis.call('GET', base .. id .. ':lock')
  if token and ours[string.match(token, '^[^:]*')] then
    found[#found + 1] = id
    found[#found + 1] = token
  end
end
return found
`,
)

/** Says that our workers take from the queue (ARGV[1]), so that the enqueue parks what has to wait. KEYS[1] routes. */
export const KEEP_LANES = composeScript(
  'keepLanes',
  [],
  WHILE_FULL_LUA,
  `redis.call('SET', ARGV[1] .. 'hf:lanes', 1, 'PX', ${LANES_KEPT_MS})`,
)

/**
 * Renews locks, and takes them again where they ran out while nobody else had the job.
 * ARGV prefix-and-queue, worker id, lock time (ms), then job id and token in turn. Returns the tokens whose lock is lost.
 */
export const RENEW = composeScript(
  'renew',
  [],
  WHILE_FULL_LUA,
  LOCK_LUA,
  `
local base, worker, ms, lost = ARGV[1], ARGV[2], ARGV[3], {}
for i = 4, #ARGV, 2 do
  local id, token = ARGV[i], ARGV[i + 1]
  if holdsLockOf(base, id, token, worker, ms) then
    redis.call('PEXPIRE', base .. id .. ':lock', ms)
  else
    lost[#lost + 1] = token
  end
end
return lost
`,
)
