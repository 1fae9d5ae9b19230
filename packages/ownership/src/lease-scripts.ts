/*
 * The steps of the lease store as Redis does them: each is one script, so that what it compared with is still so when it
 * writes. What another version wrote and these can't read counts as not there, on the terms of `lease-codec.ts`.
 *
 * KEYS[1] leases (hash: unit, JSON)                    KEYS[2] members (sorted set: replica, until when by Redis' clock)
 * KEYS[3] member records (hash: replica, JSON)         KEYS[4] deploys (hash: id, JSON)
 * KEYS[5] checkpoint of the unit (hash; its `fence`)   where the script is of a unit
 * ARGV[1] the channel of the news                      ARGV[2], ARGV[3] replica and run of the caller
 */

/** Silent for so long, a member is no longer listed. */
export const MEMBER_TTL_MS = 5_000
/** So long after the last sign of its members a deploy is remembered: a replica that was only frozen is no newer one. */
export const DEPLOY_TTL_MS = 600_000
/** How long a deploy rests after its first strike; each doubles it. */
export const FIRST_REST_MS = 60_000
export const LONGEST_REST_MS = 3_600_000

const COMMON = `
local leases, members, records, deploys, checkpoint = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local channel = ARGV[1]
local me = { replica = ARGV[2], run = ARGV[3] }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function tell()
  redis.call('PUBLISH', channel, 'changed')
end

local function decode(text)
  local ok, value = pcall(cjson.decode, text or '')
  return ok and type(value) == 'table' and value or nil
end

local function isWhole(value)
  return type(value) == 'number' and value >= 0 and value <= 9007199254740991 and math.floor(value) == value
end

-- The member of that id as far as leases go, while it is listed.
local function memberOf(replica)
  local untilAt = redis.call('ZSCORE', members, replica)
  if not untilAt or tonumber(untilAt) <= now then return nil end
  local record = decode(redis.call('HGET', records, replica))
  local member = record and record.member
  if type(member) ~= 'table' or type(member.run) ~= 'string' or type(member.deploy) ~= 'string' then return nil end
  if not isWhole(member.beat) then return nil end
  if not isWhole(member.joinedAt) then member.joinedAt = 0 end
  return member
end

local function deployOf(id)
  local deploy = decode(redis.call('HGET', deploys, id)) or {}
  for field, value in pairs({ sinceAt = now, seenAt = now, strikeCount = 0, restUntilAt = 0 }) do
    if not isWhole(deploy[field]) then deploy[field] = value end
  end
  return deploy
end

local function strike(id)
  local deploy = deployOf(id)
  deploy.strikeCount = deploy.strikeCount + 1
  deploy.restUntilAt = now + math.min(${FIRST_REST_MS} * 2 ^ (deploy.strikeCount - 1), ${LONGEST_REST_MS})
  redis.call('HSET', deploys, id, cjson.encode(deploy))
end
`

const UNIT = `${COMMON}
local unit = ARGV[4]

local function isRun(value)
  return type(value) == 'table' and type(value.replica) == 'string' and type(value.run) == 'string'
end

local function same(one, other)
  return one ~= nil and one.replica == other.replica and one.run == other.run
end

local function lastFence()
  local fence = tonumber(redis.call('HGET', checkpoint, 'fence') or '0')
  return isWhole(fence) and fence or 0
end

local PHASES = { asked = true, arrived = true, yielded = true }

-- The lease; a free one under the last number where there is none that could be read.
local function readLease()
  local lease = decode(redis.call('HGET', leases, unit))
  if not lease or not isWhole(lease.fence) or not (lease.holder == nil or isRun(lease.holder)) then
    return { fence = lastFence() }, 'absent'
  end
  if not isRun(lease.successor) or not PHASES[lease.successor.phase] then lease.successor = nil end
  return lease
end

local function isListed(run)
  local member = memberOf(run.replica)
  return member ~= nil and member.run == run.run
end

-- A later process is the replica now: whoever is replaced comes to hold nothing any more.
local function isReplaced()
  local member = memberOf(me.replica)
  return member ~= nil and member.run ~= me.run
end

local function holds(lease, fence)
  return same(lease.holder, me) and lease.fence == tonumber(fence)
end

local function save(lease)
  redis.call('HSET', leases, unit, cjson.encode(lease))
  tell()
end

local function give(lease, fence, onTrial)
  local member = memberOf(me.replica)
  lease.holder = { replica = me.replica, run = me.run, deploy = member and member.deploy }
  lease.fence, lease.onTrial, lease.sinceAt, lease.successor = fence, onTrial, now, nil
  redis.call('HSET', checkpoint, 'fence', string.format('%.0f', fence))
  save(lease)
  return fence
end

local function nextFence(lease)
  return math.max(lease.fence, lastFence()) + 1
end
`

