/*
 * Units of live holders that this replica asks for. As with units that nobody serves, every replica finds for each unit
 * the one that is to ask, and asks where that is itself. Of each connection one unit at a time is on its way.
 */
import type { Lease, MemberRecord } from './lease.ts'
import { connectionOf, isSame, type Roster } from './roster.ts'
import type { Move, OwnUnit, Standpoint } from './standpoint.ts'
import type { TrialVerdict } from './trial.ts'

/** After a hand-over that came to nothing it is left alone for so long. */
const ASK_AGAIN_MS = 30_000

/** A unit with a live holder that somebody may ask for. */
interface Offer {
  readonly unit: OwnUnit
  readonly fence: number
  readonly holder: MemberRecord
}

/** What this replica asks for now. `loads`: units by run; counts what is asked for. */
export function wishes(
  standpoint: Standpoint,
  roster: Roster,
  verdict: TrialVerdict,
  loads: Map<string, number>,
): readonly Move[] {
  const { me, picture, units } = standpoint
  if (me.draining || verdict.kind === 'failed') return []
  const busy = new Set(
    picture.leases.filter((it) => isBusy(it, roster)).map(({ unit }) => connectionOf(unit)),
  )
  for (const { connection, tenure } of units) if ('from' in tenure) busy.add(connection)
  const moves: Move[] = []
  for (const unit of units) {
    const offer = busy.has(unit.connection) ? undefined : offerOf(unit, standpoint, roster)
    const asker = offer && askerOf(offer, standpoint, roster, loads)
    if (!asker) continue
    busy.add(unit.connection)
    shift(loads, offer.holder, asker)
    if (isSame(asker, me) && !isTiredOf(unit, standpoint)) moves.push(ask(offer))
  }
  const calm = moves.length === 0 && units.every(({ tenure }) => !('from' in tenure))
  const evened = calm ? evening(standpoint, roster, loads, busy) : undefined
  return evened ? [ask(evened)] : moves
}

const isBusy = ({ successor }: Lease, roster: Roster) => successor !== undefined && !roster.isGone(successor)

function offerOf(unit: OwnUnit, { me }: Standpoint, roster: Roster): Offer | undefined {
  const lease = unit.tenure.kind === 'none' ? roster.lease(unit.unit) : undefined
  const holder = roster.member(lease?.holder)
  return lease && holder && !isSame(holder, me) ? { unit, fence: lease.fence, holder } : undefined
}

/** Who is to ask for the unit, because its holder gives it away or is of an older rollout. */
function askerOf(
  offer: Offer,
  standpoint: Standpoint,
  roster: Roster,
  loads: ReadonlyMap<string, number>,
): MemberRecord | undefined {
  const { holder } = offer
  const able = candidates(offer, roster)
  if (holder.draining || roster.givesBack(holder))
    return roster.ranked(
      able.filter((it) => !hasCanary(it, offer, standpoint, roster)),
      loads,
    )[0]
  const newest = newestOf(able, roster)
  if (!newest || !roster.isOlder(holder.deploy, newest)) return undefined
  const askers = able.filter((it) => it.deploy === newest && !hasCanary(it, offer, standpoint, roster))
  return roster.leastLoaded(askers, loads)
}

/** Who could take the unit over from its live holder. */
function candidates({ unit, holder }: Offer, roster: Roster): MemberRecord[] {
  return roster.live.filter(
    (it) =>
      !isSame(it, holder) &&
      !it.draining &&
      it.trial !== 'failed' &&
      it.serves.includes(unit.connection) &&
      // A rollout that rests takes nothing from another one, and what its members give back goes to another one.
      (!roster.isResting(it.deploy) || (it.deploy === holder.deploy && !roster.givesBack(holder))),
  )
}

/** Until it is proven, a member on trial has one unit of each connection; one that is fatal anyway does not count. */
function hasCanary(
  member: MemberRecord,
  { unit, holder }: Offer,
  { picture }: Standpoint,
  roster: Roster,
): boolean {
  if (member.trial === 'passed' || roster.isFatalAt(unit.unit, holder)) return false
  return picture.leases.some(
    (lease) =>
      connectionOf(lease.unit) === unit.connection &&
      !roster.isFatalAt(lease.unit, member) &&
      (isSame(lease.holder, member) || (isSame(lease.successor, member) && lease.unit !== unit.unit)),
  )
}

const newestOf = (members: readonly MemberRecord[], roster: Roster): string | undefined =>
  members
    .map(({ deploy }) => deploy)
    .reduce<string | undefined>(
      (newest, it) => (newest && !roster.isOlder(newest, it) ? newest : it),
      undefined,
    )

/** Within one rollout, once nobody has come or gone for a while: who has least takes one from who has most. */
function evening(
  standpoint: Standpoint,
  roster: Roster,
  loads: ReadonlyMap<string, number>,
  busy: ReadonlySet<string>,
): Offer | undefined {
  const { me, units, settledMs, times } = standpoint
  if (settledMs < times.rebalanceAfterMs || me.trial !== 'passed') return undefined
  const load = (member: MemberRecord) => loads.get(member.run) ?? 0
  const offers = units
    .filter((unit) => !busy.has(unit.connection) && !isTiredOf(unit, standpoint))
    .flatMap((unit) => offerOf(unit, standpoint, roster) ?? [])
    .filter((offer) => {
      const { holder, unit } = offer
      const able = candidates(offer, roster)
      const same = able.filter(({ deploy, trial }) => deploy === holder.deploy && trial === 'passed')
      return (
        !roster.isFatalAt(unit.unit, holder) &&
        holder.trial === 'passed' &&
        newestOf(able, roster) === holder.deploy &&
        isSame(roster.leastLoaded(same, loads), me) &&
        load(holder) - load(me) >= 2
      )
    })
  return offers.reduce<Offer | undefined>(
    (most, it) => (most && load(most.holder) >= load(it.holder) ? most : it),
    undefined,
  )
}

/** A hand-over of this unit has just come to nothing. */
export const isTiredOf = ({ tenure }: OwnUnit, { nowMs }: Standpoint) =>
  tenure.kind === 'none' && tenure.withdrewMs !== undefined && nowMs - tenure.withdrewMs < ASK_AGAIN_MS

const ask = ({ unit, fence, holder: { replica, run } }: Offer): Move => ({
  kind: 'ask',
  unit: unit.unit,
  seen: { fence, holder: { replica, run } },
})

function shift(loads: Map<string, number>, from: MemberRecord, to: MemberRecord): void {
  loads.set(from.run, (loads.get(from.run) ?? 0) - 1)
  loads.set(to.run, (loads.get(to.run) ?? 0) + 1)
}
