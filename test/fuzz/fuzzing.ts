import { FuzzRound, type RoundCounts } from './fuzz-round.ts'
import { FuzzedDiscord } from './fuzzed-discord.ts'
import type { FuzzedPlatform } from './fuzzed-platform.ts'
import { FuzzedRtm } from './fuzzed-rtm.ts'
import { FuzzedSocketMode } from './fuzzed-socket-mode.ts'
import type { Transport } from './recorded-frames.ts'

/** A platform for each transport whose driver there is. */
export const PLATFORMS: Readonly<Record<Transport, () => FuzzedPlatform>> = {
  discord: () => new FuzzedDiscord(),
  rtm: () => new FuzzedRtm(),
  'socket-mode': () => new FuzzedSocketMode(),
}

/** Frames in the life of one driver: enough for some dozens of sockets. */
const ROUND_FRAMES = 250

/** What fuzzing is asked for. */
export interface FuzzOptions {
  readonly transport: Transport
  readonly seed: number
  readonly frameCount: number
  /** Called after each driver's life, with the frames so far. */
  readonly onRound?: (frameCount: number) => void
}

/** Drivers live one after the other until so many fuzzed frames were said to them. Throws at the first that fails. */
export async function fuzzDrivers(options: FuzzOptions): Promise<RoundCounts> {
  const { transport, seed, frameCount, onRound } = options
  const sum = { frameCount: 0, malformedCount: 0, validCount: 0, socketCount: 0 }
  for (let round = 0; sum.frameCount < frameCount; round++) {
    const platform = PLATFORMS[transport]()
    const count = Math.min(ROUND_FRAMES, frameCount - sum.frameCount)
    // Seeds of rounds lie apart, so that the failing one alone runs again by its own seed.
    const counts = await FuzzRound.run({ transport, seed: seed + round * 1_000, frameCount: count, platform })
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += counts[name]
    onRound?.(sum.frameCount)
  }
  return sum
}