const PICTURE = `
local function sweep()
  for _, replica in ipairs(redis.call('ZRANGEBYSCORE', members, '-inf', now)) do
    redis.call('ZREM', members, replica)
    redis.call('HDEL', records, replica)
  end
  for _, id in ipairs(redis.call('HKEYS', deploys)) do
    local deploy = deployOf(id)
    if now > math.max(deploy.seenAt + ${DEPLOY_TTL_MS}, deploy.restUntilAt) then redis.call('HDEL', deploys, id) end
  end
end

local function picture()
  local replicas = redis.call('ZRANGE', members, 0, -1)
  local texts = {}
  for at, replica in ipairs(replicas) do texts[at] = redis.call('HGET', records, replica) or '' end
  return { now, replicas, texts, redis.call('HGETALL', leases), redis.call('HGETALL', deploys) }
end
`

/**
 * ARGV[4] when it joined, '0' with its first beat; ARGV[5] the last beat it knows of; ARGV[6] its deploy; ARGV[7] '1' where
 * it drains; ARGV[8], ARGV[9] the record and the fields, as JSON objects. They are joined as texts: an empty list would not
 * survive being read and written here. Returns 'replaced', or {joined, beat, picture}.
 */
export const BEAT = `${COMMON}${PICTURE}
sweep()
local joinedAt, beat, draining = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[7] == '1'
local before = memberOf(me.replica)
local isOther = before ~= nil and before.run ~= me.run
if isOther and joinedAt > 0 and before.joinedAt >= joinedAt then return 'replaced' end
if joinedAt == 0 then
  joinedAt = now
  if isOther then joinedAt = math.max(now, before.joinedAt + 1) end
  if before and not isOther then joinedAt = before.joinedAt end
end
if before and not isOther then beat = math.max(beat, before.beat) end
beat = beat + 1

local own = string.format('"member":{"joinedAt":%.0f,"beat":%.0f,', joinedAt, beat) .. string.sub(ARGV[8], 2)
local fields = string.sub(ARGV[9], 1, -2)
if fields ~= '{' then fields = fields .. ',' end
redis.call('ZADD', members, now + ${MEMBER_TTL_MS}, me.replica)
redis.call('HSET', records, me.replica, fields .. own .. '}')

local deploy = deployOf(ARGV[6])
deploy.seenAt = now
redis.call('HSET', deploys, ARGV[6], cjson.encode(deploy))
if not before or isOther or (before.draining == true) ~= draining then tell() end
return { joinedAt, beat, picture() }
`

export const READ = `${COMMON}${PICTURE}
sweep()
return picture()
`

export const LEAVE = `${COMMON}
local member = memberOf(me.replica)
if member and member.run ~= me.run then return 0 end
redis.call('ZREM', members, me.replica)
if redis.call('HDEL', records, me.replica) == 1 then tell() end
return 1
`

/** ARGV[4] the deploy. */
export const STRIKE = `${COMMON}
strike(ARGV[4])
tell()
return 1
`

