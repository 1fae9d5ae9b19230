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

/** The answer of a Redis that does not tell which it is. */
export const UNTOLD = '.'

/** Which Redis has KEYS[1]. */
export const WHICH_REDIS = composeScript('whichRedis', [], WHICH_REDIS_LUA, 'return whichRedis()')
