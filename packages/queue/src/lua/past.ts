import { composeScript } from './compose.ts'
import { HELD_LUA } from './held.ts'
import { QUEUE_NAMES_LUA } from './queue-names.ts'

/** For how long an event that was begun is kept for those who will wait. */
export const PAST_MS = 900_000

/**
 * Lua: events that no lane holds back, kept for a while after they were begun, for a wait may begin when its event has come
 * already. Below `shared`, for both queues of the subscription:
 *
 * - `hf:past`, a sorted set: event id by number, the oldest first;
 * - `hf:past-facts`, a hash: event id → when it was begun (Redis time, ms), its type, conversation and queue;
 * - `hf:past-texts`, a hash: event id → the event; gone once a wait has taken it;
 * - `hf:past-sum`, a hash: the last number, and how many bytes are kept. It outlives the others, so that numbers rise.
 *
 * So many, and so many bytes, are kept; older ones go first.
 */
export const PAST_LUA = `${QUEUE_NAMES_LUA}
local PAST_MS, PAST_SUM_MS, PAST_MAX, PAST_MAX_BYTES = ${PAST_MS}, 604800000, 1000, 4194304

local function redisTime()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function factsOf(shared, event)
  local read, facts = pcall(cjson.decode, redis.call('HGET', shared .. 'hf:past-facts', event) or '')
  if not read or type(facts) ~= 'table' or type(facts.at) ~= 'number' then return nil end
  for _, field in ipairs({ 'type', 'subject', 'queue' }) do
    if type(facts[field]) ~= 'string' then return nil end
  end
  return facts
end

-- A sum that is damaged or gone begins anew: bytes with none, numbers after the last that was given.
local function readSum(shared, field)
  local value = tonumber(redis.call('HGET', shared .. 'hf:past-sum', field))
  if value and value == math.floor(value) and math.abs(value) < 2 ^ 53 then return value end
  if field == 'bytes' then return 0 end
  return tonumber(redis.call('ZRANGE', shared .. 'hf:past', -1, -1, 'WITHSCORES')[2]) or 0
end

local function writeSum(shared, field, value)
  redis.call('HSET', shared .. 'hf:past-sum', field, string.format('%.0f', value))
  redis.call('PEXPIRE', shared .. 'hf:past-sum', PAST_SUM_MS)
end

-- Nobody else can take it; its number stays until its time is over, so that it is not kept a second time.
local function markTaken(shared, event)
  local bytes = redis.call('HSTRLEN', shared .. 'hf:past-texts', event)
  redis.call('HDEL', shared .. 'hf:past-texts', event)
  writeSum(shared, 'bytes', readSum(shared, 'bytes') - bytes)
end

local function dropPast(shared, event)
  if not redis.call('ZSCORE', shared .. 'hf:past', event) then return end
  markTaken(shared, event)
  redis.call('HDEL', shared .. 'hf:past-facts', event)
  redis.call('ZREM', shared .. 'hf:past', event)
end

local function isOver(shared, oldest, at)
  if redis.call('ZCARD', shared .. 'hf:past') > PAST_MAX then return true end
  if readSum(shared, 'bytes') > PAST_MAX_BYTES then return true end
  local facts = factsOf(shared, oldest)
  return not facts or facts.at < at - PAST_MS
end

local function trimPast(shared, at)
  while true do
    local oldest = redis.call('ZRANGE', shared .. 'hf:past', 0, 0)[1]
    if not oldest or not isOver(shared, oldest, at) then return end
    dropPast(shared, oldest)
  end
end

local function keepPast(shared, base, event, type, subject)
  local past = shared .. 'hf:past'
  if redis.call('ZSCORE', past, event) then return end
  if redis.call('EXISTS', past) == 0 then writeSum(shared, 'bytes', 0) end
  local at, text = redisTime(), redis.call('HGET', base .. event, 'data') or ''
  local number = readSum(shared, 'number') + 1
  writeSum(shared, 'number', number)
  redis.call('ZADD', past, number, event)
  redis.call('HSET', shared .. 'hf:past-facts', event,
    cjson.encode({ at = at, type = type, subject = subject, queue = queueOf(base) }))
  redis.call('HSET', shared .. 'hf:past-texts', event, text)
  writeSum(shared, 'bytes', readSum(shared, 'bytes') + #text)
  for _, key in ipairs({ past, shared .. 'hf:past-facts', shared .. 'hf:past-texts' }) do
    redis.call('PEXPIRE', key, PAST_MS)
  end
  trimPast(shared, at)
end

local function matchesType(pattern, type)
  local escaped = string.gsub(pattern, '[^%w*]', '%%%0')
  escaped = string.gsub(escaped, '%*$', '.+')
  return string.find(type, '^' .. string.gsub(escaped, '%*', '[^.]+') .. '$') ~= nil
end

-- Those with a higher number that somebody who waits so may take: \`each\` is called with number, id, facts and text.
local function eachPast(shared, wait, above, each)
  local flat = redis.call('ZRANGEBYSCORE', shared .. 'hf:past', '(' .. above, '+inf', 'WITHSCORES')
  for i = 1, #flat, 2 do
    local facts = factsOf(shared, flat[i])
    local fits = facts and matchesType(wait.pattern, facts.type)
      and (wait.subject == '' or wait.subject == '*' or wait.subject == facts.subject)
    local text = fits and redis.call('HGET', shared .. 'hf:past-texts', flat[i])
    if text and text ~= '' then each(flat[i + 1], flat[i], facts, text) end
  end
end
`

