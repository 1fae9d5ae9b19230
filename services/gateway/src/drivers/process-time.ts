import type { Clock } from '@holdfast/runtime'

/*
 * A wall clock may be set while the process runs; time that passes is not in that. So what one process compares with itself are
 * instants of its own, by its monotonic clock. Only what it stores or tells, and what another process has stored, are instants of the
 * wall clock: as that stands at the moment of the telling.
 */

type Clocks = Pick<Clock, 'monotonicMs' | 'wallAt'>

/** An instant of this process (monotonic milliseconds), as the wall clock has it now (Unix milliseconds). */
export function toWallAt(clock: Clocks, ownMs: number): number {
  return Math.round(clock.wallAt() - (clock.monotonicMs() - ownMs))
}

/** An instant of the wall clock (Unix milliseconds), as one of this process (monotonic milliseconds). */
export function toOwnMs(clock: Clocks, at: number): number {
  return clock.monotonicMs() - (clock.wallAt() - at)
}
