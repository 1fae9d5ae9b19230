import type { FleetStanding } from '@holdfast/ownership'
import { type Clock, messageOf, sleep } from '@holdfast/runtime'
import { changesBetween } from './fleet-changes.ts'
import { clockTime } from './instants.ts'

const LOOK_EVERY_MS = 250

export interface WatchFleetOptions {
  readonly read: () => Promise<FleetStanding>
  readonly out: (line: string) => void
  /** Instead of lines: all of it, whenever something has changed. */
  readonly onChange?: (fleet: FleetStanding) => void
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Tells what changes from `first` on, one line each, until interrupted. While Redis is away it says so once, and goes on. */
export async function watchFleet(first: FleetStanding, options: WatchFleetOptions): Promise<void> {
  const { read, out, onChange, clock, signal } = options
  let before = first
  let away = false
  const say = (line: string) => {
    if (!onChange) out(`${clockTime(clock.wallAt())}  ${line}`)
  }
  for (;;) {
    await sleep(clock, LOOK_EVERY_MS, signal)
    if (signal.aborted) return
    try {
      const after = await read()
      if (away) say('Redis answers again')
      away = false
      const changes = changesBetween(before, after)
      for (const line of changes) say(line)
      if (changes.length > 0) onChange?.(after)
      before = after
    } catch (error) {
      if (!away && !signal.aborted) say(`Redis does not answer (${messageOf(error)}); waiting for it`)
      away = true
    }
  }
}
