import { composeScript } from './compose.ts'

/**
 * Where the queues of a subscription are: it is decided with the first that asks, and stays. One that was declared before
 * there were partitions is at home, and with one partition all are.
 * KEYS[1] the partitions (name → partition); ARGV key of the number of partitions, how many the caller is configured for ('' if
 * it does not know), key of the subscriptions, key of the layout's version, the version of one with partitions, then names in
 * pairs with the partition that the caller knows each to be in ('' if it does not).
 * Returns the partitions in the order of the names; or 'shrunk', and nothing is written, where more are in use than the caller
 * is configured for.
 */
export const LOCATE = composeScript(
  'locate',
  [],
  `
local stored = tonumber(redis.call('GET', ARGV[1]) or 1)
local used = {}
for _, partition in ipairs(redis.call('HVALS', KEYS[1])) do used[partition] = (used[partition] or 0) + 1 end
if ARGV[2] ~= '' then
  for partition in pairs(used) do
    if partition ~= 'home' and tonumber(partition) >= tonumber(ARGV[2]) then return 'shrunk' end
  end
  if tonumber(ARGV[2]) ~= stored then redis.call('SET', ARGV[1], ARGV[2]) end
  stored = tonumber(ARGV[2])
end

local function emptiest()
  local found = '0'
  for index = 1, stored - 1 do
    local each = tostring(index)
    if (used[each] or 0) < (used[found] or 0) then found = each end
  end
  return found
end

local function settle(name, partition)
  redis.call('HSET', KEYS[1], name, partition)
  used[partition] = (used[partition] or 0) + 1
  -- Who knows of one place only would look for it there: it refuses to start.
  if partition ~= 'home' then redis.call('SET', ARGV[4], ARGV[5]) end
  return partition
end

local function locate(name, known)
  local partition = redis.call('HGET', KEYS[1], name)
  if partition then return partition end
  if known ~= '' and known ~= 'home' then return settle(name, known) end
  if known == '' and stored > 1 and redis.call('HEXISTS', ARGV[3], name) == 0 then return settle(name, emptiest()) end
  return stored > 1 and settle(name, 'home') or 'home'
end

local found = {}
for at = 6, #ARGV, 2 do found[#found + 1] = locate(ARGV[at], ARGV[at + 1]) end
return found
`,
)
