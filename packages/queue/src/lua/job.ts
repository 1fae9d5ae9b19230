import { composeScript } from './compose.ts'
import { HELD_LUA } from './held.ts'
import { LANE_LUA } from './lane.ts'
import { PAST_LUA } from './past.ts'
import { WAITS_LUA } from './waits.ts'

/**
 * First thing after a job was taken: may it run? Only the head of its lane may; another is parked here and now.
 * One that slept enters its lane again here, and waits for nothing any more.
 * More ARGV: prefix-and-subscription, queue, type and conversation of the event ('' for none). Returns {'lost'}, {'parked'} or {'run',
 * attempts spent, {fields of its run state …}, when it was put on the queue (ms), {who may wait for it: see `findWaiters`}}.
 */
export const BEGIN = composeScript(
  'begin',
  ['moveToDelayed'],
  LANE_LUA,
  HELD_LUA,
  WAITS_LUA,
  PAST_LUA,
  `
local shared, queue, type, subject = ARGV[8], ARGV[9], ARGV[10], ARGV[11]

local function readRun()
  local flat, state = redis.call('HGETALL', run), {}
  for i = 1, #flat, 2 do
    state[flat[i]] = flat[i + 1]
    if string.sub(flat[i], 1, 2) == 's:' then state.hasSteps = true end
  end
  return flat, state
end

local function positionInLane(state)
  if lane == '' or state.left then return 0 end
  local head = dropFinishedHeads(base, laneKey(), 1000)
  if not head or head == id then return 0 end
  -- Not in its lane at all: a dead letter that was retried by hand; those run outside the order.
  return redis.call('LPOS', laneKey(), id) or 0
end

-- Its time has come: back into its lane, and no other is counted as asleep for it.
local function wakeUp(state)
  if lane ~= '' and not state.left then enterLane(base, laneKey(), id) end
  redis.call('ZADD', base .. 'hf:sleeping', 'LT', now, id)
  redis.call('HSET', run, 'sleep', 'woken')
  dropWaits(shared, queue .. '/' .. id)
end

-- An event that no handler has had in its hands may be what another job waits for, or will wait for.
local function offer()
  local kept = lane == '' and (base ~= shared or redis.call('EXISTS', shared .. 'hf:waits-used') == 1)
  if kept then keepPast(shared, base, id, type, subject) end
  if redis.call('EXISTS', shared .. 'hf:waits') == 0 then return {} end
  return findWaiters(shared, type, subject)
end

if not holdsLock() then return { 'lost' } end
local job = redis.call('HMGET', base .. id, 'timestamp', 'atm', 'ats')
if not job[1] then return { 'lost' } end
local fields, state = readRun()
if state.sleep == 'asleep' then wakeUp(state) end
local position = positionInLane(state)
if position > 0 then
  redis.call('ZADD', base .. 'hf:parked', state.sleep and now or job[1], id)
  delayJob(parkMs(position), false)
  return { 'parked' }
end
redis.call('ZREM', base .. 'hf:retrying', id)
redis.call('ZREM', base .. 'hf:parked', id)
if state.sleep then
  redis.call('HDEL', run, 'sleep')
  redis.call('ZREM', base .. 'hf:sleeping', id)
end
-- A dead letter that runs again has no outcome yet.
redis.call('HDEL', record, 'finished', 'outcome', 'attempts', 'ended')
if job[3] ~= '1' then redis.call('HDEL', base .. 'hf:ended:' .. id, token) end
note('started', now)
local isUntouched = (job[2] or '0') == '0' and not state.hasSteps and not state.sleep and not state.given
return { 'run', job[2] or '0', fields, job[1], isUntouched and offer() or {} }
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
  HELD_LUA,
  `
local outcome, reason, keep, fields = ARGV[8], ARGV[9], tonumber(ARGV[10]), ARGV[11]
if not holdsLock() then return hasEnded() and 0 or -2 end
local attempts = tonumber(redis.call('HGET', base .. id, 'atm') or '0') + 1
local code = moveToFinished(base, id, token, now, outcome, reason, keep, attempts, fields)
if code ~= 0 then return code end
note('finished', now, 'outcome', outcome == 'completed' and 'completed' or 'dead', 'attempts', attempts,
  'ended', token)
if redis.call('EXISTS', record) == 0 then noteEnding() end
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
  HELD_LUA,
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
 * Gives a job back unfinished, to the front: no attempt spent, no death counted. Several that are given back together are in front as
 * they were before, the oldest first. With ARGV[8] of 1 it may have been handled, and no step tells of it.
 */
export const GIVE_BACK = composeScript(
  'giveBack',
  ['moveJobFromActiveToWait'],
  HELD_LUA,
  `
local LOOK_MAX = 1000

-- When it was put on the queue: by the clock, and within one batch by the number that the sink gave it.
local function placeOf(job)
  local sink, number = string.match(redis.call('HGET', base .. 'hf:e:' .. job, 'by') or '', '^(.*):(%d+)$')
  return { at = tonumber(redis.call('HGET', base .. job, 'timestamp') or now), sink = sink, number = tonumber(number) }
end

local function isBefore(a, b)
  if a.at ~= b.at then return a.at < b.at end
  return a.sink ~= nil and a.sink == b.sink and a.number < b.number
end

-- The front of the queue is the end of the list.
local function letOlderPass()
  local wait, own, older = base .. 'wait', placeOf(id), {}
  if redis.call('LINDEX', wait, -1) ~= id then return end
  while #older < LOOK_MAX do
    local other = redis.call('LINDEX', wait, -2 - #older)
    if not other or not isBefore(placeOf(other), own) then break end
    older[#older + 1] = other
  end
  if #older == 0 then return end
  for _ = 0, #older do redis.call('RPOP', wait) end
  redis.call('RPUSH', wait, id)
  for i = #older, 1, -1 do redis.call('RPUSH', wait, older[i]) end
end

if not holdsLock() then return hasEnded() and 0 or -2 end
letGo()
if ARGV[8] == '1' then remember('again', now) end
local code = moveToFront(base, id, token)
if code >= 0 then letOlderPass() end
return code
`,
)

/**
 * Remembers a step's result (ARGV[8] key, ARGV[9] JSON). A finished step resets the count of deaths. Returns when that was (Redis
 * time, ms), or 0 where the lock is lost.
 */
export const RECORD_STEP = composeScript(
  'recordStep',
  [],
  HELD_LUA,
  `
if not holdsLock() then return 0 end
return recordStep(run, ARGV[8], ARGV[9])
`,
)

/** Leaves the lane before the end: the next event of the conversation may start. */
export const LEAVE_LANE = composeScript(
  'leaveLane',
  [],
  LANE_LUA,
  HELD_LUA,
  `
if not holdsLock() then return 0 end
remember('left', 1)
if lane ~= '' then leaveLane(base, laneKey(), id, now) end
return 1
`,
)

/**
 * What a job is about to do, for whoever counts the deaths of its workers (ARGV[8]): to wait for its turn (`idle`), to run (''), to run
 * with no other beside it (`alone`: if its worker dies then, it was this one, unless it has finished a step meanwhile; `last`: also
 * then).
 */
export const MARK = composeScript(
  'mark',
  [],
  HELD_LUA,
  `
if not holdsLock() then return 0 end
redis.call('HDEL', run, 'idle', 'alone', 'last')
if ARGV[8] ~= '' then remember(ARGV[8], 1) end
return 1
`,
)
