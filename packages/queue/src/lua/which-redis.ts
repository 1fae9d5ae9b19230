import { composeScript } from './compose.ts'

/**
 * Lua: which Redis this is, as `<process>.<history>`: the id of the process changes with each start, that of the replication
 * with each promotion of a replica. `.` where Redis does not tell.
 */
export const WHICH_REDIS_LUA = `
local function whichRedis()
  local function read(section, field)
    local info = redis.pcall('INFO', section)
    return type(info) == 'string' and string.match(info, field .. ':(%w+)') or ''
  end
  return read('server', 'run_id') .. '.' .. read('replication', 'master_replid')
end
`

/**
 * Lua: whether this Redis was a replica when it came to be what it is: then it may lack what its master was told last. One that
 * was only started again has what its file has. https://redis.io/docs/latest/commands/info/
 */
export const WAS_PROMOTED_LUA = `
local promoted
local function wasPromoted()
  if promoted == nil then
    local info = redis.pcall('INFO', 'replication')
    promoted = type(info) == 'string' and tonumber(string.match(info, 'second_repl_offset:(-?%d+)') or -1) >= 0
  end
  return promoted
end
`

/** The answer of a Redis that does not tell which it is. */
export const UNTOLD = '.'

/** Which Redis has KEYS[1]. */
export const WHICH_REDIS = composeScript('whichRedis', [], WHICH_REDIS_LUA, 'return whichRedis()')
