import { Redis } from 'ioredis'
import { expect, onTestFinished } from 'vitest'

/** An event as it lies on the queue. */
export interface QueuedEvent {
  readonly id: string
  readonly type: string
  readonly connection: string
  readonly delivery: string
  readonly data: Readonly<Record<string, unknown>>
  /** The job's data as Redis has it. */
  readonly text: string
}

/** Looks at the queues of a deployment with nothing but Redis commands, as nobody works on them. */
export class QueuedEvents {
  readonly redis: Redis
  readonly #prefix: string

  constructor(url: string, prefix: string) {
    this.redis = new Redis(url, { maxRetriesPerRequest: null })
    // A Redis that the test itself takes away is no news.
    this.redis.on('error', () => {})
    this.#prefix = prefix
    onTestFinished(() => this.redis.disconnect())
  }

  /** All that wait in a queue, oldest first, of one connection or of all. */
  async of(queue: string, connection?: string): Promise<QueuedEvent[]> {
    const base = `${this.#prefix}:${queue}:`
    const ids = (await this.redis.lrange(`${base}wait`, 0, -1)).reverse()
    const texts = await Promise.all(ids.map((id) => this.redis.hget(`${base}${id}`, 'data')))
    const events = texts.map((text) => ({ ...JSON.parse(text ?? ''), text: text ?? '' }) as QueuedEvent)
    return events.filter((event) => connection === undefined || event.connection === connection)
  }

  /** Resolves when something of this text has come from each connection: all that the platform sent before is there too. */
  async until(queue: string, text: string, connections: readonly string[]): Promise<void> {
    const missing = async () => {
      const there = (await this.of(queue)).filter((event) => textOf(event) === text)
      return connections.filter((connection) => !there.some((event) => event.connection === connection))
    }
    await expect.poll(missing, { timeout: 60_000, interval: 50 }).toEqual([])
  }
}

/** What a message says, on either platform. */
export function textOf({ data }: QueuedEvent): unknown {
  return data.text ?? data.content
}
