import { Redis } from 'ioredis'

/** Keys of the events that lie among the dead letters of the bot's queue. Looks with nothing but Redis commands. */
export async function readDeadLetters(url: string, prefix: string): Promise<ReadonlySet<string>> {
  const redis = new Redis(url, { maxRetriesPerRequest: 3 })
  try {
    const base = `${prefix}:chaos:`
    const ids = await redis.zrange(`${base}failed`, 0, -1)
    const texts = await Promise.all(ids.map((id) => redis.hget(`${base}${id}`, 'data')))
    return new Set(texts.map((text) => keyOf(text ?? '{}')))
  } finally {
    redis.disconnect()
  }
}

function keyOf(text: string): string {
  const { connection, data }: { connection?: string; data?: { text?: string; content?: string } } =
    JSON.parse(text)
  return `${connection} ${data?.text ?? data?.content}`
}
