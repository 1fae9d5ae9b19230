import { LOCK_LUA } from './lock.ts'
import { MOVES_LUA } from './moves.ts'
import { RUN_LUA } from './run.ts'
import { WHILE_FULL_LUA } from './while-full.ts'

/**
 * Lua: a job in the hands of a worker. Every script of its life looks at the job's lock first: who no longer holds it changes
 * nothing. All take KEYS[1] (routes to the slot) and ARGV prefix-and-queue ("{holdfast}:commands:"), job id, lock token,
 * worker id, lock time (ms), now (ms), lane ('' for none).
 */
export const HELD_LUA = `${WHILE_FULL_LUA}${LOCK_LUA}${RUN_LUA}${MOVES_LUA}
local base, id, token, worker, lockMs, now, lane = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6]), ARGV[7]
local run = base .. 'hf:run:' .. id
local record = base .. 'hf:e:' .. id

local function holdsLock()
  return holdsLockOf(base, id, token, worker, lockMs)
end

local function laneKey()
  return base .. 'hf:lane:' .. lane
end

local function note(...)
  if redis.call('EXISTS', record) == 1 then redis.call('HSET', record, ...) end
end

local function remember(field, value)
  rememberOf(run, field, value)
end

-- Under which tokens the job was ended or let go of lately: a key of its own, for others may run it by now, and its record may
-- be gone. There are as many tokens as slots.
local function noteEnding()
  local endings = base .. 'hf:ended:' .. id
  redis.call('HSET', endings, token, 1)
  redis.call('PEXPIRE', endings, 600000)
end

-- Out of the worker's hands: whatever kills it from now on, it was not this job, alone.
local function letGo()
  redis.call('HDEL', run, 'idle', 'alone', 'last')
  noteEnding()
end

-- The reply to this very ending was lost, and it was sent again.
local function hasEnded()
  return redis.call('HGET', record, 'ended') == token or redis.call('HEXISTS', base .. 'hf:ended:' .. id, token) == 1
end

-- In its lane, unless it has none or has left it for good.
local function hasLane()
  return lane ~= '' and redis.call('HEXISTS', run, 'left') == 0
end

-- To the delayed jobs, with or without an attempt spent; the lock goes with it.
local function delayJob(ms, spendAttempt)
  return bull_moveToDelayed(
    { base .. 'marker', base .. 'active', base .. 'prioritized', base .. 'delayed', base .. id, base .. 'events',
      base .. 'meta', base .. 'stalled', base .. 'wait', base .. 'limiter', base .. 'pc' },
    { base, tostring(now), id, token, tostring(ms), spendAttempt and '0' or '1', '', '0', '' })
end
`
