import { composeScript } from './compose.ts'

/**
 * What the books say, as one picture. KEYS[1] the heartbeats; ARGV keys of the workers, the wishers, the subscriptions.
 * Returns now by Redis' clock, then as flat lists: worker id and last beat; worker id and registration; worker id and
 * wish; subscription and declaration.
 */
export const CENSUS = composeScript(
  'census',
  [],
  `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return { now, redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES'), redis.call('HGETALL', ARGV[1]),
  redis.call('HGETALL', ARGV[2]), redis.call('HGETALL', ARGV[3]) }
`,
)

/**
 * Who holds the active jobs of a queue. KEYS[1] routes; ARGV prefix-and-queue, how many are looked at at the most.
 * Returns what each lock's token begins with; of more active jobs than that, nothing.
 */
export const HOLDERS = composeScript(
  'holders',
  [],
  `
local base, bound = ARGV[1], tonumber(ARGV[2])
local owners = {}
if redis.call('LLEN', base .. 'active') > bound then return owners end
for _, id in ipairs(redis.call('LRANGE', base .. 'active', 0, -1)) do
  local token = redis.call('GET', base .. id .. ':lock')
  if token then owners[#owners + 1] = string.match(token, '^[^:]*') end
end
return { owners }
`,
)
