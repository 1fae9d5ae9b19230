import { type Clock, sleep } from '@holdfast/runtime'
import type { Redis } from 'ioredis'
import { type Layout, layout } from '../layout.ts'

/** A gateway that has said nothing for this long is not waited for. */
export const GATEWAY_TTL_MS = 5_000
const NOTE_POLL_MS = 50

/** Which version of the wishes each live gateway routes by. */
export class GatewayNotes {
  readonly #redis: Redis
  readonly #keys: Layout
  readonly #clock: Clock

  constructor(redis: Redis, prefix: string, clock: Clock) {
    this.#redis = redis
    this.#keys = layout(prefix)
    this.#clock = clock
  }

  async write(gatewayId: string, version: number): Promise<void> {
    await this.#redis
      .multi()
      .sadd(this.#keys.gateways, gatewayId)
      .set(this.#keys.gatewayNote(gatewayId), version, 'PX', GATEWAY_TTL_MS)
      .exec()
  }

  async remove(gatewayId: string): Promise<void> {
    await this.#redis
      .multi()
      .srem(this.#keys.gateways, gatewayId)
      .del(this.#keys.gatewayNote(gatewayId))
      .exec()
  }

  async await(version: number, timeoutMs: number): Promise<'noted' | 'timeout'> {
    const deadline = this.#clock.monotonicMs() + timeoutMs
    while (!(await this.#allKnow(version))) {
      if (this.#clock.monotonicMs() >= deadline) return 'timeout'
      await sleep(this.#clock, NOTE_POLL_MS)
    }
    return 'noted'
  }

  async #allKnow(version: number): Promise<boolean> {
    const gateways = await this.#redis.smembers(this.#keys.gateways)
    const notes = await Promise.all(gateways.map((id) => this.#redis.get(this.#keys.gatewayNote(id))))
    const silent = gateways.filter((_, index) => notes[index] === null)
    if (silent.length > 0) await this.#redis.srem(this.#keys.gateways, ...silent)
    return notes.every((note) => note === null || Number(note) >= version)
  }
}
