import { Redis } from 'ioredis'

const READ_AT_ONCE = 1_000
const BLOCK_MS = 200

/** When each event came on the bot's queue, by Redis' own clock. Sees the queue with nothing but Redis commands. */
export class QueueTimes {
  readonly #redis: Redis
  readonly #stream: string
  readonly #at = new Map<string, number>()
  #isOver = false
  #reading: Promise<void> = Promise.resolve()

  constructor(url: string, prefix: string) {
    this.#redis = new Redis(url, { maxRetriesPerRequest: 3 })
    this.#stream = `${prefix}:chaos:events`
  }

  /** From now on. */
  start(): void {
    this.#reading = this.#read()
  }

  /** Unix milliseconds; `id` is the platform's own, of a message in this channel. */
  of(channel: string, id: string): number | undefined {
    return this.#at.get(`${channel}~${id}`) ?? this.#at.get(`message~${id}`)
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#reading
    this.#redis.disconnect()
  }

  async #read(): Promise<void> {
    let last = '0'
    while (!this.#isOver) {
      const streams = await this.#redis.xread(
        'COUNT',
        READ_AT_ONCE,
        'BLOCK',
        BLOCK_MS,
        'STREAMS',
        this.#stream,
        last,
      )
      for (const [entry, fields] of streams?.[0]?.[1] ?? []) {
        last = entry
        this.#note(fields, Number(entry.split('-')[0]))
      }
    }
  }

  /** An event's id ends with the channel and the time of a Slack message, or with the id of a Discord one. */
  #note(fields: readonly string[], at: number): void {
    if (fields[fields.indexOf('event') + 1] !== 'added') return
    const id = fields[fields.indexOf('jobId') + 1] ?? ''
    this.#at.set(id.split('~').slice(-2).join('~'), at)
  }
}
