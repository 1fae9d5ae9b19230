import { composeScript } from './compose.ts'
import { LANE_LUA } from './lane.ts'
import { RUN_LUA } from './run.ts'
import { WAS_PROMOTED_LUA, WHICH_REDIS_LUA } from './which-redis.ts'

/**
 * One batch of a sink: for each event and each subscription that wants it, deduplication, lane and job in one step.
 *
 * KEYS[1]  the sink's key (routes the script to the slot of the prefix)
 * ARGV     prefix, now (ms), batch number, 1 if the batch opens a new window, the Redis that it is meant for,
 *          number of subscriptions,
 *          per subscription: name, order, maxWaiting (one name comes once for each order that its events have);
 *          per event: id, type, subject, actor, dedupe window (ms), token ("<sink>:<number>", rising), 'i' if interactive or
 *          'lift <missed>' for the end of a suspension, indexes of the subscriptions ("1,3"), unit ('' where it has no fence)
 *          and its fencing number, 1 if a Redis that is gone may have had it handled, the event as JSON
 * Returns  'another-redis' if this is not the Redis that it is meant for, and 'out-of-order' if the batch before this one has
 *          not been executed: nothing is written then, so Redis itself keeps the order, whatever cuts, resends and fail-overs
 *          did to the batches on their way;
 *          else one number per event and subscription: 1 enqueued, 2 enqueued by an earlier try of this very call,
 *          0 duplicate, -1 suspended, -2 fenced. What an earlier try enqueued is on the queue whatever the fence is by now,
 *          and the answer says so; in all else the fence comes first. What an earlier try missed is not counted again.
 */
