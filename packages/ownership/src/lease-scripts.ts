import { ROSTER_LUA } from './roster-scripts.ts'

/*
 * The life of a lease as Redis does it: each step is one script, with the keys and arguments of `roster-scripts.ts` and
 *
 * KEYS[5] the checkpoint of the unit, whose field `fence` is the last number that was given out     ARGV[4] the unit
 */

const UNIT = `${ROSTER_LUA}
local checkpoint = KEYS[5]
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

-- Whoever dies on trial speaks against its deploy: once for all that it had, so not while that rests.
local function mourn(deploy)
  if type(deploy) == 'string' and deployOf(deploy).restUntilAt <= now then strike(deploy) end
end

-- The successor does not come. One that had arrived on trial and is gone has died of what it prepared for.
local function dropSuccessor(lease)
  local successor = lease.successor
  lease.successor = nil
  if successor.onTrial == true and successor.phase ~= 'asked' and not isListed(successor) then mourn(successor.deploy) end
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

-- Beyond what Redis knows of, and beyond what the taker has ever seen: Redis may have lost a change.
local function nextFence(lease, seenFence)
  return math.max(lease.fence, lastFence(), tonumber(seenFence) or 0) + 1
end
`

/** ARGV[5] what was seen, as JSON; ARGV[6] '1' on trial; ARGV[7] the highest number that was ever seen. Returns the number, or nothing. */
export const TAKE = `${UNIT}
local lease, absent = readLease()
local seen = cjson.decode(ARGV[5])

local function standsStill(holder)
  if not isListed(holder) then return true end
  return memberOf(holder.replica).beat == seen.stillBeat
end

local function mayTakeFrom(holder)
  if not seen.holder or not same(holder, seen.holder) or same(holder, me) then return false end
  if holder.replica == me.replica then return true end
  return seen.stillBeat ~= nil and standsStill(holder)
end

if isReplaced() then return false end
if lease.fence ~= seen.fence and not (absent and seen.fence == 0) then return false end
if lease.holder == nil and seen.holder ~= nil then return false end
if lease.holder ~= nil then
  if not mayTakeFrom(lease.holder) then return false end
  if lease.onTrial == true then mourn(lease.holder.deploy) end
end
return give(lease, nextFence(lease, ARGV[7]), ARGV[6] == '1')
`

/** ARGV[5] the number seen; ARGV[6], ARGV[7] the holder seen. */
export const ASK = `${UNIT}
local lease = readLease()
local holder = { replica = ARGV[6], run = ARGV[7] }
if isReplaced() or lease.fence ~= tonumber(ARGV[5]) or not same(lease.holder, holder) or same(lease.holder, me) then return 0 end
if same(lease.successor, me) then return 1 end
if lease.successor and isListed(lease.successor) then return 0 end
if lease.successor then dropSuccessor(lease) end
local member = memberOf(me.replica)
local onTrial = member ~= nil and member.trial == 'open'
if onTrial and deployOf(member.deploy).restUntilAt > now then
  save(lease)
  return 0
end
lease.successor = { replica = me.replica, run = me.run, phase = 'asked', deploy = member and member.deploy, onTrial = onTrial }
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

/** ARGV[5] '1' on trial; ARGV[6] the highest number that was ever seen. Returns the number, or nothing. */
export const SUCCEED = `${UNIT}
local lease = readLease()
if isReplaced() or not lease.holder then return false end
if not same(lease.successor, me) or lease.successor.phase ~= 'yielded' then return false end
return give(lease, nextFence(lease, ARGV[6]), ARGV[5] == '1')
`

/** ARGV[5] the holder's number. */
export const RECALL = `${UNIT}
local lease = readLease()
if not holds(lease, ARGV[5]) then return 0 end
if not lease.successor then return 1 end
dropSuccessor(lease)
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
