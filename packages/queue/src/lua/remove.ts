import { composeScript } from './compose.ts'
import { WHILE_FULL_LUA } from './while-full.ts'

/**
 * A subscription is no more, if its declaration still stands as it was read. KEYS[1] the subscriptions; ARGV name, declaration as
 * read, key of the partitions, key of the expiries, key of the wishers, the version of the wishes of which all wishers were seen to
 * be dead ('' to leave them their wishes), key of the wishes' counter, channel on which the change is announced.
 * Returns the version, or 'changed', also where anybody has declared anything since: then nothing is written.
 */
export const REMOVE = composeScript(
  'remove',
  [],
  WHILE_FULL_LUA,
  `
local name, areDeadAt = ARGV[1], ARGV[6]
if redis.call('HGET', KEYS[1], name) ~= ARGV[2] then return 'changed' end
if areDeadAt ~= '' and (redis.call('GET', ARGV[7]) or '0') ~= areDeadAt then return 'changed' end
redis.call('HDEL', KEYS[1], name)
redis.call('HDEL', ARGV[3], name)
redis.call('HDEL', ARGV[4], name)
if areDeadAt ~= '' then
  local wishers = redis.call('HGETALL', ARGV[5])
  for at = 1, #wishers, 2 do
    local read, wish = pcall(cjson.decode, wishers[at + 1])
    if read and type(wish) == 'table' and wish.subscription == name then redis.call('HDEL', ARGV[5], wishers[at]) end
  end
end
redis.call('PUBLISH', ARGV[8], 'changed')
return redis.call('INCR', ARGV[7])
`,
)