export const ENQUEUE = composeScript(
  'enqueue',
  ['addStandardJob', 'addDelayedJob'],
  LANE_LUA,
  RUN_LUA,
  WHICH_REDIS_LUA,
  WAS_PROMOTED_LUA,
  `
local SINK_TTL_MS = 3600000
local prefix, now, batch = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

if whichRedis() ~= ARGV[5] then return 'another-redis' end
if ARGV[4] ~= '1' and tonumber(redis.call('GET', KEYS[1])) ~= batch - 1 then return 'out-of-order' end
redis.call('SET', KEYS[1], batch, 'PX', SINK_TTL_MS)

local function readSubscriptions(count)
  local list, queues = {}, {}
  for i = 1, count do
    local at = 4 + i * 3
    local name = ARGV[at]
    queues[name] = queues[name] or {}
    list[i] = { name = name, order = ARGV[at + 1], maxWaiting = tonumber(ARGV[at + 2]), queues = queues[name] }
  end
  return list
end

local function openQueue(subscription, name)
  local base = prefix .. ':' .. name .. ':'
  local suspended = redis.call('HGET', base .. 'hf:meta', 'suspended')
  local asleep = redis.call('ZCOUNT', base .. 'hf:sleeping', '(' .. now, '+inf')
  local depth = redis.call('LLEN', base .. 'wait') + redis.call('ZCARD', base .. 'delayed') - asleep
  local queue = { base = base, suspended = suspended, lanesKept = redis.call('EXISTS', base .. 'hf:lanes') == 1, depth = depth }
  subscription.queues[name] = queue
  return queue
end

local function queueOf(subscription, interactive)
  local name = subscription.name
  if interactive then name = name .. '.interactive' end
  return subscription.queues[name] or openQueue(subscription, name)
end

local function laneOf(subscription, event)
  if event.interactive then return '' end
  if subscription.order == 'conversation' then return event.subject end
  if subscription.order == 'actor' and event.actor ~= '' then return 'actor.' .. event.actor end
  return ''
end

-- A sink's tokens rise, and each batch is executed after the one before it. So what comes again, with a token up to that of
-- the sink's last miss on this queue and without a record, was missed before: it is counted already.
local function wasMissed(queue, sink, number)
  local last = redis.call('HGET', queue.base .. 'hf:misses', sink)
  return last and number <= tonumber(last)
end

local function noteMiss(queue, sink, number)
  redis.call('HSET', queue.base .. 'hf:misses', sink, number)
  redis.call('PEXPIRE', queue.base .. 'hf:misses', SINK_TTL_MS)
end

local function miss(queue, sink, number)
  noteMiss(queue, sink, number)
  if not queue.suspended then
    redis.call('HSET', queue.base .. 'hf:meta', 'suspended', 'full', 'since', now)
    queue.suspended = 'full'
  end
  redis.call('HINCRBY', queue.base .. 'hf:meta', 'missed', 1)
  return -1
end

-- The gap event that ends a suspension goes in whatever the bound, if it counts exactly what was missed.
local function lift(queue, missed)
  if (redis.call('HGET', queue.base .. 'hf:meta', 'missed') or '0') ~= missed then return false end
  redis.call('HDEL', queue.base .. 'hf:meta', 'suspended', 'since', 'missed')
  queue.suspended = false
  return true
end

local function addJob(queue, event, lane, delay)
  local base = queue.base
  local args = cmsgpack.pack({ base, event.id, event.type, now })
  local opts = { jobId = event.id, attempts = 0 }
  if lane ~= '' then opts.lane = lane end
  if delay > 0 then
    opts.delay = delay
    redis.call('ZADD', base .. 'hf:parked', now, event.id)
    bull_addDelayedJob(
      { base .. 'marker', base .. 'meta', base .. 'id', base .. 'delayed', base .. 'completed', base .. 'events' },
      { args, event.text, cmsgpack.pack(opts) })
  else
    bull_addStandardJob(
      { base .. 'wait', base .. 'paused', base .. 'meta', base .. 'id', base .. 'completed', base .. 'delayed',
        base .. 'active', base .. 'events', base .. 'marker' },
      { args, event.text, cmsgpack.pack(opts) })
  end
end

-- Joins the lane; the answer is how long the job is parked at the most, 0 if it may run now.
local function joinLane(queue, event, lane)
  if lane == '' then return 0 end
  local key = queue.base .. 'hf:lane:' .. lane
  dropFinishedHeads(queue.base, key, 2)
  local position = redis.call('RPUSH', key, event.id) - 1
  -- Plain BullMQ workers take nobody out, and the last of a conversation would stay for ever.
  redis.call('PEXPIRE', key, LANE_TTL_MS)
  -- A plain BullMQ worker wakes nobody, so jobs are parked from the start only where our workers take them.
  if position == 0 or not queue.lanesKept then return 0 end
  return parkMs(position)
end

-- It survived a change of Redis that may have taken the news of its run: whoever runs it (again) is told so.
local function mistrust(queue, event, record)
  if redis.call('HEXISTS', record, 'finished') == 1 or not wasPromoted() then return end
  rememberOf(queue.base .. 'hf:run:' .. event.id, 'again', now)
end

local function enqueue(subscription, event)
  local queue = queueOf(subscription, event.interactive)
  local record = queue.base .. 'hf:e:' .. event.id
  local seen = redis.call('HGET', record, 'by')
  if seen == event.token then
    if event.mayHaveRun then mistrust(queue, event, record) end
    return 2
  end
  if event.fenced then return -2 end
  if seen then return 0 end
  if redis.call('EXISTS', queue.base .. event.id) == 1 then return 0 end
  local sink, number = string.match(event.token, '^(.*):(%d+)$')
  number = tonumber(number)
  if wasMissed(queue, sink, number) then return -1 end
  if event.lifts then
    if not lift(queue, event.lifts) then return -1 end
  elseif queue.suspended or queue.depth >= subscription.maxWaiting then
    return miss(queue, sink, number)
  end
  local lane = laneOf(subscription, event)
  local delay = joinLane(queue, event, lane)
  addJob(queue, event, lane, delay)
  redis.call('HSET', record, 'by', event.token, 'type', event.type, 'enqueued', now)
  redis.call('PEXPIRE', record, event.window)
  if event.mayHaveRun then rememberOf(queue.base .. 'hf:run:' .. event.id, 'again', now) end
  queue.depth = queue.depth + 1
  return 1
end

local function readEvent(at)
  return {
    id = ARGV[at], type = ARGV[at + 1], subject = ARGV[at + 2], actor = ARGV[at + 3], window = ARGV[at + 4],
    token = ARGV[at + 5], interactive = ARGV[at + 6] == 'i', lifts = string.match(ARGV[at + 6], '^lift (%d+)$'), wanted = ARGV[at + 7],
    unit = ARGV[at + 8], fence = tonumber(ARGV[at + 9]),
    mayHaveRun = ARGV[at + 10] == '1', text = ARGV[at + 11],
  }
end

-- Whether a newer owner of the unit has published: what comes under an older number is refused from then on.
local fences = {}
local function isFenced(event)
  if event.unit == '' then return false end
  local key = prefix .. ':hf:fence:' .. event.unit
  local highest = fences[event.unit] or tonumber(redis.call('GET', key) or 0)
  if event.fence > highest then
    redis.call('SET', key, event.fence)
    highest = event.fence
  end
  fences[event.unit] = highest
  return event.fence < highest
end

local subscriptions = readSubscriptions(tonumber(ARGV[6]))
local results = {}
for at = 7 + #subscriptions * 3, #ARGV, 12 do
  local event = readEvent(at)
  event.fenced = isFenced(event)
  for index in string.gmatch(event.wanted, '%d+') do
    results[#results + 1] = enqueue(subscriptions[tonumber(index)], event)
  end
end
return results
`,
)
