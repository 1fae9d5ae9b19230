/*
 * A hand-over under way, from both ends: what the lease says is held against what this replica does with the unit. Each
 * state that waits has an end: the other end's next step, its death, or a time.
 */
import type { Lease, Run } from './lease.ts'
import { isSame, type Roster } from './roster.ts'
import type { Move, OwnUnit, Standpoint, Tenure } from './standpoint.ts'
import { arrivalFailure, isOnTrial, isProven, TRIAL_MS, type TrialVerdict } from './trial.ts'

/** A holder that has not yielded by then is not going to. */
const YIELD_MS = 30_000
/** A successor that has not taken by then does not come; where it proves itself first, it has the time for that. */
const SUCCEED_MS = 10_000
const PROVE_AND_SUCCEED_MS = 45_000

/** What the moves of a unit are made from. */
export interface Handover {
  readonly standpoint: Standpoint
  readonly roster: Roster
  readonly verdict: TrialVerdict
  readonly unit: OwnUnit
  readonly lease: Lease | undefined
}

type Coming = Extract<Tenure, { readonly from: Run }>
type Having = Extract<Tenure, { readonly fence: number }>

/** What the successor does next. */
export function succession(handover: Handover, tenure: Coming): readonly Move[] {
  const { unit, lease, standpoint, verdict } = handover
  const { me } = standpoint
  const name = unit.unit
  const withdraw = (why: string): Move[] => [{ kind: 'withdraw', unit: name, why }]
  if (lease && isSame(lease.holder, me))
    return [{ kind: 'serve', unit: name, fence: lease.fence, onTrial: lease.onTrial }]
  if (!lease || !isSame(lease.holder, tenure.from)) return withdraw('it changed hands')
  if (!isSame(lease.successor, me)) return withdraw('its holder keeps it')
  if (me.draining) return withdraw('this replica drains')
  if (verdict.kind === 'failed') return withdraw(verdict.why)
  switch (tenure.kind) {
    case 'arriving':
      return whileArriving(handover, tenure)
    case 'arrived':
      return whileArrived(handover, tenure, lease)
    case 'beside':
      return whileBeside(handover, tenure, lease)
    default:
      return tenure satisfies never
  }
}

function whileArriving(
  { unit, roster, standpoint }: Handover,
  tenure: Coming & { kind: 'arriving' },
): Move[] {
  const why = arrivalFailure(tenure, standpoint.nowMs)
  if (why === undefined) return []
  const from = roster.member(tenure.from)
  return tenure.failedWhy !== undefined && from && roster.isFatalAt(unit.unit, from)
    ? [{ kind: 'arrive', unit: unit.unit }]
    : [{ kind: 'withdraw', unit: unit.unit, why }]
}

function whileArrived(handover: Handover, tenure: Coming & { kind: 'arrived' }, lease: Lease): Move[] {
  const { unit, standpoint } = handover
  const phase = lease.successor?.phase
  if (phase === 'yielded')
    return provesFirst(handover, tenure.from)
      ? [{ kind: 'proceed', unit: unit.unit }]
      : succeed(handover, tenure.from)
  if (standpoint.nowMs - tenure.sinceMs >= YIELD_MS)
    return [
      { kind: 'withdraw', unit: unit.unit, why: `its holder did not yield within ${YIELD_MS / 1_000} s` },
    ]
  return phase === 'asked' ? [{ kind: 'arrive', unit: unit.unit }] : []
}

function whileBeside(handover: Handover, tenure: Coming & { kind: 'beside' }, lease: Lease): Move[] {
  const { unit, standpoint } = handover
  if (lease.successor?.phase !== 'yielded')
    return [{ kind: 'withdraw', unit: unit.unit, why: 'its holder serves on' }]
  if (!provesFirst(handover, tenure.from)) return succeed(handover, tenure.from)
  const { health, sinceMs } = tenure
  if (isProven(health, standpoint.nowMs)) return [{ kind: 'succeed', unit: unit.unit, onTrial: false }]
  const late = standpoint.nowMs - sinceMs >= TRIAL_MS
  if (!late && health.fatalWhy === undefined) return []
  const why = health.fatalWhy ?? `it did not show within ${TRIAL_MS / 1_000} s that it can be served here`
  return [{ kind: 'withdraw', unit: unit.unit, why }]
}

function succeed({ unit, verdict, roster }: Handover, from: Run): Move[] {
  const onTrial = isOnTrial(unit, verdict, roster, roster.member(from))
  return [{ kind: 'succeed', unit: unit.unit, onTrial }]
}

/** It is to show beside its holder that it can serve the unit. */
const provesFirst = ({ unit, verdict, roster }: Handover, from: Run) =>
  unit.provesBeside && isOnTrial(unit, verdict, roster, roster.member(from))

/** What the holder does next. `mayYield`: no other unit of the connection is on its way. */
export function holding(handover: Handover, tenure: Having, mayYield: boolean): readonly Move[] {
  const { unit, lease, standpoint } = handover
  const name = unit.unit
  const { fence } = tenure
  if (lease?.holder && !isSame(lease.holder, standpoint.me))
    return [{ kind: 'letGo', unit: name, why: `${lease.holder.replica} holds it` }]
  if (!lease?.holder && lease && lease.fence > fence)
    return [{ kind: 'letGo', unit: name, why: 'it changed hands, and is free' }]
  if (!lease?.holder || lease.fence < fence) return [{ kind: 'assert', unit: name, fence }]
  if (lease.fence > fence) return [{ kind: 'serve', unit: name, fence: lease.fence, onTrial: lease.onTrial }]
  switch (tenure.kind) {
    case 'holding':
      // Redis has lost who took it since: a free unit is taken under a number that nobody has.
      if (tenure.health.fenced) return [{ kind: 'release', unit: name, fence }]
      return [...proof(handover, tenure), ...whileHolding(handover, lease, mayYield)]
    case 'yielding':
      return [] // Its driver ends this within its grace.
    case 'yielded':
      return whileYielded(handover, tenure, lease)
    default:
      return tenure satisfies never
  }
}

function proof({ unit, roster, standpoint }: Handover, tenure: Having & { kind: 'holding' }): Move[] {
  if (!tenure.onTrial) return []
  const over = isProven(tenure.health, standpoint.nowMs) || roster.rivals(unit).length === 0
  return over ? [{ kind: 'prove', unit: unit.unit, fence: tenure.fence }] : []
}

function whileHolding({ unit, roster }: Handover, lease: Lease, mayYield: boolean): Move[] {
  const { successor } = lease
  if (!successor) return []
  // What was yielded is yielded no more: this replica serves, and whoever asked may ask again.
  if (roster.isGone(successor) || successor.phase === 'yielded') return [{ kind: 'recall', unit: unit.unit }]
  const { replica, run, phase } = successor
  return phase === 'arrived' && mayYield ? [{ kind: 'yield', unit: unit.unit, to: { replica, run } }] : []
}

function whileYielded(
  { unit, roster, standpoint }: Handover,
  tenure: Having & { kind: 'yielded' },
  lease: Lease,
): Move[] {
  const waitMs = unit.provesBeside ? PROVE_AND_SUCCEED_MS : SUCCEED_MS
  const comes =
    isSame(lease.successor, tenure.to) &&
    !roster.isGone(tenure.to) &&
    standpoint.nowMs - tenure.sinceMs < waitMs
  return comes ? [] : [{ kind: 'recall', unit: unit.unit }]
}
