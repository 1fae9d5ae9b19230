/**
 * A session can go deaf: Discord answers its heartbeats and sends it nothing else. Nothing in what the shard hears tells that from
 * a quiet hour; what its peers hear does. Reported by bots, not documented: github.com/discord/discord-api-docs/issues/8162.
 *
 * A shard is deaf where its silence is practically impossible: by what it usually hears, and by how much its peers hear now of what
 * they usually do, at least 30 dispatches should have come, and for a minute none has. A minute that was unlike others (a raid) says
 * little of what is usual, so the busiest quarter of them is left out; and peers that are busier than usual prove nothing of this shard.
 */

/**
 * What one shard has heard, the newest last: how many dispatches (READY and RESUMED are none) in each `HEARING_TICK_MS`; null where
 * it was not connected for all of it, or was deaf.
 */
export type Hearing = readonly (number | null)[]

/** How long one entry of a hearing is. */
export const HEARING_TICK_MS = 10_000
/** How many entries are of use: an hour that says what is usual, and as much of silence. */
export const HEARING_LENGTH = 720

const TICKS_PER_MINUTE = 6
const LEAST_SILENT_TICK_COUNT = 6
const LEAST_EXPECTED_COUNT = 30
/** So much must be known of a shard before its silence, or its peers', says anything. */
const LEAST_USUAL_MINUTE_COUNT = 10
const MOST_USUAL_MINUTE_COUNT = 60

/** Whether the shard with this hearing is deaf; `peers` are the other shards of its bot here, over the same times. Never without a peer that hears. */
export function isDeaf(own: Hearing, peers: readonly Hearing[]): boolean {
  const silentCount = silentTickCount(own)
  if (silentCount < LEAST_SILENT_TICK_COUNT) return false
  const expectedAsUsual = ((usualPerMinute(own, silentCount) ?? 0) * silentCount) / TICKS_PER_MINUTE
  if (expectedAsUsual < LEAST_EXPECTED_COUNT) return false
  const shares = peers.flatMap((peer) => shareOfUsual(peer, silentCount) ?? [])
  const share = lowerMedian(shares)
  return share !== undefined && expectedAsUsual * Math.min(1, share) >= LEAST_EXPECTED_COUNT
}

/** For how many ticks up to now it was connected and heard nothing. */
export function silentTickCount(hearing: Hearing): number {
  const lastHeard = hearing.findLastIndex((count) => count !== 0)
  return hearing.length - 1 - lastHeard
}

/** What part of its usual it has heard in the last ticks; undefined where it is no witness: not connected, silent itself, or too new. */
function shareOfUsual(hearing: Hearing, tickCount: number): number | undefined {
  const recent = hearing.slice(-tickCount)
  const heardCount = recent.reduce<number>((sum, count) => sum + (count ?? 0), 0)
  const isConnected = recent.length === tickCount && !recent.includes(null)
  if (!isConnected || heardCount === 0 || silentTickCount(hearing) >= LEAST_SILENT_TICK_COUNT)
    return undefined
  const usual = usualPerMinute(hearing, tickCount)
  if (usual === undefined) return undefined
  // Where the usual is nothing at all, whatever it hears is no less.
  return usual === 0 ? 1 : (heardCount * TICKS_PER_MINUTE) / tickCount / usual
}

/** Dispatches a minute before the last ticks, without the busiest quarter of the minutes; undefined where too little is known. */
function usualPerMinute(hearing: Hearing, withoutLastCount: number): number | undefined {
  const counts = hearing
    .slice(0, hearing.length - withoutLastCount)
    .filter((count) => count !== null)
    .slice(-MOST_USUAL_MINUTE_COUNT * TICKS_PER_MINUTE)
  const minutes = minutesOf(counts)
  if (minutes.length < LEAST_USUAL_MINUTE_COUNT) return undefined
  const kept = minutes.sort((one, other) => one - other).slice(0, Math.ceil(minutes.length * 0.75))
  return kept.reduce((sum, count) => sum + count, 0) / kept.length
}

function minutesOf(counts: readonly number[]): number[] {
  const minutes: number[] = []
  for (let end = counts.length; end >= TICKS_PER_MINUTE; end -= TICKS_PER_MINUTE)
    minutes.push(counts.slice(end - TICKS_PER_MINUTE, end).reduce((sum, count) => sum + count, 0))
  return minutes
}

/** Of an even number the lower one of both in the middle: of two witnesses the quieter one is believed. */
function lowerMedian(values: readonly number[]): number | undefined {
  return [...values].sort((one, other) => one - other)[Math.floor((values.length - 1) / 2)]
}
