import { Redis } from 'ioredis'

/** How much a Redis may hold, set as an operator would. */
export class RedisRoom {
  readonly #url: string

  /** @param url of a server that a scenario has for itself */
  constructor(url: string) {
    this.#url = url
  }

  /** From now on it refuses what needs memory once it holds so many bytes more than it does. */
  async leave(bytes: number): Promise<void> {
    await this.#ask(async (redis) => {
      const used = Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1])
      await redis.config('SET', 'maxmemory', used + bytes)
    })
  }

  /** No bound any more. */
  async lift(): Promise<void> {
    await this.#ask((redis) => redis.config('SET', 'maxmemory', 0))
  }

  /** Whether it would refuse an event now. */
  async isFull(): Promise<boolean> {
    return this.#ask(async (redis) => {
      const info = await redis.info('memory')
      const [used, most] = [/^used_memory:(\d+)/m, /^maxmemory:(\d+)/m].map((line) =>
        Number(line.exec(info)?.[1]),
      )
      return Number(used) >= Number(most)
    })
  }

  async #ask<Answer>(ask: (redis: Redis) => Promise<Answer>): Promise<Answer> {
    const redis = new Redis(this.#url, { maxRetriesPerRequest: 3 })
    try {
      return await ask(redis)
    } finally {
      redis.disconnect()
    }
  }
}
