import { QUEUE_NAMES_LUA } from './queue-names.ts'

/**
 * Lua: what suspended jobs of a subscription wait for. It is kept once for both queues of the subscription, below `shared`
 * ("{holdfast}:commands:"), and exactly while the job is asleep:
 *
 * - `hf:waits`, a hash: `<queue>/<job id>` → the waits of that job, as JSON. Where it is not there, nobody waits: one look tells.
 * - `hf:wait:<type> <conversation>`, a sorted set: `<n>/<queue>/<job id>` by the begin of the wait. A `*` stands for any.
 *
 * What suspends a job registers its waits, what wakes it takes them out, in the same step. A job can vanish by a hand other than ours:
 * its waits are dropped when they are met, or found by the sweep.
 */
export const WAITS_LUA = `${QUEUE_NAMES_LUA}
local CANDIDATES_MAX, WAITS_USED_MS = 10000, 604800000

local function sharedOf(base)
  return (string.gsub(base, '%.interactive:$', ':'))
end

-- What Redis holds as JSON, if it is an object: damaged entries are as if they were not there.
local function readObject(text)
  local read, value = pcall(cjson.decode, text or '')
  return read and type(value) == 'table' and value or nil
end

local function isAsleep(base, id)
  if redis.call('HGET', base .. 'hf:run:' .. id, 'sleep') ~= 'asleep' then return false end
  local stamp = redis.call('HMGET', base .. id, 'name', 'finishedOn')
  return stamp[1] and not stamp[2]
end

local function waitIndex(shared, wait)
  local type = string.find(wait.pattern, '*', 1, true) and '*' or wait.pattern
  return shared .. 'hf:wait:' .. type .. ' ' .. (wait.subject == '' and '*' or wait.subject)
end

local function isWait(wait)
  if type(wait) ~= 'table' then return false end
  for _, field in ipairs({ 'key', 'pattern', 'subject', 'spec' }) do
    if type(wait[field]) ~= 'string' then return false end
  end
  return true
end

-- The waits of a job by their numbers. What can't be read, since it is damaged or another version's, nobody waits for.
local function readWaits(shared, name)
  local entry = readObject(redis.call('HGET', shared .. 'hf:waits', name))
  if not entry or type(entry.waits) ~= 'table' then return nil end
  local waits = {}
  for n, wait in pairs(entry.waits) do
    if type(n) == 'number' and isWait(wait) then waits[n] = wait end
  end
  local queue, id = string.match(name, '^([^/]*)/(.*)$')
  return queue and { base = baseOf(shared, queue), id = id, waits = waits }
end

-- One that wakes for another reason and waits on keeps its place among those who wait.
local function registerWaits(shared, queue, base, id, waits, now, untilMs)
  local name, run = queue .. '/' .. id, base .. 'hf:run:' .. id
  redis.call('HSET', shared .. 'hf:waits', name, cjson.encode({ waits = waits }))
  redis.call('SET', shared .. 'hf:waits-used', 1, 'PX', untilMs + WAITS_USED_MS)
  for n, wait in ipairs(waits) do
    redis.call('HSETNX', run, 'w:' .. wait.key, now)
    local since = tonumber(redis.call('HGET', run, 'w:' .. wait.key)) or now
    redis.call('ZADD', waitIndex(shared, wait), since, n .. '/' .. name)
  end
end

local function dropWaits(shared, name)
  local entry = readWaits(shared, name)
  for n, wait in pairs(entry and entry.waits or {}) do redis.call('ZREM', waitIndex(shared, wait), n .. '/' .. name) end
  redis.call('HDEL', shared .. 'hf:waits', name)
end

-- A job that vanished in its sleep is counted and waited for until somebody looks: the first whose time has come, and some of
-- the others in turn.
local function healSleepers(base, now, turn)
  local sleeping, LOOK_COUNT = base .. 'hf:sleeping', 100
  local count = redis.call('ZCARD', sleeping)
  if count == 0 then return end
  local from = turn * LOOK_COUNT % count
  local looked = { redis.call('ZRANGEBYSCORE', sleeping, '-inf', now, 'LIMIT', 0, LOOK_COUNT),
    redis.call('ZRANGE', sleeping, from, from + LOOK_COUNT - 1) }
  for _, ids in ipairs(looked) do
    for _, id in ipairs(ids) do
      local stamp = redis.call('HMGET', base .. id, 'name', 'finishedOn')
      local sleeps = redis.call('HEXISTS', base .. 'hf:run:' .. id, 'sleep') == 1
      if not sleeps or not stamp[1] or stamp[2] then
        redis.call('ZREM', sleeping, id)
        dropWaits(sharedOf(base), queueOf(base) .. '/' .. id)
      end
    end
  end
end

-- Returns how many indexes with entries it was: 1 or 0.
local function collect(found, index, kept)
  if kept[index] then return 0 end
  kept[index] = true
  local flat = redis.call('ZRANGE', index, 0, CANDIDATES_MAX - 1, 'WITHSCORES')
  for i = 1, #flat, 2 do found[#found + 1] = { index = index, member = flat[i], since = tonumber(flat[i + 1]) } end
  return #flat > 0 and 1 or 0
end

-- An entry whose job is no more asleep, or waits for something else, is stale, and goes.
local function dropStale(shared, each)
  local n, name = string.match(each.member, '^(%d+)/(.*)$')
  local entry = name and readWaits(shared, name)
  local sleeps = entry and isAsleep(entry.base, entry.id)
  if sleeps and entry.waits[tonumber(n)] then return false end
  if entry and not sleeps then dropWaits(shared, name) end
  redis.call('ZREM', each.index, each.member)
  return true
end

-- Those who may wait for an event of that type and conversation, who has waited longest first: index entry and waits of the job, in
-- turn. There may be thousands, so that the waits are read by who takes the event, and only the first are looked at here: of
-- another that is stale the gift is refused.
local function findWaiters(shared, type, subject)
  local LOOK_COUNT, CHUNK = 20, 500
  local found, kept, indexes, waiters = {}, {}, 0, {}
  for _, kind in ipairs({ type, '*' }) do
    indexes = indexes + collect(found, shared .. 'hf:wait:' .. kind .. ' *', kept)
    if subject ~= '' then indexes = indexes + collect(found, shared .. 'hf:wait:' .. kind .. ' ' .. subject, kept) end
  end
  if indexes > 1 then
    table.sort(found, function(a, b) return a.since < b.since or (a.since == b.since and a.member < b.member) end)
  end
  for i = 1, math.min(#found, LOOK_COUNT) do found[i].isStale = dropStale(shared, found[i]) end
  local last = math.min(#found, CANDIDATES_MAX)
  for from = 1, last, CHUNK do
    local names, to = {}, math.min(from + CHUNK - 1, last)
    for i = from, to do names[#names + 1] = string.match(found[i].member, '/(.*)$') or '' end
    local texts = redis.call('HMGET', shared .. 'hf:waits', unpack(names))
    for i = from, to do
      if texts[i - from + 1] and not found[i].isStale then
        waiters[#waiters + 1] = found[i].member
        waiters[#waiters + 1] = texts[i - from + 1]
      end
    end
  end
  return waiters
end
`
