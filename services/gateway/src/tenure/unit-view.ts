import { decodeUnits, type Lease, type Picture, type Run, type UnitReport } from '@holdfast/ownership'
import type { ConnectionStatus } from '../ports.ts'
import { unitName } from '../readiness.ts'
import type { Candidate } from './candidate.ts'

/** A hand-over of a unit that is under way. */
export interface HandoverView {
  readonly from: string
  readonly to: string
  readonly phase: string
}

/** A unit as it is shown, whoever holds it. */
export interface UnitView extends Omit<ConnectionStatus, 'platform' | 'transport' | 'state'> {
  readonly unit: string
  readonly platform?: string
  readonly transport?: string
  /** As its owner tells; `unknown` where it tells nothing, `free` where nobody holds it. */
  readonly state: string
  /** The replica that holds it. */
  readonly owner?: string
  readonly fence?: number
  readonly handover?: HandoverView
}

/** One that is held here. */
export function viewOwn(status: ConnectionStatus, me: Run, picture: Picture | undefined): UnitView {
  const unit = unitName(status)
  const lease = picture?.leases.find((each) => each.unit === unit)
  return { unit, ...status, owner: me.replica, ...leaseView(lease) }
}

/** All that are not served here: those that could be, and what others hold beside them. */
export function viewOthers(
  served: ReadonlySet<string>,
  candidates: readonly Candidate[],
  me: Run,
  picture: Picture | undefined,
): readonly UnitView[] {
  if (!picture) return []
  const known = new Set(candidates.map(({ unit }) => unit))
  const leases = picture.leases.filter(({ unit, holder }) => !served.has(unit) && (holder || known.has(unit)))
  // What this replica last said of itself is older than what it knows.
  const reports = reportsOf(picture.members.filter(({ run }) => run !== me.run))
  return leases.map((lease) => viewOther(lease, reports, picture))
}

function viewOther(lease: Lease, reports: ReadonlyMap<string, UnitReport>, picture: Picture): UnitView {
  const { unit, holder, sinceAt } = lease
  const [connection = unit, shard] = unit.split('/')
  const named = { unit, connection, ...(shard === undefined ? {} : { shard: Number(shard) }) }
  const report = holder && reports.get(`${holder.run} ${unit}`)
  const isListed = picture.members.some(({ run }) => run === holder?.run)
  const state = holder ? 'unknown' : 'free'
  const why = holder && !isListed ? { why: `${holder.replica} gives no sign of life` } : {}
  return {
    ...named,
    ...(report ?? { state, sinceAt, ...why }),
    ...(holder && { owner: holder.replica }),
    ...leaseView(lease),
  }
}

function leaseView(lease: Lease | undefined): Pick<UnitView, 'fence' | 'handover'> {
  if (!lease) return {}
  const { fence, holder, successor } = lease
  if (!holder || !successor) return { fence }
  return { fence, handover: { from: holder.replica, to: successor.replica, phase: successor.phase } }
}

function reportsOf(members: Picture['members']): ReadonlyMap<string, UnitReport> {
  const reports = members.flatMap(({ run, fields }) =>
    (decodeUnits(fields)?.units ?? []).map((report) => [`${run} ${report.unit}`, report] as const),
  )
  return new Map(reports)
}
