/**
 * Lua: what is remembered of a job between its runs (`hf:run:<id>`): the results of finished steps, how often a worker
 * died running it since the last of them (`deaths`) and in all (`died`), that it waits for its turn in its worker (`idle`), that it
 * runs with no other beside it (`alone`), also after its next step (`last`), that it left its lane for good (`left`), when it was put
 * on the queue, or to its front, again after a change of Redis (`again`, ms), that it is asleep, or woken and has not run since
 * (`sleep`: `asleep`, `woken`), that its event was given to one who waited for it later (`given`), when its last step was recorded
 * (`at`, ms) and the one before (`was`), since when it waits for what (`w:<key>`, ms). Kept for as long as it sleeps, and a week; of a
 * dead letter for 90 days.
 */
export const RUN_LUA = `
local RUN_TTL_MS = 604800000
-- A dead letter is retried by a person, who may be away for longer than any worker.
local DEAD_RUN_TTL_MS = 7776000000

local function rememberOf(run, field, value)
  redis.call('HSET', run, field, value)
  if redis.call('PTTL', run) < RUN_TTL_MS then redis.call('PEXPIRE', run, RUN_TTL_MS) end
end

-- A finished step resets the count of deaths. When it was recorded: Redis' own time, which past events go by, too. A note about the
-- tries is no step.
local function recordStep(run, key, text)
  local time = redis.call('TIME')
  local at = time[1] * 1000 + math.floor(time[2] / 1000)
  if string.sub(key, 1, 6) ~= 'tries/' then
    redis.call('HDEL', run, 'deaths', 'alone')
    local last = redis.call('HGET', run, 'at')
    if last then redis.call('HSET', run, 'was', last) end
    redis.call('HSET', run, 'at', at)
  end
  rememberOf(run, 's:' .. key, text)
  return at
end

-- What tells of the tries and not of the work: steps below 'tries/', and the notes of waits of an older SDK.
local function forgetTries(run)
  for _, field in ipairs(redis.call('HKEYS', run)) do
    if string.match(field, '^s:tries/') or string.match(field, '^s:wait#%d+$') then redis.call('HDEL', run, field) end
  end
end

-- A dead letter keeps its finished steps for whoever runs it again; its deaths and its place do not follow it.
local function closeRun(run, outcome)
  if outcome == 'completed' then return redis.call('DEL', run) end
  redis.call('HDEL', run, 'deaths', 'died', 'idle', 'alone', 'last', 'left', 'sleep')
  redis.call('PEXPIRE', run, DEAD_RUN_TTL_MS)
end
`
