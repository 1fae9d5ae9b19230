import { composeScript } from './compose.ts'
import { LANE_LUA } from './lane.ts'
import { LOCK_LUA } from './lock.ts'
import { MOVES_LUA } from './moves.ts'
import { RUN_LUA } from './run.ts'
import { WHILE_FULL_LUA } from './while-full.ts'

/**
 * The life of a job in the hands of a worker. Every script looks at the job's lock first: who no longer holds it changes
 * nothing. All take KEYS[1] (routes to the slot) and ARGV prefix-and-queue ("{holdfast}:commands:"), job id, lock token,
 * worker id, lock time (ms), now (ms), lane ('' for none).
 */
const JOB_LUA = `${WHILE_FULL_LUA}${LOCK_LUA}${RUN_LUA}${MOVES_LUA}
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

-- Out of the worker's hands: whatever kills it from now on, it was not this job, alone.
local function letGo()
  redis.call('HDEL', run, 'alone')
  note('ended', token)
end

-- The reply to this very ending was lost, and it was sent again.
local function hasEnded()
  return redis.call('HGET', record, 'ended') == token
end

-- To the delayed jobs, with or without an attempt spent; the lock goes with it.
local function delayJob(ms, spendAttempt)
  return bull_moveToDelayed(
    { base .. 'marker', base .. 'active', base .. 'prioritized', base .. 'delayed', base .. id, base .. 'events',
      base .. 'meta', base .. 'stalled', base .. 'wait', base .. 'limiter', base .. 'pc' },
    { base, tostring(now), id, token, tostring(ms), spendAttempt and '0' or '1', '', '0', '' })
end
`

/**
 * First thing after a job was taken: may it run? Only the head of its lane may; another is parked here and now.
 * Returns {'lost'}, {'parked'} or {'run', attempts spent, {fields of its run state …}}.
 */
export const BEGIN = composeScript(
  'begin',
  ['moveToDelayed'],
  LANE_LUA,
  JOB_LUA,
  `
local function positionInLane()
  if lane == '' or redis.call('HEXISTS', run, 'left') == 1 then return 0 end
  local head = dropFinishedHeads(base, laneKey(), 1000)
  if not head or head == id then return 0 end
  -- Not in its lane at all: a dead letter that was retried by hand; those run outside the order.
  return redis.call('LPOS', laneKey(), id) or 0
end

if not holdsLock() or redis.call('EXISTS', base .. id) == 0 then return { 'lost' } end
local position = positionInLane()
if position > 0 then
  redis.call('ZADD', base .. 'hf:parked', redis.call('HGET', base .. id, 'timestamp'), id)
  delayJob(parkMs(position), false)
  return { 'parked' }
end
redis.call('ZREM', base .. 'hf:retrying', id)
redis.call('ZREM', base .. 'hf:parked', id)
-- A dead letter that runs again has no outcome yet.
redis.call('HDEL', record, 'finished', 'outcome', 'attempts', 'ended')
note('started', now)
return { 'run', redis.call('HGET', base .. id, 'atm') or '0', redis.call('HGETALL', run) }
`,
)

/**
 * The end of a job: completed (and removed) or failed (kept, up to a bound, as a dead letter). BullMQ's own ending, the
 * record, the lane and the wake-up of the next are one step, so there is no moment between them in which to die.
 * More ARGV: 'completed' or 'failed', reason, how many finished jobs to keep, msgpacked fields for the job.
 * Returns 0, or BullMQ's negative code (-2 no lock, -6 another's lock, -1 no job, -3 not active).
 */
export const FINISH = composeScript(
  'finish',
  ['moveToFinished'],
  LANE_LUA,
  JOB_LUA,
  `
local outcome, reason, keep, fields = ARGV[8], ARGV[9], tonumber(ARGV[10]), ARGV[11]
if not holdsLock() then return hasEnded() and 0 or -2 end
local attempts = tonumber(redis.call('HGET', base .. id, 'atm') or '0') + 1
local code = moveToFinished(base, id, token, now, outcome, reason, keep, attempts, fields)
if code ~= 0 then return code end
note('finished', now, 'outcome', outcome == 'completed' and 'completed' or 'dead', 'attempts', attempts,
  'ended', token)
closeRun(run, outcome)
if lane ~= '' then leaveLane(base, laneKey(), id, now) end
return 0
`,
)

/**
 * The job waits ARGV[8] ms and runs again: its handler failed (ARGV[9] is 1: an attempt is spent), or another worker is to
 * take it (0). With ARGV[10] of 1 it has run to an end, and so it is not what its workers died of. It stays in its lane, so its
 * conversation waits too.
 */
export const RETRY = composeScript(
  'retry',
  ['moveToDelayed'],
  JOB_LUA,
  `
if not holdsLock() then return hasEnded() and 0 or -2 end
local delay = math.max(1, tonumber(ARGV[8]))
letGo()
if ARGV[10] == '1' then redis.call('HDEL', run, 'deaths') end
redis.call('PEXPIRE', run, RUN_TTL_MS + delay)
redis.call('ZADD', base .. 'hf:retrying', now + delay, id)
return delayJob(delay, ARGV[9] == '1')
`,
)

/**
 * Gives a job back unfinished, to the front: no attempt spent, no death counted. With ARGV[8] of 1 it may have been handled, and
 * no step tells of it.
 */
export const GIVE_BACK = composeScript(
  'giveBack',
  ['moveJobFromActiveToWait'],
  JOB_LUA,
  `
if not holdsLock() then return hasEnded() and 0 or -2 end
letGo()
if ARGV[8] == '1' then remember('again', now) end
return moveToFront(base, id, token)
`,
)

/** Remembers a step's result (ARGV[8] key, ARGV[9] JSON). A finished step resets the count of deaths. */
export const RECORD_STEP = composeScript(
  'recordStep',
  [],
  JOB_LUA,
  `
if not holdsLock() then return 0 end
redis.call('HDEL', run, 'deaths', 'alone')
remember('s:' .. ARGV[8], ARGV[9])
return 1
`,
)

/** Leaves the lane before the end: the next event of the conversation may start. */
export const LEAVE_LANE = composeScript(
  'leaveLane',
  [],
  LANE_LUA,
  JOB_LUA,
  `
if not holdsLock() then return 0 end
remember('left', 1)
if lane ~= '' then leaveLane(base, laneKey(), id, now) end
return 1
`,
)

/** A job that has killed its workers runs with no other beside it; if it kills once more, it was this one. */
export const MARK_ALONE = composeScript(
  'markAlone',
  [],
  JOB_LUA,
  `
if not holdsLock() then return 0 end
remember('alone', 1)
return 1
`,
)
