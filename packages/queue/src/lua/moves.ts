/**
 * Lua: the keys and arguments of the BullMQ functions that more than one script of ours calls. A script that calls
 * `moveToFinished` or `moveToFront` names the function it stands on among those it borrows.
 */
export const MOVES_LUA = `
-- Those that give way when one more is finished and \`keep\` stay. Where none is kept, others' are left alone.
local function oldestBeyond(base, outcome, keep)
  local count = redis.call('ZCARD', base .. outcome) + 1 - keep
  return keep > 0 and count > 0 and redis.call('ZRANGE', base .. outcome, 0, count - 1) or {}
end

-- Completed or failed; \`keep\` finished jobs stay, and of the others nothing of their runs. Returns 0, or BullMQ's negative code.
local function moveToFinished(base, id, token, now, outcome, reason, keep, attempts, fields)
  local property = outcome == 'completed' and 'returnvalue' or 'failedReason'
  local oldest = oldestBeyond(base, outcome, keep)
  local code = bull_moveToFinished(
    { base .. 'wait', base .. 'active', base .. 'prioritized', base .. 'events', base .. 'stalled', base .. 'limiter',
      base .. 'delayed', base .. 'paused', base .. 'meta', base .. 'pc', base .. outcome, base .. id,
      base .. 'metrics:' .. outcome, base .. 'marker' },
    { id, tostring(now), property, reason, outcome, '0', base,
      cmsgpack.pack({ token = token, keepJobs = { count = keep }, lockDuration = 0, attempts = attempts, maxMetricsSize = '' }),
      fields })
  for _, other in ipairs(oldest) do
    if redis.call('EXISTS', base .. other) == 0 then redis.call('DEL', base .. 'hf:run:' .. other) end
  end
  return code
end

-- From active to the front of the waiting. Returns BullMQ's negative code where it did not happen.
local function moveToFront(base, id, token)
  return bull_moveJobFromActiveToWait(
    { base .. 'active', base .. 'wait', base .. 'stalled', base .. 'paused', base .. 'meta', base .. 'limiter',
      base .. 'prioritized', base .. 'marker', base .. 'events' },
    { id, token, base .. id })
end
`
