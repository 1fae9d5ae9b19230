import type { Redis } from 'ioredis'

/** One live replica, as others see it. */
export interface Member {
  readonly id: string
  readonly fields: Readonly<Record<string, string>>
}

/**
 * Who is there, for readers that know nothing of leases, gateways without leases included. A gateway enters itself with its
 * beats: see `LeaseStore.beat`.
 */
export interface Members {
  /**
   * Those heard of within the last 5 s by the clock of Redis, sorted by id. A field that is no text, and whatever else
   * another version may write, is left out.
   */
  list(): Promise<Member[]>
}

// KEYS: until when each counts as there (sorted set by Redis' own clock), the fields (hash). Returns ids and fields in turn.
const LIST = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local flat = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%.0f', now), '+inf')) do
  flat[#flat + 1] = id
  flat[#flat + 1] = redis.call('HGET', KEYS[2], id) or ''
end
return flat
`

/** The member list in Redis, under `<prefix>:members` and `<prefix>:members:fields`; only read. The caller owns `redis`. */
export function createMembers(redis: Redis, prefix: string): Members {
  return {
    async list() {
      const flat = (await redis.eval(LIST, 2, `${prefix}:members`, `${prefix}:members:fields`)) as string[]
      return readMembers(flat)
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
