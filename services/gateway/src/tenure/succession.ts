/*
 * How a unit comes to this replica: taken where nobody serves it, or asked for, prepared and then taken from its holder.
 */
import type { Move, Run } from '@holdfast/ownership'
import { sleep } from '@holdfast/runtime'
import type { Seat, TakeReason } from './seat.ts'
import type { Preparing } from './tenure-state.ts'

/** What was prepared and is not wanted has published nothing that is its own to confirm. */
const WITHDRAW_GRACE_MS = 1_000

/**
 * Whoever has arrived may have been yielded to in this moment, by a holder that has closed its sockets for it: ours stay open
 * until that one has opened its own again.
 */
const ARRIVED_LINGER_MS = 1_000

/** Takes a unit that nobody serves, and starts alone. */
export async function take(seat: Seat, { seen, onTrial }: Move & { kind: 'take' }): Promise<void> {
  const { store, run, metrics, log } = seat.options
  const fence = await store.take(seat.unit, run, seen, onTrial)
  if (fence === undefined) return
  const reason = reasonOf(seen.holder, run)
  metrics.takenOver(reason)
  log.info({ unit: seat.unit, fence, reason, ...from(seen.holder) }, 'took the unit')
  await seat.own(fence, onTrial)
}

/** Asks the holder, and begins to prepare; nothing where somebody else was first. */
export async function ask(seat: Seat, { seen }: Move & { kind: 'ask' }): Promise<Preparing | undefined> {
  const { store, run, log } = seat.options
  if (!(await store.ask(seat.unit, run, seen))) return undefined
  log.info({ unit: seat.unit, ...from(seen.holder) }, 'asked for the unit')
  const nowMs = seat.nowMs()
  const times = { sinceMs: nowMs, askedMs: nowMs }
  const state: Preparing = { kind: 'arriving', from: seen.holder, ...times, served: seat.serve() }
  return seat.become(state) ? state : undefined
}

/** Says that it could go on. What could not arrive is of no more use, and made anew: it is as fatal at its holder. */
export async function arrive(seat: Seat, { failedWhy, ...state }: Preparing): Promise<void> {
  const { store, run } = seat.options
  if (failedWhy !== undefined) await state.served.stop(0)
  const served = failedWhy === undefined ? state.served : seat.serve()
  if (seat.become({ ...state, kind: 'arrived', sinceMs: seat.nowMs(), served }))
    await store.arrive(seat.unit, run)
}

/** The holder has yielded. */
export function proceed(seat: Seat, state: Preparing): void {
  state.served.proceed()
  seat.become({ ...state, kind: 'beside', sinceMs: seat.nowMs() })
}

/** Takes what was yielded, and owns it. */
export async function succeed(
  seat: Seat,
  state: Preparing,
  { onTrial }: Move & { kind: 'succeed' },
): Promise<void> {
  const { store, run, metrics, log } = seat.options
  const fence = await store.succeed(seat.unit, run, onTrial)
  if (fence === undefined) return
  const tookMs = Math.round(seat.nowMs() - state.askedMs)
  metrics.handedOver(tookMs / 1_000)
  log.info(
    { unit: seat.unit, fence, tookMs, ...from(state.from) },
    `the unit was handed over in ${tookMs} ms`,
  )
  await seat.own(fence, onTrial)
}

/** Stops preparing. */
export async function withdraw(seat: Seat, state: Preparing, why: string): Promise<void> {
  const { store, run, clock, log } = seat.options
  await store.withdraw(seat.unit, run)
  if (state.kind === 'arrived') await sleep(clock, ARRIVED_LINGER_MS)
  await state.served.stop(WITHDRAW_GRACE_MS)
  log.info({ unit: seat.unit, why, ...from(state.from) }, 'stopped asking for the unit')
  seat.become({ kind: 'none', withdrewMs: seat.nowMs() })
}

function reasonOf(holder: Run | undefined, { replica }: Run): TakeReason {
  if (!holder) return 'free'
  return holder.replica === replica ? 'restart' : 'still'
}

const from = (holder: Run | undefined) => (holder ? { from: holder.replica } : {})
