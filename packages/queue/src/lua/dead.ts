import { composeScript } from './compose.ts'
import { RUN_LUA } from './run.ts'
import { WHILE_FULL_LUA } from './while-full.ts'

/**
 * Dead letters: BullMQ's failed jobs, with what we remember of them. All take KEYS[1] (routes to the slot) and ARGV
 * prefix-and-queue; each is given a batch that Redis works off in a blink.
 *
 * This one reads a page: ARGV[2] and ARGV[3] instant and id of the letter behind which it begins ('' for the first), ARGV[4] how many.
 * Returns {instant, id, type, reason, enqueued at, attempts} one after the other. The place is found by rank, or, where that letter
 * is gone, by instant and id, so that nothing is skipped or read twice while others come and go.
 */
export const DEAD_PAGE = composeScript(
  'deadPage',
  [],
  `
local base, at, after, count = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local failed = base .. 'failed'

local function rankBehind()
  if at == '' then return 0 end
  if redis.call('ZSCORE', failed, after) == at then return redis.call('ZRANK', failed, after) + 1 end
  local rank = redis.call('ZCOUNT', failed, '-inf', '(' .. at)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', failed, at, at)) do
    if id > after then break end
    rank = rank + 1
  end
  return rank
end

local first, page = rankBehind(), {}
local found = redis.call('ZRANGE', failed, first, first + count - 1, 'WITHSCORES')
for i = 1, #found, 2 do
  local job = redis.call('HMGET', base .. found[i], 'name', 'failedReason', 'timestamp', 'atm')
  local row = { found[i + 1], found[i], job[1] or '', job[2] or '', job[3] or '0', job[4] or '0' }
  for _, cell in ipairs(row) do page[#page + 1] = cell end
end
return page
`,
)

/** One in full: ARGV[2] its id. Returns {} where it is no dead letter, else its instant, the fields of the job, those of its run. */
export const DEAD_SHOW = composeScript(
  'deadShow',
  [],
  `
local base, id = ARGV[1], ARGV[2]
local at = redis.call('ZSCORE', base .. 'failed', id)
if not at then return {} end
return { at, redis.call('HGETALL', base .. id), redis.call('HKEYS', base .. 'hf:run:' .. id) }
`,
)

/**
 * The dead letters ARGV[2…] wait again, behind all others: with no attempt spent, outside of the order, and without an outcome in the
 * record. Returns how many there were. What a person asked for may be done by a full Redis: it adds next to nothing.
 */
export const DEAD_RETRY = composeScript(
  'deadRetry',
  ['reprocessJob'],
  WHILE_FULL_LUA,
  RUN_LUA,
  `
local base, count = ARGV[1], 0
for i = 2, #ARGV do
  local id = ARGV[i]
  local again = bull_reprocessJob(
    { base .. id, base .. 'events', base .. 'failed', base .. 'wait', base .. 'meta', base .. 'active', base .. 'marker',
      base .. 'prioritized', base .. 'pc' },
    { id, 'LPUSH', 'failedReason', 'failed', '1', '1' })
  if again == 1 then
    count = count + 1
    redis.call('HDEL', base .. id, 'stacktrace')
    local run = base .. 'hf:run:' .. id
    forgetTries(run)
    rememberOf(run, 'left', 1)
    redis.call('HDEL', base .. 'hf:e:' .. id, 'started', 'finished', 'outcome', 'attempts', 'ended')
  end
end
return count
`,
)

/**
 * Removes the dead letters ARGV[2…] with their runs; the records of their events stay for the dedupe window. Returns how many there
 * were.
 */
export const DEAD_DROP = composeScript(
  'deadDrop',
  [],
  WHILE_FULL_LUA,
  `
local base, count = ARGV[1], 0
for i = 2, #ARGV do
  local id = ARGV[i]
  if redis.call('ZREM', base .. 'failed', id) == 1 then
    count = count + 1
    redis.call('DEL', base .. id, base .. id .. ':logs', base .. 'hf:run:' .. id)
    redis.call('XADD', base .. 'events', 'MAXLEN', '~', 10000, '*', 'event', 'removed', 'jobId', id, 'prev', 'failed')
  end
end
return count
`,
)