/** ARGV[5] what was seen, as JSON; ARGV[6] '1' on trial. Returns the number, or nothing. */
export const TAKE = `${UNIT}
local lease, absent = readLease()
local seen = cjson.decode(ARGV[5])

local function standsStill(holder)
  if not isListed(holder) then return true end
  return memberOf(holder.replica).beat == seen.stillBeat
end

local function mayTakeFrom(holder)
  if not seen.holder or not same(holder, seen.holder) then return false end
  if holder.replica == me.replica then return true end
  return seen.stillBeat ~= nil and standsStill(holder)
end

if isReplaced() then return false end
if lease.fence ~= seen.fence and not (absent and seen.fence == 0) then return false end
if lease.holder == nil and seen.holder ~= nil then return false end
if lease.holder ~= nil then
  if not mayTakeFrom(lease.holder) then return false end
  local hasDied = not same(lease.holder, me)
  if lease.onTrial == true and hasDied and type(lease.holder.deploy) == 'string' then strike(lease.holder.deploy) end
end
return give(lease, nextFence(lease), ARGV[6] == '1')
`

/** ARGV[5] the number seen; ARGV[6], ARGV[7] the holder seen. */
export const ASK = `${UNIT}
local lease = readLease()
local holder = { replica = ARGV[6], run = ARGV[7] }
if isReplaced() or lease.fence ~= tonumber(ARGV[5]) or not same(lease.holder, holder) or same(lease.holder, me) then return 0 end
if same(lease.successor, me) then return 1 end
if lease.successor and isListed(lease.successor) then return 0 end
lease.successor = { replica = me.replica, run = me.run, phase = 'asked' }
save(lease)
return 1
`

export const ARRIVE = `${UNIT}
local lease = readLease()
if isReplaced() or not lease.holder or not same(lease.successor, me) then return 0 end
if lease.successor.phase ~= 'asked' then return 1 end
lease.successor.phase = 'arrived'
save(lease)
return 1
`

/** ARGV[5] the holder's number. */
export const YIELD = `${UNIT}
local lease = readLease()
if not holds(lease, ARGV[5]) or not lease.successor or lease.successor.phase == 'asked' then return 0 end
if lease.successor.phase == 'yielded' then return 1 end
lease.successor.phase = 'yielded'
save(lease)
return 1
`

/** ARGV[5] '1' on trial. Returns the number, or nothing. */
export const SUCCEED = `${UNIT}
local lease = readLease()
if isReplaced() or not lease.holder then return false end
if not same(lease.successor, me) or lease.successor.phase ~= 'yielded' then return false end
return give(lease, nextFence(lease), ARGV[5] == '1')
`

/** ARGV[5] the holder's number. */
export const RECALL = `${UNIT}
local lease = readLease()
if not holds(lease, ARGV[5]) then return 0 end
if not lease.successor then return 1 end
lease.successor = nil
save(lease)
return 1
`

export const WITHDRAW = `${UNIT}
local lease = readLease()
if not same(lease.successor, me) then return 0 end
lease.successor = nil
save(lease)
return 1
`

/** ARGV[5] the holder's number. It stays the last one until somebody takes the unit. */
export const RELEASE = `${UNIT}
local lease = readLease()
if not holds(lease, ARGV[5]) then return 0 end
lease.holder, lease.successor, lease.onTrial, lease.sinceAt = nil, nil, false, now
save(lease)
return 1
`

/** ARGV[5] the holder's number. */
export const PROVE = `${UNIT}
local lease = readLease()
if not holds(lease, ARGV[5]) then return 0 end
if lease.onTrial ~= true then return 1 end
lease.onTrial = false
save(lease)
return 1
`

/** ARGV[5] the holder's number. A free unit under that very number was not lost: it was released. */
export const ASSERT = `${UNIT}
local lease, absent = readLease()
local fence = tonumber(ARGV[5])
if isReplaced() or fence < 1 or lastFence() > fence then return 0 end
if holds(lease, fence) then return 1 end
if not absent and lease.fence >= fence then return 0 end
if lease.holder and lease.holder.replica ~= me.replica then return 0 end
give(lease, fence, false)
return 1
`
