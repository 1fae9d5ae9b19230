/*
 * The trial of a replica that belongs to a newer rollout. Of each connection it takes one unit first; only when that was
 * shown to be served does it count as able, is ready, and takes the rest. `none` and `passed` make a member `passed`.
 * Passing is for good. A failed trial begins again when its rollout has rested and all is given back, since the fault may
 * have been the platform's; each failure doubles the rest.
 */
import type { MemberRecord } from './lease.ts'
import { isSame, Roster } from './roster.ts'
import type { OwnUnit, Standpoint, Tenure, UnitHealth } from './standpoint.ts'

/** A connection that was up for so long is served. */
export const PASS_MS = 5_000
/** Within so long a unit on trial must be up. */
export const TRIAL_MS = 30_000

/**
 * A driver that has not arrived by then waits for what may take long (the budget of calls, a platform away): on trial it
 * has failed, else it may come another time.
 */
const ARRIVE_MS = 120_000

/** How it stands with the trial; `why` names the unit. */
export type TrialVerdict =
  /** There is nobody to replace. */
  | { readonly kind: 'none' }
  | { readonly kind: 'open'; readonly why: string }
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly why: string }

/**
 * The verdict now. `before`: the last one, whose reason is kept while it stands. When it turns to `failed` the rollout is
 * to be struck, once.
 */
export function judgeTrial(standpoint: Standpoint, before?: TrialVerdict): TrialVerdict {
  const { me } = standpoint
  const roster = new Roster(standpoint)
  if (me.trial === 'passed') return { kind: 'passed' }
  const unfit = unfitWhy(standpoint, roster)
  if (unfit !== undefined) return { kind: 'failed', why: unfit }
  if (me.trial === 'failed') return judgeAgain(standpoint, roster, before)
  for (const unit of standpoint.units) {
    const why = failureOf(unit, standpoint, roster)
    if (why !== undefined) return { kind: 'failed', why: `${unit.unit}: ${why}` }
  }
  const open = whyOpen(standpoint, roster)
  if (open !== undefined) return { kind: 'open', why: open }
  return standpoint.units.some((unit) => serves(unit, standpoint.nowMs))
    ? { kind: 'passed' }
    : { kind: 'none' }
}

/** Whether the unit is shown to be served: an event that came over it is confirmed, or it is up for long enough. */
export function isProven({ confirmed, connectedMs, fatalWhy }: UnitHealth, nowMs: number): boolean {
  return (
    fatalWhy === undefined && (confirmed || (connectedMs !== undefined && nowMs - connectedMs >= PASS_MS))
  )
}

/** Whether a unit that comes to this replica now comes on trial. */
export function isOnTrial(
  unit: OwnUnit,
  verdict: TrialVerdict,
  roster: Roster,
  from?: MemberRecord,
): boolean {
  if (verdict.kind === 'passed' || verdict.kind === 'none') return false
  return roster.rivals(unit).length > 0 && !(from && roster.isFatalAt(unit.unit, from))
}

function judgeAgain(standpoint: Standpoint, roster: Roster, before: TrialVerdict | undefined): TrialVerdict {
  const { me, units, nowMs } = standpoint
  const alone = units.every((unit) => roster.rivals(unit).length === 0)
  const held = units.filter(({ tenure }) => tenure.kind === 'holding')
  if (alone && held.length > 0 && held.every((unit) => serves(unit, nowMs))) return { kind: 'passed' }
  const empty = units.every(({ tenure }) => tenure.kind === 'none')
  const struck = standpoint.picture.deploys.some(({ id, strikeCount }) => id === me.deploy && strikeCount > 0)
  if (empty && struck && !roster.isResting(me.deploy))
    return { kind: 'open', why: 'the trial failed, and begins again' }
  return before?.kind === 'failed' ? before : { kind: 'failed', why: 'the trial failed before' }
}

