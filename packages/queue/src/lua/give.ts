import { composeScript } from './compose.ts'
import { HELD_LUA } from './held.ts'
import { LANE_LUA } from './lane.ts'
import { PAST_LUA } from './past.ts'
import { WAITS_LUA } from './waits.ts'

/**
 * Gives an event to a job that waits for it: the event's job completes, the step is recorded there, the waits of that job are gone, and it
 * runs on: in the event's place where both are of one lane, else in front of its own. ARGV[8] prefix-and-subscription, then of the
 * waiter: prefix-and-queue, queue, job id, the step's key and result; type and conversation of the event. Returns 'given', 'gone' or 'lost'.
 */
export const GIVE_TO = composeScript(
  'giveTo',
  ['moveToFinished'],
  LANE_LUA,
  HELD_LUA,
  WAITS_LUA,
  PAST_LUA,
  `
local shared, theirs, queue, waiter, key, text = ARGV[8], ARGV[9], ARGV[10], ARGV[11], ARGV[12], ARGV[13]
local name, theirRun = queue .. '/' .. waiter, theirs .. 'hf:run:' .. waiter

local function waits()
  local entry = readWaits(shared, name)
  if entry and not isAsleep(theirs, waiter) then dropWaits(shared, name) return false end
  for _, wait in ipairs(entry and entry.waits or {}) do
    if wait.key == key then return true end
  end
  return false
end

-- Something else woke the waiter after it was named: it has not this event, and looks back before it waits again.
local function wasMissed()
  local known = redis.call('HMGET', theirRun, 'w:' .. key, 's:' .. key)
  return known[1] and not known[2] and not isFinished(theirs, waiter)
end

local function endEvent()
  local attempts = tonumber(redis.call('HGET', base .. id, 'atm') or '0') + 1
  local code = moveToFinished(base, id, token, now, 'completed', 'null', 0, attempts, '')
  if code ~= 0 then return false end
  note('finished', now, 'outcome', 'completed', 'attempts', attempts)
  noteEnding()
  closeRun(run, 'completed')
  dropPast(shared, id)
  return true
end

local function wakeWaiter()
  dropWaits(shared, name)
  recordStep(theirRun, key, text)
  redis.call('HSET', theirRun, 'sleep', 'woken')
  redis.call('ZADD', theirs .. 'hf:sleeping', 'LT', now, waiter)
end

local function laneOfWaiter()
  if redis.call('HEXISTS', theirRun, 'left') == 1 then return nil end
  return laneOfJob(theirs, waiter)
end

-- The place of the event passes to the waiter in one move: nobody comes between.
local function takePlace()
  local theirLane = laneOfWaiter()
  if theirs == base and theirLane == lane and redis.call('LINDEX', laneKey(), 0) == id then
    redis.call('LSET', laneKey(), 0, waiter)
    return
  end
  if theirLane then enterLane(theirs, theirs .. 'hf:lane:' .. theirLane, waiter) end
  if lane ~= '' then leaveLane(base, laneKey(), id, now) end
end

-- It may have been woken by its time just now, and be on its way to a worker: there it begins with the step.
local function bringUp()
  if redis.call('ZREM', theirs .. 'delayed', waiter) == 1 then
    toFront(theirs, waiter)
  elseif redis.call('EXISTS', theirs .. waiter .. ':lock') == 0 then
    bringForward(theirs, waiter)
  end
end

if not holdsLock() then return hasEnded() and 'given' or 'lost' end
-- Somebody who waited for it later has found it among the past events meanwhile.
if redis.call('HEXISTS', run, 'given') == 1 then return 'gone' end
if not waits() then
  if wasMissed() then keepPast(shared, base, id, ARGV[14], ARGV[15]) end
  return 'gone'
end
if not endEvent() then return 'lost' end
wakeWaiter()
takePlace()
bringUp()
return 'given'
`,
)
