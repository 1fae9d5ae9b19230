/*
 * Who is there, as one replica sees it: which members live, which rollout is newer, how many units each has. Everything is
 * read from one standpoint; nothing here decides.
 */
import type { Lease, MemberRecord, Run } from './lease.ts'
import type { OwnUnit, Standpoint } from './standpoint.ts'
import { decodeUnits } from './unit-report.ts'

export const isSame = (one: Run | undefined, other: Run | undefined): boolean =>
  one !== undefined && other !== undefined && one.replica === other.replica && one.run === other.run

/** The connection of a unit: `bastion` for `bastion/3`. */
export const connectionOf = (unit: string): string => unit.split('/', 1)[0] ?? unit

/** Those who live, and what they have. */
export class Roster {
  /** Members that were not seen standing still, this replica among them, sorted by replica. */
  readonly live: readonly MemberRecord[]
  readonly #standpoint: Standpoint
  readonly #leases: ReadonlyMap<string, Lease>
  readonly #fatal = new Map<string, ReadonlySet<string>>()

  constructor(standpoint: Standpoint) {
    const { me, picture, stillMs, times } = standpoint
    this.#standpoint = standpoint
    this.#leases = new Map(picture.leases.map((lease) => [lease.unit, lease]))
    const others = picture.members.filter(
      (member) => member.replica !== me.replica && stillMs(member) < times.leaseMs,
    )
    this.live = [...others, me].sort((a, b) => (a.replica < b.replica ? -1 : 1))
  }

  lease(unit: string): Lease | undefined {
    return this.#leases.get(unit)
  }

  /** The live member that is this run. */
  member(run: Run | undefined): MemberRecord | undefined {
    return this.live.find((member) => isSame(member, run))
  }

  /** Whether a run is surely no more: it stood still, or its replica lives on as another. */
  isGone(run: Run): boolean {
    const { me, picture, stillMs, times } = this.#standpoint
    const replaced = [me, ...picture.members].some((it) => it.replica === run.replica && it.run !== run.run)
    return replaced || stillMs(run) >= times.leaseMs
  }

  /** Whether one rollout is older than the other: the one whose first member came earlier. */
  isOlder(deploy: string, than: string): boolean {
    const [one, other] = [this.#sinceAt(deploy), this.#sinceAt(than)]
    return one === other ? deploy < than : one < other
  }

  isResting(deploy: string): boolean {
    const { deploys, at } = this.#standpoint.picture
    return deploys.some(({ id, restUntilAt }) => id === deploy && restUntilAt > at)
  }

  /** Whether a member is to give its units back: it failed, or is unproven and its rollout rests because another one failed. */
  givesBack({ trial, deploy }: MemberRecord): boolean {
    return trial === 'failed' || (trial === 'open' && this.isResting(deploy))
  }

  /** How many units each has, or has asked for; by run. */
  loads(): Map<string, number> {
    const loads = new Map<string, number>()
    for (const { holder, successor } of this.#standpoint.picture.leases) {
      const run = successor && !this.isGone(successor) ? successor : holder
      if (run) loads.set(run.run, (loads.get(run.run) ?? 0) + 1)
    }
    return loads
  }

  /** Whom a unit falls to, best first: proven before unproven, newer before older, then who has least. */
  ranked(members: readonly MemberRecord[], loads: ReadonlyMap<string, number>): MemberRecord[] {
    const load = ({ run }: MemberRecord) => loads.get(run) ?? 0
    return members.toSorted(
      (a, b) =>
        Number(b.trial === 'passed') - Number(a.trial === 'passed') ||
        Number(this.isOlder(a.deploy, b.deploy)) - Number(this.isOlder(b.deploy, a.deploy)) ||
        load(a) - load(b) ||
        (a.replica < b.replica ? -1 : 1),
    )
  }

  /** Who has least; of those, the first by replica. */
  leastLoaded(
    members: readonly MemberRecord[],
    loads: ReadonlyMap<string, number>,
  ): MemberRecord | undefined {
    const load = ({ run }: MemberRecord) => loads.get(run) ?? 0
    return members.toSorted((a, b) => load(a) - load(b) || (a.replica < b.replica ? -1 : 1))[0]
  }

  /** Whether a live member reports that the platform refuses the unit for good. */
  isFatalAt(unit: string, { run, fields }: MemberRecord): boolean {
    const known = this.#fatal.get(run) ?? new Set(readFatal(fields))
    this.#fatal.set(run, known)
    return known.has(unit)
  }

  /**
   * Older members that could serve the unit again, should this replica turn out not to: while there is one, what comes to
   * an unproven replica comes on trial.
   */
  rivals({ connection }: OwnUnit): readonly MemberRecord[] {
    const { me } = this.#standpoint
    return this.live.filter(
      (it) =>
        !it.draining &&
        it.trial !== 'failed' &&
        it.serves.includes(connection) &&
        this.isOlder(it.deploy, me.deploy),
    )
  }

  /** Whether an older member holds a unit of the connection, and the platform does not refuse it there. */
  isServedByOlder(connection: string): boolean {
    return [...this.#leases.values()].some(({ unit, holder }) => {
      const member = this.member(holder)
      if (!member || connectionOf(unit) !== connection || this.isFatalAt(unit, member)) return false
      return this.isOlder(member.deploy, this.#standpoint.me.deploy)
    })
  }

  /** A rollout that Redis does not know is as new as can be: its first member has only just come. */
  #sinceAt(deploy: string): number {
    const { picture, deploySinceAt } = this.#standpoint
    const told = picture.deploys.find(({ id }) => id === deploy)?.sinceAt ?? Number.POSITIVE_INFINITY
    return Math.min(told, deploySinceAt(deploy) ?? told)
  }
}

const readFatal = (fields: MemberRecord['fields']) =>
  (decodeUnits(fields)?.units ?? []).filter(({ state }) => state === 'fatal').map(({ unit }) => unit)
