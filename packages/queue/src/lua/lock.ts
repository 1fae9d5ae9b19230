/**
 * Lua: does this worker hold the job?
 *
 * A lock may have run out while Redis was away, or the worker cut off, although nobody else took the job: it is still
 * active and still bears this worker's name. Then the worker takes the lock again instead of losing work that it has done.
 */
export const LOCK_LUA = `
local function holdsLockOf(base, id, token, worker, lockMs)
  local lock = base .. id .. ':lock'
  local holder = redis.call('GET', lock)
  if holder then return holder == token end
  if redis.call('HGET', base .. id, 'pb') ~= worker then return false end
  if not redis.call('LPOS', base .. 'active', id) then return false end
  redis.call('SET', lock, token, 'PX', lockMs)
  return true
end
`
