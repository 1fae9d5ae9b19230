/**
 * Lua: the keys and arguments of the BullMQ functions that more than one script of ours calls. A script that calls
 * `moveToFinished` or `moveToFront` names the function it stands on among those it borrows.
 */
export const MOVES_LUA = `
-- Completed or failed; \`keep\` finished jobs stay. Returns 0, or BullMQ's negative code.
local function moveToFinished(base, id, token, now, outcome, reason, keep, attempts, fields)
  local property = outcome == 'completed' and 'returnvalue' or 'failedReason'
  return bull_moveToFinished(
    { base .. 'wait', base .. 'active', base .. 'prioritized', base .. 'events', base .. 'stalled', base .. 'limiter',
      base .. 'delayed', base .. 'paused', base .. 'meta', base .. 'pc', base .. outcome, base .. id,
      base .. 'metrics:' .. outcome, base .. 'marker' },
    { id, tostring(now), property, reason, outcome, '0', base,
      cmsgpack.pack({ token = token, keepJobs = { count = keep }, lockDuration = 0, attempts = attempts, maxMetricsSize = '' }),
      fields })
end

-- From active to the front of the waiting. Returns BullMQ's negative code where it did not happen.
local function moveToFront(base, id, token)
  return bull_moveJobFromActiveToWait(
    { base .. 'active', base .. 'wait', base .. 'stalled', base .. 'paused', base .. 'meta', base .. 'limiter',
      base .. 'prioritized', base .. 'marker', base .. 'events' },
    { id, token, base .. id })
end
`
