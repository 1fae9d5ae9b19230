import { type Clock, sleep } from '@holdfast/runtime'
import type { Redis } from 'ioredis'

const LOOK_MS = 100

/** Resolves once Redis has been away for `ms` on end, or at once when `signal` aborts. */
export async function awayFor(
  redis: Pick<Redis, 'status'>,
  clock: Clock,
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  let sinceMs = clock.monotonicMs()
  while (!signal.aborted && clock.monotonicMs() - sinceMs < ms) {
    await sleep(clock, LOOK_MS, signal)
    if (redis.status === 'ready') sinceMs = clock.monotonicMs()
  }
}
