// What a bench sees of a queue on which nobody works: all that ever came is still there. Plain Redis commands only.
import { Redis } from 'ioredis'

const SEEN_AT_ONCE = 1_000

/** One queue of one deployment. */
export class QueueWatch {
  #redis
  #prefix
  #base

  /** @param {string} url @param {string} prefix @param {string} queue */
  constructor(url, prefix, queue) {
    this.#redis = new Redis(url)
    this.#prefix = prefix
    this.#base = `${prefix}:${queue}:`
  }

  /** How many events wait. */
  count() {
    return this.#redis.llen(`${this.#base}wait`)
  }

  /** Resolves when `count` events wait, or when none has come for `idleMs`. @param {number} count @param {number} idleMs */
  async until(count, idleMs) {
    let last = -1
    for (let now = await this.count(); now < count && now !== last; now = await this.count()) {
      last = now
      await new Promise((resolve) => setTimeout(resolve, idleMs))
    }
  }

  /** The payloads of all that wait, oldest first. @returns {Promise<any[]>} */
  async payloads() {
    const ids = (await this.#redis.lrange(`${this.#base}wait`, 0, -1)).reverse()
    const texts = []
    for (let at = 0; at < ids.length; at += SEEN_AT_ONCE) {
      const reads = ids
        .slice(at, at + SEEN_AT_ONCE)
        .map((id) => this.#redis.hget(`${this.#base}${id}`, 'data'))
      texts.push(...(await Promise.all(reads)))
    }
    return texts.map((text) => JSON.parse(text ?? '{}'))
  }

  /**
   * Notes, until `signal` aborts, when each event came: by Redis' own clock, in milliseconds.
   * @param {AbortSignal} signal
   * @returns {Promise<number[]>}
   */
  async arrivals(signal) {
    const reader = this.#redis.duplicate()
    /** @type {number[]} */
    const arrivals = []
    let last = '0'
    while (!signal.aborted) {
      const found = await reader.xread('COUNT', 1_000, 'BLOCK', 200, 'STREAMS', `${this.#base}events`, last)
      for (const [id, fields] of found?.[0]?.[1] ?? []) {
        last = id
        if (fields[1] === 'waiting') arrivals.push(Number(id.split('-')[0]))
      }
    }
    reader.disconnect()
    return arrivals
  }

  /** Deletes everything of the deployment. */
  async clear() {
    const names = this.#redis.scanStream({
      match: `${this.#prefix.replace(/[[\]*?\\]/g, '\\$&')}*`,
      count: 1_000,
    })
    for await (const keys of names) if (keys.length > 0) await this.#redis.unlink(...keys)
    this.#redis.disconnect()
  }
}
