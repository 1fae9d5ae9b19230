/*
 * Units that nobody serves. Every replica gives all of them out, in the same order and by the same rule, and takes those that
 * fall to it; so no two want the same as long as they see the same. Where they do not, the store lets one of them have it.
 */
import type { MemberRecord, SeenLease } from './lease.ts'
import { isSame, type Roster } from './roster.ts'
import type { Move, OwnUnit, Standpoint } from './standpoint.ts'
import { isOnTrial, type TrialVerdict } from './trial.ts'

/** What its member has not taken by then, anybody takes. */
const FALLBACK_MS = 2_000

/** A unit that may be taken, and since when. */
interface Vacancy {
  readonly seen: SeenLease
  readonly forMs: number
  /** An earlier life of this replica held it. */
  readonly own: boolean
}

/** What this replica takes now. `loads`: units by run; counts what is given out. */
export function claims(
  standpoint: Standpoint,
  roster: Roster,
  verdict: TrialVerdict,
  loads: Map<string, number>,
): readonly Move[] {
  const { me, units, backMs, times } = standpoint
  // Redis may have lost leases that others hold: they say so first.
  if (backMs < times.leaseMs) return []
  const moves: Move[] = []
  for (const unit of units) {
    const vacancy = isUnserved(unit) && vacancyOf(unit.unit, standpoint, roster)
    if (!vacancy) continue
    const { best, mayTake } = applicants(unit, roster, me, loads)
    const mine = mayTake && (vacancy.own || vacancy.forMs >= FALLBACK_MS || isSame(best, me))
    const taker = mine ? me : best
    if (taker) loads.set(taker.run, (loads.get(taker.run) ?? 0) + 1)
    if (mine)
      moves.push({
        kind: 'take',
        unit: unit.unit,
        seen: vacancy.seen,
        onTrial: isOnTrial(unit, verdict, roster),
      })
  }
  return moves
}

/** Whoever prepares for a unit takes it like any other, once its holder is dead: nobody is going to yield it. */
const isUnserved = ({ tenure }: OwnUnit) => tenure.kind === 'none' || 'from' in tenure

function vacancyOf(
  unit: string,
  { me, stillMs, beat, freeMs, times }: Standpoint,
  roster: Roster,
): Vacancy | undefined {
  const { holder, fence = 0 } = roster.lease(unit) ?? {}
  if (!holder) return { seen: { fence }, forMs: freeMs(unit), own: false }
  if (holder.replica === me.replica)
    return isSame(holder, me) ? undefined : { seen: { fence, holder }, forMs: 0, own: true }
  const forMs = stillMs(holder) - times.leaseMs
  return forMs < 0 ? undefined : { seen: { fence, holder, stillBeat: beat(holder) }, forMs, own: false }
}

/** To whom the unit falls, and whether this replica may have it at all. */
function applicants(
  { connection }: OwnUnit,
  roster: Roster,
  me: MemberRecord,
  loads: ReadonlyMap<string, number>,
): { readonly best: MemberRecord | undefined; readonly mayTake: boolean } {
  const willing = roster.live.filter(({ draining, serves }) => !draining && serves.includes(connection))
  const fit = willing.filter(({ trial, deploy }) => trial !== 'failed' && !roster.isResting(deploy))
  // Nobody fit is left: those who failed may try, rather than nobody.
  const able = fit.length > 0 ? fit : willing
  return { best: roster.ranked(able, loads)[0], mayTake: able.some((it) => isSame(it, me)) }
}
