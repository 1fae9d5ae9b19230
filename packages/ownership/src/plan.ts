/*
 * The plan: from what one replica knows, what it does next. Pure and deterministic, so that all of ownership can be tried in
 * a model world. It has three parts: units on their way or held (`handover.ts`), units that nobody serves (`claim.ts`), and
 * units that this replica is to ask their holder for (`wish.ts`). Any move may come too late: each is compared with the
 * lease by the store, and the next picture leads to the next plan.
 */

import { claims } from './claim.ts'
import { type Handover, holding, succession } from './handover.ts'
import type { MemberRecord } from './lease.ts'
import { isSame, Roster } from './roster.ts'
import type { Move, OwnUnit, Standpoint } from './standpoint.ts'
import { judgeTrial, type TrialVerdict } from './trial.ts'
import { isTiredOf, wishes } from './wish.ts'

/** What to do now, in this order. `verdict`: on the trial, as of this standpoint. */
export function plan(standpoint: Standpoint, verdict = judgeTrial(standpoint)): readonly Move[] {
  const judged = { ...standpoint, me: { ...standpoint.me, trial: trialOf(verdict) } }
  const roster = new Roster(judged)
  const loads = roster.loads()
  return [
    ...tenures(judged, roster, verdict),
    ...claims(judged, roster, verdict, loads),
    ...wishes(judged, roster, verdict, loads),
  ]
}

/** What a replica says of its trial to the others. */
export function trialOf({ kind }: TrialVerdict): MemberRecord['trial'] {
  return kind === 'none' ? 'passed' : kind
}

/** What is under way, or held. */
function tenures(standpoint: Standpoint, roster: Roster, verdict: TrialVerdict): Move[] {
  const going = new Set(standpoint.units.filter(isGoing).map(({ connection }) => connection))
  const moves: Move[] = []
  for (const unit of standpoint.units) {
    const handover = { standpoint, roster, verdict, unit, lease: roster.lease(unit.unit) }
    const next = movesOf(handover, !going.has(unit.connection))
    if (next.some(({ kind }) => kind === 'yield')) going.add(unit.connection)
    moves.push(...next)
  }
  return moves
}

const isGoing = ({ tenure }: OwnUnit) => tenure.kind === 'yielding' || tenure.kind === 'yielded'

function movesOf(handover: Handover, mayYield: boolean): readonly Move[] {
  const { tenure } = handover.unit
  switch (tenure.kind) {
    case 'none':
      return unserved(handover)
    case 'arriving':
    case 'arrived':
    case 'beside':
      return succession(handover, tenure)
    case 'holding':
    case 'yielding':
    case 'yielded':
      return holding(handover, tenure, mayYield)
    default:
      return tenure satisfies never
  }
}

/** We do nothing with the unit, as far as we know; the lease may know better: an answer was lost, or a driver was given up. */
function unserved({ unit, lease, standpoint, verdict }: Handover): Move[] {
  const { me } = standpoint
  const stays = !me.draining && verdict.kind !== 'failed'
  if (!lease?.holder) return []
  const { fence, holder, onTrial, successor } = lease
  if (isSame(holder, me))
    return stays
      ? [{ kind: 'serve', unit: unit.unit, fence, onTrial }]
      : [{ kind: 'release', unit: unit.unit, fence }]
  if (!isSame(successor, me)) return []
  return stays && successor?.phase === 'asked' && !isTiredOf(unit, standpoint)
    ? [{ kind: 'ask', unit: unit.unit, seen: { fence, holder } }]
    : [{ kind: 'withdraw', unit: unit.unit, why: 'it does not prepare for it' }]
}
