import type { Redis } from 'ioredis'

/** One key as a picture holds it, in the words of the command that writes it. */
export type PictureEntry =
  | { readonly set: string }
  | { readonly rpush: readonly string[] }
  | { readonly sadd: readonly string[] }
  | { readonly hset: Readonly<Record<string, string>> }
  | { readonly zadd: Readonly<Record<string, string>> }

/** All keys below one prefix, without the prefix; what differs from run to run is put in place of itself. */
export type RedisPicture = Readonly<Record<string, PictureEntry>>

/** Stands for every instant (Unix milliseconds); BullMQ's scores are 4096 times as large. */
const AN_INSTANT = 1_700_000_000_000
const BULLMQ_FACTOR = 4096
const SOME_ID = '00000000-0000-4000-8000-000000000000'

const INSTANT = /(?<!\d)1[5-9]\d{11}(?!\d)/g
const SCORE = /(?<!\d)7\d{15}(?!\d)/g
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g
const RUN_ID = /(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])/g

/** Who reads them finds the same without: BullMQ's news, and its marks of what was taken or not at that moment. */
const PASSING = /:(events|marker)$/

/** Everything below `prefix` that stays. */
export async function takePicture(redis: Redis, prefix: string): Promise<RedisPicture> {
  const keys = (await redis.keys('*')).filter((key) => key.startsWith(`${prefix}:`) && !PASSING.test(key))
  const entries = await Promise.all(
    keys.map(async (key) => [masked(key.slice(prefix.length + 1)), await readKey(redis, key)] as const),
  )
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** So long a member counts as there whose gateway does not beat. */
const LISTED_MS = 5_000

/** Writes a picture below `prefix`: whoever was there is there, and what was put off is due. */
export async function hangPicture(redis: Redis, prefix: string, picture: RedisPicture): Promise<void> {
  for (const [name, entry] of Object.entries(picture)) {
    const key = `${prefix}:${name}`
    if ('set' in entry) await redis.set(key, alive(entry.set))
    else if ('rpush' in entry) await redis.rpush(key, ...entry.rpush.map(alive))
    else if ('sadd' in entry) await redis.sadd(key, ...entry.sadd.map(alive))
    else if ('hset' in entry) await redis.hset(key, ...pairsOf(entry.hset))
    else await redis.zadd(key, ...pairsOf(entry.zadd).reverse())
  }
}

async function readKey(redis: Redis, key: string): Promise<PictureEntry> {
  const type = await redis.type(key)
  if (type === 'string') return { set: masked((await redis.get(key)) ?? '') }
  if (type === 'list') return { rpush: (await redis.lrange(key, 0, -1)).map(masked) }
  if (type === 'set') return { sadd: (await redis.smembers(key)).map(masked).sort() }
  if (type === 'hash') return { hset: sorted(Object.entries(await redis.hgetall(key))) }
  if (type === 'zset') {
    const flat = await redis.zrange(key, 0, -1, 'WITHSCORES')
    const pairs = flat.flatMap((each, at) => (at % 2 === 0 ? [[each, flat[at + 1] ?? ''] as const] : []))
    return { zadd: sorted(pairs) }
  }
  throw new Error(`${key} is a ${type}: say here how it is kept in a picture`)
}

const sorted = (pairs: readonly (readonly [string, string])[]): Record<string, string> =>
  Object.fromEntries(
    pairs
      .map(
        ([name, value]) =>
          [masked(name), name === 'delay' && value.length > 9 ? '1' : masked(value)] as const,
      )
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )

const pairsOf = (fields: Readonly<Record<string, string>>): string[] =>
  Object.entries(fields).flatMap(([name, value]) => [alive(name), alive(value)])

function masked(text: string): string {
  return text
    .replace(INSTANT, String(AN_INSTANT))
    .replace(SCORE, String(AN_INSTANT * BULLMQ_FACTOR))
    .replace(UUID, SOME_ID)
    .replace(RUN_ID, '0'.repeat(40))
    .replace(/(?<=^0{8}-.*):\d+$/, ':0')
    .replace(/"host":"[^"]*"/, '"host":"some-host"')
    .replace(/"pid":\d+/, '"pid":1')
}

function alive(text: string): string {
  const now = Date.now()
  return text
    .replaceAll(String(AN_INSTANT * BULLMQ_FACTOR), String(now * BULLMQ_FACTOR))
    .replaceAll(String(AN_INSTANT), String(now + LISTED_MS))
}
