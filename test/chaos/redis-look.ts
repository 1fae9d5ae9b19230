import { Redis } from 'ioredis'

/** Keys of the events that lie among the dead letters of the bot's queue. Looks with nothing but Redis commands. */
export function readDeadLetters(url: string, prefix: string): Promise<ReadonlySet<string>> {
  return lookInto(url, async (redis) => {
    const base = `${prefix}:chaos:`
    const ids = await redis.zrange(`${base}failed`, 0, -1)
    const texts = await Promise.all(ids.map((id) => redis.hget(`${base}${id}`, 'data')))
    return new Set(texts.map((text) => keyOf(text ?? '{}')))
  })
}

/** The last fencing number of each of these units: rises with every change of its holder. */
export function readFences(
  url: string,
  prefix: string,
  units: readonly string[],
): Promise<Readonly<Record<string, number>>> {
  return lookInto(url, async (redis) => {
    const fences = await Promise.all(units.map((unit) => redis.hget(`${prefix}:checkpoint:${unit}`, 'fence')))
    return Object.fromEntries(units.map((unit, index) => [unit, Number(fences[index] ?? 0)]))
  })
}

/** `7.4.1`, as the server says. */
export function readRedisVersion(url: string): Promise<string> {
  return lookInto(url, async (redis) => {
    const [, version = ''] = /^redis_version:(\S+)/m.exec(await redis.info('server')) ?? []
    return version
  })
}

async function lookInto<Found>(url: string, look: (redis: Redis) => Promise<Found>): Promise<Found> {
  const redis = new Redis(url, { maxRetriesPerRequest: 3 })
  try {
    return await look(redis)
  } finally {
    redis.disconnect()
  }
}

function keyOf(text: string): string {
  const { connection, data }: { connection?: string; data?: { text?: string; content?: string } } =
    JSON.parse(text)
  return `${connection} ${data?.text ?? data?.content}`
}
