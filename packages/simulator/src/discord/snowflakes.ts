import type { Clock } from '../clock.ts'

const DISCORD_EPOCH = 1_420_070_400_000n

/** Issues ids: increasing, with the instant in the upper bits. Source: docs.discord.com, API Reference, Snowflakes. */
export class Snowflakes {
  readonly #clock: Clock
  #last = 0n

  constructor(clock: Clock) {
    this.#clock = clock
  }

  next(): string {
    const now = (BigInt(Math.floor(this.#clock.wallAt())) - DISCORD_EPOCH) << 22n
    this.#last = now > this.#last ? now : this.#last + 1n
    return String(this.#last)
  }
}

/** Negative when `a` is older than `b`. Ids are numbers too large for a JavaScript number, so they compare as digits. */
export function compareSnowflakes(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}

/** What decides the shard of a guild: its id without the lowest 22 bits, which leaves a number that is exact. */
export function shardKeyOf(guildId: string): number {
  return Number(BigInt(guildId) >> 22n)
}

/** Which of `count` shards has the guild. */
export function shardOf(guildId: string, count: number): number {
  return shardKeyOf(guildId) % count
}
