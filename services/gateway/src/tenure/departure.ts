/*
 * How a unit leaves this replica: yielded to a successor, called back where that one does not come, or let go of because it
 * is another's by now.
 */
import type { Run } from '@holdfast/ownership'
import type { Seat } from './seat.ts'
import { type Held, type Holding, heldOf, type Leaving, type Paused, type State } from './tenure-state.ts'

/** What the successor hears as well needs no more than this of us. */
const HANDED_OVER_GRACE_MS = 1_000

/** Lets the successor go on, once all that is its own is confirmed. */
export async function yieldTo(seat: Seat, to: Run, before: Holding | Paused): Promise<void> {
  const { log, graceMs } = seat.options
  const { fence } = before
  const served = before.kind === 'holding' ? before.served : undefined
  log.info({ unit: seat.unit, to: to.replica }, 'the unit is being handed over')
  if (!seat.become({ kind: 'yielding', fence, sinceMs: seat.nowMs(), to, served })) return
  const how = await served?.yield(graceMs)
  const left = how === 'serving' ? served : undefined
  const offering = { kind: 'offering', fence, sinceMs: seat.nowMs(), to, served: left } as const
  if (seat.become(offering)) await offer(seat, offering)
}

/** Says that the successor may go on. */
export async function offer(seat: Seat, state: Leaving): Promise<void> {
  const { store, run } = seat.options
  if (await store.yield(seat.unit, run, state.fence))
    seat.become({ ...state, kind: 'yielded', sinceMs: seat.nowMs() })
  else serveOn(seat, state, 'its successor does not come')
}

/** The successor does not come. */
export async function recall(seat: Seat, state: State & Held): Promise<void> {
  const { store, run } = seat.options
  if (!(await store.recall(seat.unit, run, state.fence))) return
  if ('to' in state) serveOn(seat, state, 'it was called back')
}

/** The unit is another's by now. */
export async function letGo(seat: Seat, why: string): Promise<void> {
  const { metrics, log } = seat.options
  const { state, unit } = seat
  const isHandedOver = state.kind === 'yielded' || state.kind === 'offering'
  if (isHandedOver) log.info({ unit, to: state.to.replica }, 'the unit was handed over')
  else {
    metrics.lost()
    log.warn({ unit, connection: seat.candidate.connection, why }, 'let go of the unit')
  }
  if ('served' in state) await state.served?.stop(isHandedOver ? HANDED_OVER_GRACE_MS : 0)
  seat.become({ kind: 'none' })
}

/** Stops the driver and keeps the lease. */
export async function pause(seat: Seat, state: Holding, graceMs: number): Promise<void> {
  await state.served.stop(graceMs)
  const { fence, sinceMs, onTrial } = state
  seat.become({ kind: 'paused', fence, sinceMs, onTrial })
}

/** Stops the driver within the grace, and frees what is ours. For good. */
export async function end(seat: Seat, graceMs: number): Promise<void> {
  const { store, run } = seat.options
  const { state, unit } = seat
  seat.become({ kind: 'ended' })
  if ('served' in state) await state.served?.stop(graceMs)
  const lease = heldOf(state)
  if (lease) await seat.say(() => store.release(unit, run, lease.fence))
  else if ('askedMs' in state) await seat.say(() => store.withdraw(unit, run))
}

function serveOn(seat: Seat, { fence, served, to }: Leaving, why: string): void {
  const { log } = seat.options
  log.warn({ unit: seat.unit, to: to.replica, why }, 'the unit is not handed over: serving on')
  const serving = served ?? seat.serve()
  const sinceMs = seat.nowMs()
  if (!seat.become({ kind: 'holding', fence, sinceMs, onTrial: false, served: serving })) return
  if (served) served.serveOn()
  else seat.begin(serving, fence)
}
