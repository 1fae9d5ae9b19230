import { composeScript } from './compose.ts'

/**
 * Running jobs of one queue that have held their lane for ARGV[3] ms while others wait behind them. KEYS[1] routes; ARGV
 * prefix-and-queue, now (ms), that time, how many running jobs are looked at at the most.
 * Returns id, type, lane, how long (ms) and how many wait behind, for each.
 */
export const BLOCKERS = composeScript(
  'blockers',
  [],
  `
local base, now, heldMs, bound = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local found = {}

local function laneOf(opts)
  local read, value = pcall(cjson.decode, opts or '')
  return read and type(value) == 'table' and type(value.lane) == 'string' and value.lane or ''
end

local function look(id)
  local job = redis.call('HMGET', base .. id, 'name', 'processedOn', 'opts')
  local beganAt = tonumber(job[2])
  if not beganAt or now - beganAt < heldMs then return end
  local lane = laneOf(job[3])
  if lane == '' or redis.call('HEXISTS', base .. 'hf:run:' .. id, 'left') == 1 then return end
  local waiting = redis.call('LLEN', base .. 'hf:lane:' .. lane) - 1
  if waiting < 1 then return end
  for _, fact in ipairs({ id, job[1], lane, now - beganAt, waiting }) do found[#found + 1] = fact end
end

for _, id in ipairs(redis.call('LRANGE', base .. 'active', -bound, -1)) do look(id) end
return found
`,
)