/**
 * Past events that a job may wait for. KEYS[1] routes; ARGV prefix-and-subscription, the job's own event, pattern, conversation
 * ('' for any), begun since (Redis time, ms). Returns the number of the last that was kept at all, then number, id and event of each, in turn.
 */
export const PAST_EVENTS = composeScript(
  'pastEvents',
  [],
  PAST_LUA,
  `
local shared, own, since = ARGV[1], ARGV[2], tonumber(ARGV[5])
local found = { string.format('%.0f', readSum(shared, 'number')) }
eachPast(shared, { pattern = ARGV[3], subject = ARGV[4] }, 0, function(number, event, facts, text)
  if event == own or facts.at < since or facts.at < redisTime() - PAST_MS then return end
  for _, fact in ipairs({ number, event, text }) do found[#found + 1] = fact end
end)
return found
`,
)

/**
 * Takes a past event for a job: ARGV[8] prefix-and-subscription, then the event, its number, the step's key and result. Where its own job
 * has found no handler, or has not come to one yet, it needs none any more: that job is completed. Returns 1, 0 for a lost lock, 2
 * where another has taken the event.
 */
export const TAKE_PAST = composeScript(
  'takePast',
  [],
  HELD_LUA,
  PAST_LUA,
  `
local shared, event, number, key, text = ARGV[8], ARGV[9], ARGV[10], ARGV[11], ARGV[12]

local function isUntouched(theirs)
  local state = redis.call('HGETALL', theirs .. 'hf:run:' .. event)
  for i = 1, #state, 2 do
    if string.sub(state[i], 1, 2) == 's:' or state[i] == 'sleep' then return false end
  end
  return (redis.call('HGET', theirs .. event, 'atm') or '0') == '0'
end

local function foundNoHandler(theirs)
  local reason = redis.call('HGET', theirs .. event, 'failedReason')
  return reason and string.sub(reason, 1, 10) == 'no-handler' and redis.call('ZREM', theirs .. 'failed', event) == 1
end

local function stillWaits(theirs)
  if redis.call('EXISTS', theirs .. event .. ':lock') == 1 or not isUntouched(theirs) then return false end
  return redis.call('ZREM', theirs .. 'delayed', event) == 1 or redis.call('LREM', theirs .. 'wait', 1, event) == 1
end

local function completeTheirs(theirs)
  redis.call('ZREM', theirs .. 'hf:retrying', event)
  redis.call('ZREM', theirs .. 'hf:parked', event)
  redis.call('DEL', theirs .. event, theirs .. event .. ':logs', theirs .. 'hf:run:' .. event)
  redis.call('XADD', theirs .. 'events', 'MAXLEN', '~', 10000, '*', 'event', 'completed', 'jobId', event, 'returnvalue', 'null')
  local record = theirs .. 'hf:e:' .. event
  if redis.call('EXISTS', record) == 1 then
    redis.call('HSET', record, 'finished', now, 'outcome', 'completed')
    redis.call('HSETNX', record, 'attempts', 1)
  end
end

if not holdsLock() then return 0 end
if redis.call('HGET', run, 's:' .. key) == text then return 1 end
if redis.call('ZSCORE', shared .. 'hf:past', event) ~= number then return 2 end
if redis.call('HEXISTS', shared .. 'hf:past-texts', event) == 0 then return 2 end
local facts = factsOf(shared, event)
if not facts then return 2 end
local theirs = baseOf(shared, facts.queue)
markTaken(shared, event)
recordStep(run, key, text)
if foundNoHandler(theirs) or stillWaits(theirs) then
  completeTheirs(theirs)
elseif redis.call('EXISTS', theirs .. event) == 1 then
  rememberOf(theirs .. 'hf:run:' .. event, 'given', 1)
end
return 1
`,
)
