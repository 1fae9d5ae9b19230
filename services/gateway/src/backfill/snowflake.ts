/*
 * Discord's ids: when they were made, and whose shard they are. https://docs.discord.com/developers/reference#snowflakes
 */

const DISCORD_EPOCH_AT = 1_420_070_400_000n
const PATTERN = /^\d{1,20}$/

/** When it was made (Unix milliseconds). Not a number where it is no id. */
export function atOf(id: string): number {
  return PATTERN.test(id) ? Number((BigInt(id) >> 22n) + DISCORD_EPOCH_AT) : Number.NaN
}

/** The last id before those made at that time: what is `after` it was made then, or later. */
export function snowflakeAt(at: number): string {
  const first = (BigInt(Math.floor(at)) - DISCORD_EPOCH_AT) << 22n
  return String(first > 0n ? first - 1n : 0n)
}

/** Which of `count` shards has the guild. https://docs.discord.com/developers/events/gateway#sharding */
export function shardOf(guildId: string, count: number): number {
  return PATTERN.test(guildId) ? Number((BigInt(guildId) >> 22n) % BigInt(count)) : Number.NaN
}
