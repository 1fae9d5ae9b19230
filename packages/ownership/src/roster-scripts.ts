/*
 * Members and deploys as Redis knows them. Each step is one script, so that what it compared with is still so when it
 * writes. What another version wrote and these can't read counts as not there, on the terms of `lease-codec.ts`.
 *
 * KEYS[1] leases (hash: unit, JSON)                KEYS[2] members (sorted set: replica, until when by Redis' clock)
 * KEYS[3] member records (hash: replica, JSON)     KEYS[4] deploys (hash: id, JSON)
 * ARGV[1] the channel of the news                  ARGV[2], ARGV[3] replica and run of the caller
 */

/** Silent for so long, a member is no longer listed. */
export const MEMBER_TTL_MS = 5_000
/** So long after the last sign of its members a deploy is remembered: a replica that was only frozen is no newer one. */
export const DEPLOY_TTL_MS = 600_000
/** How long a deploy rests after its first strike; each doubles it. */
export const FIRST_REST_MS = 60_000
export const LONGEST_REST_MS = 3_600_000

/** What every script begins with. */
export const ROSTER_LUA = `
local leases, members, records, deploys = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
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

const PICTURE = `
local function isForgotten(id)
  local deploy = deployOf(id)
  return now > math.max(deploy.seenAt + ${DEPLOY_TTL_MS}, deploy.restUntilAt)
end

local function sweep()
  for _, replica in ipairs(redis.call('ZRANGEBYSCORE', members, '-inf', now)) do
    redis.call('ZREM', members, replica)
    redis.call('HDEL', records, replica)
  end
  for _, id in ipairs(redis.call('HKEYS', deploys)) do
    if isForgotten(id) then redis.call('HDEL', deploys, id) end
  end
end

local function picture()
  local replicas = redis.call('ZRANGEBYSCORE', members, '(' .. string.format('%.0f', now), '+inf')
  local texts, known = {}, {}
  for at, replica in ipairs(replicas) do texts[at] = redis.call('HGET', records, replica) or '' end
  for _, id in ipairs(redis.call('HKEYS', deploys)) do
    if not isForgotten(id) then
      known[#known + 1] = id
      known[#known + 1] = redis.call('HGET', deploys, id)
    end
  end
  return { now, replicas, texts, redis.call('HGETALL', leases), known }
end
`

/**
 * ARGV[4] when it joined, '0' with its first beat; ARGV[5] the last beat it knows of; ARGV[6] its deploy; ARGV[7] since when
 * that is, as it was told, '0' with its first beat; ARGV[8] '1' where it drains; ARGV[9], ARGV[10] the record and the fields,
 * as JSON objects. They are joined as texts: an empty list would not survive being read and written here.
 * Returns 'replaced', or {joined, beat, since when its deploy is, picture}.
 */
export const BEAT = `${ROSTER_LUA}${PICTURE}
sweep()
local joinedAt, beat, draining = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[8] == '1'
local before = memberOf(me.replica)
local isOther = before ~= nil and before.run ~= me.run
if isOther and joinedAt > 0 and before.joinedAt >= joinedAt then return 'replaced' end
if joinedAt == 0 then joinedAt = isOther and math.max(now, before.joinedAt + 1) or now end
if before and not isOther then beat = math.max(beat, before.beat) end
beat = beat + 1

local own = string.format('"member":{"joinedAt":%.0f,"beat":%.0f,', joinedAt, beat) .. string.sub(ARGV[9], 2)
local fields = string.sub(ARGV[10], 1, -2)
if fields ~= '{' then fields = fields .. ',' end
redis.call('ZADD', members, now + ${MEMBER_TTL_MS}, me.replica)
redis.call('HSET', records, me.replica, fields .. own .. '}')

local deploy = deployOf(ARGV[6])
deploy.seenAt = now
-- It is as old as its members know, whatever was forgotten here: who is newer must not depend on who comes back first.
if tonumber(ARGV[7]) > 0 then deploy.sinceAt = math.min(deploy.sinceAt, tonumber(ARGV[7])) end
redis.call('HSET', deploys, ARGV[6], cjson.encode(deploy))
if not before or isOther or (before.draining == true) ~= draining then tell() end
return { joinedAt, beat, deploy.sinceAt, picture() }
`

/** Changes nothing, so that whoever only looks can be kept from writing. */
export const READ = `${ROSTER_LUA}${PICTURE}
return picture()
`

export const LEAVE = `${ROSTER_LUA}
local member = memberOf(me.replica)
if member and member.run ~= me.run then return 0 end
redis.call('ZREM', members, me.replica)
if redis.call('HDEL', records, me.replica) == 1 then tell() end
return 1
`

/** ARGV[4] the deploy. */
export const STRIKE = `${ROSTER_LUA}
strike(ARGV[4])
tell()
return 1
`
