import { type Clock, sleep } from '@holdfast/runtime'
import type { GatewayAdmin, ToldUnit } from './gateway-admin.ts'

const LOOK_EVERY_MS = 100

/** A unit that has left the gateway. */
export interface Departure {
  readonly unit: string
  /** Who has it now, or was to have it, where the gateway told. */
  readonly to?: string
  /** From the wish to drain until it was seen gone. */
  readonly afterMs: number
}

export interface FollowOptions {
  readonly admin: Pick<GatewayAdmin, 'units'>
  readonly onDeparture: (departure: Departure) => void
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** How the watching ended: nothing is left, somebody stopped it, or the gateway ended with units still there. */
export type FollowEnd = 'drained' | 'interrupted' | 'away'

/** Tells of each unit that leaves, until none is left. `first` is what the gateway told when it was asked. */
export async function followDepartures(
  first: readonly ToldUnit[],
  { admin, onDeparture, clock, signal }: FollowOptions,
): Promise<FollowEnd> {
  const startedMs = clock.monotonicMs()
  const held = new Map<string, string | undefined>()
  for (const { unit, here, to } of first) if (here) held.set(unit, to)
  while (!signal.aborted) {
    const told = await admin.units().catch(() => undefined)
    if (signal.aborted) break
    if (!told) return 'away'
    const afterMs = Math.round(clock.monotonicMs() - startedMs)
    for (const { unit, here, to } of told) if (here) held.set(unit, to ?? held.get(unit))
    for (const [unit, last] of held) {
      const now = told.find((each) => each.unit === unit)
      if (now?.here) continue
      held.delete(unit)
      const to = now?.owner ?? last
      onDeparture({ unit, ...(to === undefined ? {} : { to }), afterMs })
    }
    if (held.size === 0) return 'drained'
    await sleep(clock, LOOK_EVERY_MS, signal)
  }
  return 'interrupted'
}