/** Why the replica is not even to try, while an older one serves, or could. */
function unfitWhy(standpoint: Standpoint, roster: Roster): string | undefined {
  const { me, units, refused = new Map<string, string>() } = standpoint
  for (const [connection, why] of refused)
    if (roster.isServedByOlder(connection)) return `${connection}: ${why}`
  // Taken again at once, it could die of it again and again, and nobody would ever see it stand still.
  const fallen = units.find((unit) => {
    const { onTrial, holder } = roster.lease(unit.unit) ?? {}
    const diedOfIt = onTrial && holder?.replica === me.replica && !isSame(holder, me)
    return diedOfIt && roster.rivals(unit).length > 0
  })
  return fallen && `${fallen.unit}: the process before this one ended while it was on trial with it`
}

/** Why the replica can't serve a unit that it was to show it could. */
function failureOf(
  { unit, tenure, ...rest }: OwnUnit,
  standpoint: Standpoint,
  roster: Roster,
): string | undefined {
  const { nowMs } = standpoint
  switch (tenure.kind) {
    case 'arriving': {
      const from = roster.member(tenure.from)
      if (!from || roster.isFatalAt(unit, from) || !roster.isOlder(from.deploy, standpoint.me.deploy))
        return undefined
      return arrivalFailure(tenure, nowMs)
    }
    case 'beside': {
      const from = roster.member(tenure.from)
      if (!rest.provesBeside || !from || roster.isFatalAt(unit, from)) return undefined
      return unwellWhy(tenure.health, tenure.sinceMs, nowMs)
    }
    case 'holding':
      return tenure.onTrial ? unwellWhy(tenure.health, tenure.sinceMs, nowMs) : undefined
    default:
      return undefined
  }
}

/** Why a driver will not come to serve beside the holder; undefined while it may. */
export function arrivalFailure(
  { failedWhy, sinceMs }: Extract<Tenure, { kind: 'arriving' }>,
  nowMs: number,
): string | undefined {
  const late = nowMs - sinceMs >= ARRIVE_MS
  return failedWhy ?? (late ? `its driver did not arrive within ${ARRIVE_MS / 1_000} s` : undefined)
}

function unwellWhy(health: UnitHealth, sinceMs: number, nowMs: number): string | undefined {
  if (health.fatalWhy !== undefined) return health.fatalWhy
  const late = nowMs - sinceMs >= TRIAL_MS && health.connectedMs === undefined && !health.confirmed
  return late ? `not connected within ${TRIAL_MS / 1_000} s` : undefined
}

/** What there is still to show, or to wait for; undefined where there is nothing. */
function whyOpen(standpoint: Standpoint, roster: Roster): string | undefined {
  const { me, units, nowMs, backMs, times } = standpoint
  // What is shown of the others is not yet all of them.
  if (backMs < times.leaseMs) return 'Redis was away, and the other replicas have still to come back'
  const shown = new Set(units.filter((unit) => serves(unit, nowMs)).map(({ connection }) => connection))
  const open = units.find((unit) => !shown.has(unit.connection) && !isSettled(unit, standpoint, roster))
  if (!open) return undefined
  const resting = roster.isResting(me.deploy) ? `; its rollout ${me.deploy} rests after a failed trial` : ''
  return `${open.unit}: has still to be served for ${PASS_MS / 1_000} s, or to bring an event${resting}`
}

/** It holds the unit, and has shown that it serves it. */
function serves({ tenure }: OwnUnit, nowMs: number): boolean {
  if (tenure.kind !== 'holding' || tenure.health.fatalWhy !== undefined) return false
  return !tenure.onTrial || isProven(tenure.health, nowMs)
}

const isFatalHere = ({ tenure }: OwnUnit) =>
  tenure.kind === 'holding' && !tenure.onTrial && tenure.health.fatalWhy !== undefined

/** Nobody older is there for the unit, or one of this rollout has it for good, or nobody can serve it. */
function isSettled(unit: OwnUnit, { me, stillMs, times }: Standpoint, roster: Roster): boolean {
  const lease = roster.lease(unit.unit)
  const holder = lease?.holder
  const member = roster.member(holder)
  const unknown = holder && !member && !roster.isGone(holder) && stillMs(holder) < times.leaseMs
  if (unknown) return false
  if (roster.rivals(unit).length === 0) return true
  if (!member || !lease) return false
  if (isSame(member, me)) return isFatalHere(unit)
  return roster.isFatalAt(unit.unit, member) || (!lease.onTrial && !roster.isOlder(member.deploy, me.deploy))
}
