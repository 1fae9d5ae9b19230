import { type Clock, sleep } from '@holdfast/runtime'

/** A post of a worker that died may still be on its way: no look-up sooner than this after it began. */
const SETTLE_MS = 2_000

/** Waits until a post that began at `beganAt` has arrived, or never will. */
export async function settled(clock: Clock, beganAt: number): Promise<void> {
  // Bounded by the settling time itself, whatever the two machines' clocks say.
  await sleep(clock, Math.min(SETTLE_MS, Math.max(0, beganAt + SETTLE_MS - clock.wallAt())))
}
