/*
 * Instants as the platforms write them, turned into RFC 3339. All functions answer `undefined` for what is no instant.
 */

/** RFC 3339 with seconds; the fraction and the offset are free. What `time` and `receivedat` look like. */
export const RFC_3339 =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/

const DISCORD_EPOCH_AT = 1_420_070_400_000n

/** Unix milliseconds as RFC 3339 with milliseconds. */
export function rfc3339(at: number): string {
  return new Date(at).toISOString()
}

/**
 * A Slack stamp (`1658282075.825129`, seconds and a fraction that orders) with its digits kept, so that sorting by
 * `time` sorts as Slack does. https://docs.slack.dev/messaging/retrieving-messages
 */
export function slackInstant(stamp: string | undefined): string | undefined {
  const [, seconds, fraction = ''] = /^(\d{1,11})(\.\d{1,9})?$/.exec(stamp ?? '') ?? []
  if (seconds === undefined) return undefined
  return `${rfc3339(Number(seconds) * 1000).slice(0, 19)}${fraction}Z`
}

/** Whole Unix seconds, as in `event_time` and Discord's typing events. */
export function secondsInstant(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : slackInstant(String(seconds))
}

/** When a Discord id was made. https://docs.discord.com/developers/reference#snowflakes */
export function snowflakeInstant(id: string | undefined): string | undefined {
  if (id === undefined || !/^\d{17,20}$/.test(id)) return undefined
  return rfc3339(Number((BigInt(id) >> 22n) + DISCORD_EPOCH_AT))
}

/** Text that is an instant already. */
export function writtenInstant(text: string | undefined): string | undefined {
  return text !== undefined && RFC_3339.test(text) ? text : undefined
}
