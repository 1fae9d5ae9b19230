import type { Clock, Timer } from '@holdfast/runtime'
import type { Redis } from 'ioredis'

/** How often a member says that it lives. */
const HEARTBEAT_MS = 1_000
/** A member that has been silent for so long is no longer listed. */
const TTL_MS = 5_000

/** One live replica, as others see it. */
export interface Member {
  readonly id: string
  readonly fields: Readonly<Record<string, string>>
}

/** One's own place among the members. */
export interface Membership {
  readonly id: string
  /** Asked at each heartbeat, so that others see what changes; to be answered from memory. */
  readonly fields: () => Member['fields']
}

/** The replicas of a deployment that live now. */
export interface Members {
  /**
   * Resolves once this replica is listed; from then on it says each second that it lives and what it is, also after Redis
   * was away. A second join replaces the first.
   */
  join(membership: Membership): Promise<void>
  /**
   * Those heard of within the last 5 s by the clock of Redis, sorted by id. A field that is no text, and whatever else
   * another version may write, is left out.
   */
  list(): Promise<Member[]>
  /** Takes this replica off the list at once. Never rejects: where Redis is away, silence does it. Idempotent. */
  leave(): Promise<void>
}

// KEYS: the expiry times (sorted set by Redis' own clock), the fields (hash). One clock, so replicas need not agree on time.
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`
const HEARTBEAT = `${NOW}
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return 1
`
const LIST = `${NOW}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('HDEL', KEYS[2], id)
end
return redis.call('HGETALL', KEYS[2])
`
const LEAVE = `
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
return 1
`

/** The member list in Redis, under `<prefix>:members` and `<prefix>:members:fields`. The caller owns `redis`. */
export function createMembers(redis: Redis, prefix: string, clock: Clock): Members {
  const keys = [`${prefix}:members`, `${prefix}:members:fields`] as const
  let self: Membership | undefined
  let timer: Timer | undefined

  const heartbeat = async ({ id, fields }: Membership) =>
    redis.eval(HEARTBEAT, 2, ...keys, id, JSON.stringify(fields()), TTL_MS)

  function beatLater(): void {
    timer = clock.setTimer(HEARTBEAT_MS, async () => {
      if (!self) return
      // A beat that fails is made good by the next.
      await heartbeat(self).catch(() => {})
      if (self) beatLater()
    })
  }

  return {
    async join(membership) {
      timer?.clear()
      self = membership
      await heartbeat(membership)
      beatLater()
    },
    async list() {
      const flat = (await redis.eval(LIST, 2, ...keys)) as string[]
      return readMembers(flat)
    },
    async leave() {
      timer?.clear()
      const left = self
      self = undefined
      if (left && redis.status === 'ready') await redis.eval(LEAVE, 2, ...keys, left.id).catch(() => {})
    },
  }
}

function readMembers(flat: readonly string[]): Member[] {
  const members: Member[] = []
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const [id, fields] = [flat[index], flat[index + 1]]
    if (id !== undefined && fields !== undefined) members.push({ id, fields: readFields(fields) })
  }
  return members.sort((a, b) => (a.id < b.id ? -1 : 1))
}

function readFields(text: string): Member['fields'] {
  try {
    const value: unknown = JSON.parse(text)
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
    return Object.fromEntries(entries.filter(([, field]) => typeof field === 'string'))
  } catch {
    return {} // No gateway wrote this; that there is a member is all that it tells.
  }
}
