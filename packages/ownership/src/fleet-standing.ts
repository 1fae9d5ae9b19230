/*
 * How replicas and units stand, for people: made of one picture, by whoever shows it. Values only.
 */
import type { HandoverPhase, Lease, MemberSeen, Picture } from './lease.ts'
import type { Member } from './members.ts'
import { connectionOf } from './roster.ts'
import { decodeUnits, type UnitReport } from './unit-report.ts'

/** `failed`: it could not show that it can serve, and has given back what it took. */
export type ReplicaState = 'standing' | 'on trial' | 'draining' | 'failed'

/** A replica that lives. */
export interface ReplicaStanding {
  readonly replica: string
  /** Absent, as its deploy may be, where it is of a version that tells none. */
  readonly run?: string
  readonly deploy?: string
  readonly state: ReplicaState
  /** What it has still to show, or why it failed. */
  readonly why?: string
  readonly version?: string
  /** Unix milliseconds: since when its process runs. */
  readonly startedAt?: number
  /** How many leases it holds. */
  readonly heldCount: number
}

/** A unit on its way from its owner to another replica. */
export interface HandoverStanding {
  readonly to: string
  readonly phase: HandoverPhase
}

/** A unit that some replica holds, or should. */
export interface UnitStanding {
  readonly unit: string
  /** Absent where nobody tells. */
  readonly platform?: string
  /**
   * As its owner names it (`connected`, `connecting`, `waiting`, `stopped`, `fatal`); `free` where nobody holds it, `silent`
   * where its owner is not heard of, `untold` where the owner does not tell of it.
   */
  readonly state: string
  readonly why?: string
  /** Absent where it is free. */
  readonly owner?: string
  /** Of its lease; absent where its owner has none, as one of an older version. */
  readonly fence?: number
  /** Unix milliseconds: since when it is held by this owner, or free. */
  readonly sinceAt: number
  /** Unix milliseconds: since when it is in its state, where the owner tells. */
  readonly stateSinceAt?: number
  readonly sequence?: NonNullable<UnitReport['sequence']>
  /** The owner has not shown yet that it can serve it. */
  readonly onTrial: boolean
  readonly handover?: HandoverStanding
}

/** A deploy that takes nothing from another for a while. */
export interface RestingDeploy {
  readonly deploy: string
  readonly strikeCount: number
  /** Unix milliseconds. */
  readonly untilAt: number
}

/** All of it at one moment. */
export interface FleetStanding {
  /** Unix milliseconds, Redis' clock. */
  readonly at: number
  readonly replicas: readonly ReplicaStanding[]
  /** Sorted by name, numbers as numbers. */
  readonly units: readonly UnitStanding[]
  readonly resting: readonly RestingDeploy[]
}

const NAMES = new Intl.Collator('en', { numeric: true })

/**
 * Of `listed` those are added that the picture does not know: gateways of a version without leases. What was held once and
 * no live replica has in its configuration any more is left out.
 */
export function standingOf(
  { at, members, leases, deploys }: Picture,
  listed: readonly Member[] = [],
): FleetStanding {
  const older = listed.filter(({ id }) => !members.some(({ replica }) => replica === id))
  const known = leases.filter((lease) => lease.holder !== undefined || isWanted(lease.unit, members))
  const reports = new Map(members.map((member) => [member.replica, reportsOf(member)]))
  const leased = new Set(leases.map(({ unit }) => unit))
  const units = [
    ...known.map((lease) => leasedUnit(lease, reports)),
    ...[...members.map(({ replica, fields }) => ({ id: replica, fields })), ...older].flatMap((member) =>
      unleasedUnits(member, leased),
    ),
  ]
  return {
    at,
    replicas: [...members.map((member) => replicaOf(member, leases)), ...older.map(olderReplica)].sort(
      (a, b) => NAMES.compare(a.replica, b.replica),
    ),
    units: units.sort((a, b) => NAMES.compare(a.unit, b.unit)),
    resting: deploys
      .filter(({ restUntilAt }) => restUntilAt > at)
      .map(({ id, strikeCount, restUntilAt }) => ({ deploy: id, strikeCount, untilAt: restUntilAt })),
  }
}

/** Where nobody lives, nobody knows what is wanted: then everything counts. */
function isWanted(unit: string, members: readonly MemberSeen[]): boolean {
  return members.length === 0 || members.some(({ serves }) => serves.includes(connectionOf(unit)))
}

function replicaOf(member: MemberSeen, leases: readonly Lease[]): ReplicaStanding {
  const { replica, run, deploy, fields } = member
  const state = replicaState(member)
  return {
    replica,
    run,
    deploy,
    state,
    ...(isTried(state) && fields.trialWhy !== undefined ? { why: fields.trialWhy } : {}),
    ...toldOf(fields),
    heldCount: leases.filter(({ holder }) => holder?.replica === replica && holder.run === run).length,
  }
}

function olderReplica({ id, fields }: Member): ReplicaStanding {
  const heldCount = decodeUnits(fields)?.units.length ?? 0
  const deploy = fields.deployId === undefined ? {} : { deploy: fields.deployId }
  return { replica: id, ...deploy, state: 'standing', ...toldOf(fields), heldCount }
}

function toldOf({ version, startedAt }: Member['fields']) {
  const at = Date.parse(startedAt ?? '')
  return { ...(version === undefined ? {} : { version }), ...(Number.isNaN(at) ? {} : { startedAt: at }) }
}

const isTried = (state: ReplicaState) => state === 'failed' || state === 'on trial'

function replicaState({ draining, trial }: MemberSeen): ReplicaState {
  if (draining) return 'draining'
  switch (trial) {
    case 'open':
      return 'on trial'
    case 'failed':
      return 'failed'
    case 'passed':
      return 'standing'
    default:
      return trial satisfies never
  }
}

type Reports = ReadonlyMap<string, UnitReport>

function reportsOf({ fields }: Pick<MemberSeen, 'fields'>): Reports {
  return new Map((decodeUnits(fields)?.units ?? []).map((report) => [report.unit, report]))
}

function leasedUnit(lease: Lease, reports: ReadonlyMap<string, Reports>): UnitStanding {
  const { unit, holder, fence, sinceAt, onTrial, successor } = lease
  const told = holder && reports.get(holder.replica)
  const report = told?.get(unit)
  return {
    unit,
    ...(report ? { platform: report.platform, stateSinceAt: report.sinceAt } : {}),
    ...(report?.sequence ? { sequence: report.sequence } : {}),
    ...stateOf(lease, told, report),
    ...(holder ? { owner: holder.replica } : {}),
    fence,
    sinceAt,
    onTrial: holder !== undefined && onTrial,
    ...(successor ? { handover: { to: successor.replica, phase: successor.phase } } : {}),
  }
}

function stateOf({ holder }: Lease, told: Reports | undefined, report: UnitReport | undefined) {
  if (!holder) return { state: 'free' }
  if (!told) return { state: 'silent' }
  if (!report) return { state: 'untold' }
  return { state: report.state, ...(report.why === undefined ? {} : { why: report.why }) }
}

/** What a gateway without leases serves. */
function unleasedUnits({ id, fields }: Member, leased: ReadonlySet<string>): UnitStanding[] {
  return [...reportsOf({ fields }).values()]
    .filter(({ unit }) => !leased.has(unit))
    .map(({ unit, platform, state, why, sinceAt, sequence }) => ({
      unit,
      platform,
      state,
      stateSinceAt: sinceAt,
      ...(sequence ? { sequence } : {}),
      ...(why === undefined ? {} : { why }),
      owner: id,
      sinceAt,
      onTrial: false,
    }))
}
