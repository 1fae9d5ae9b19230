import { composeScript } from './compose.ts'
import { HELD_LUA } from './held.ts'
import { LANE_LUA } from './lane.ts'

/**
 * The job sleeps until ARGV[8] (Unix ms): out of its slot and its lane, among the delayed jobs, no attempt spent. BEGIN wakes it.
 * Returns 0, or BullMQ's negative code.
 */
export const SUSPEND = composeScript(
  'suspend',
  ['moveToDelayed'],
  LANE_LUA,
  HELD_LUA,
  `
local wakeAt = tonumber(ARGV[8])
if not holdsLock() then return hasEnded() and 0 or -2 end
local code = delayJob(math.max(1, wakeAt - now), false)
if code < 0 then return code end
letGo()
redis.call('ZADD', base .. 'hf:sleeping', wakeAt, id)
remember('sleep', 'asleep')
redis.call('PEXPIRE', run, math.max(redis.call('PTTL', run), wakeAt - now + RUN_TTL_MS))
if hasLane() then leaveLane(base, laneKey(), id, now) end
return 0
`,
)
