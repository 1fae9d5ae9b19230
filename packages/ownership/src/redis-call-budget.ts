import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { CallBudget } from './ports.ts'

// A token bucket as one instant: `full`, when all calls may be made again. Each call moves it by the time that one call
// takes to come back, so whole milliseconds are exact. `blocked`: nothing before that. A bucket that is full and not
// blocked is as good as none, so it expires then.
// KEYS[1] the hash; ARGV 'take', burst, everyMs or 'block', ms. Returns how long to wait (ms), 0 where granted.
const BUDGET = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stored = redis.call('HMGET', KEYS[1], 'full', 'blocked')
local spent = math.max(tonumber(stored[1] or now) - now, 0)
local blocked = math.max(tonumber(stored[2] or now) - now, 0)
local wait = 0
if ARGV[1] == 'block' then
  blocked = math.max(blocked, tonumber(ARGV[2]))
else
  local burst, every = tonumber(ARGV[2]), tonumber(ARGV[3])
  spent = math.min(spent, burst * every)
  wait = math.max(blocked, spent - (burst - 1) * every)
  if wait > 0 then return wait end
  spent = spent + every
end
redis.call('HSET', KEYS[1], 'full', string.format('%.0f', now + spent), 'blocked', string.format('%.0f', now + blocked))
redis.call('PEXPIRE', KEYS[1], math.max(spent, blocked, 1))
return 0
`

/**
 * A budget for all processes that share this Redis, counted by Redis' own clock: hashes `<prefix>:budget:<digest>`, which
 * expire when nothing is spent any more. Of the key only its digest is stored, so no token can end up there. Rates in
 * whole milliseconds. The caller owns `redis`; a command waits for it as its settings say.
 */
export function createRedisCallBudget(redis: Redis, prefix: string): CallBudget {
  const ask = async (key: string, ...ask: readonly (string | number)[]) =>
    Number(await redis.eval(BUDGET, 1, `${prefix}:budget:${digestOf(key)}`, ...ask))

  return {
    async take(key, { burst, everyMs }) {
      const waitMs = await ask(key, 'take', burst, everyMs)
      return waitMs > 0 ? { kind: 'spent', waitMs } : { kind: 'granted' }
    },
    async block(key, ms) {
      await ask(key, 'block', Math.ceil(ms))
    },
  }
}

function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32)
}
