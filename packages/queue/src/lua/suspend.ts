import { composeScript } from './compose.ts'
import { HELD_LUA } from './held.ts'
import { LANE_LUA } from './lane.ts'
import { PAST_LUA } from './past.ts'
import { WAITS_LUA } from './waits.ts'

/**
 * The job sleeps until ARGV[8] (Unix ms), or until an event is given to one of its waits: out of its slot and its lane, among the
 * delayed jobs, no attempt spent. Then BEGIN lets it in again. Where an event that it waits for has come since it looked, it goes
 * back to the front instead.
 * More ARGV: prefix-and-subscription, queue, and for each wait key, pattern, conversation ('' for any), spec, and the number of the
 * last past event that was looked at. Returns 0 or more, or BullMQ's negative code.
 */
export const SUSPEND = composeScript(
  'suspend',
  ['moveToDelayed', 'moveJobFromActiveToWait'],
  LANE_LUA,
  HELD_LUA,
  WAITS_LUA,
  PAST_LUA,
  `
local wakeAt, shared, queue = tonumber(ARGV[8]), ARGV[9], ARGV[10]

local function readNewWaits()
  local waits, seen = {}, {}
  for at = 11, #ARGV, 5 do
    waits[#waits + 1] = { key = ARGV[at], pattern = ARGV[at + 1], subject = ARGV[at + 2], spec = ARGV[at + 3] }
    seen[#seen + 1] = ARGV[at + 4]
  end
  return waits, seen
end

local function hasCome(waits, seen)
  local come = false
  for n, wait in ipairs(waits) do
    eachPast(shared, wait, seen[n], function(_, event) come = come or event ~= id end)
  end
  return come
end

local function fallAsleep(waits)
  local code = delayJob(math.max(1, wakeAt - now), false)
  if code < 0 then return code end
  letGo()
  redis.call('ZADD', base .. 'hf:sleeping', wakeAt, id)
  remember('sleep', 'asleep')
  if #waits > 0 then registerWaits(shared, queue, base, id, waits, now, math.max(0, wakeAt - now)) end
  redis.call('PEXPIRE', run, math.max(redis.call('PTTL', run), wakeAt - now + RUN_TTL_MS))
  if hasLane() then leaveLane(base, laneKey(), id, now) end
  return 0
end

if not holdsLock() then return hasEnded() and 0 or -2 end
local waits, seen = readNewWaits()
if not hasCome(waits, seen) then return fallAsleep(waits) end
letGo()
return moveToFront(base, id, token)
`,
)
