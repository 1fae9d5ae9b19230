import type { Clock } from '@holdfast/runtime'
import { HighestFences } from './highest-fences.ts'
import type {
  Lease,
  LeaseNews,
  LeaseStore,
  MemberRecord,
  Picture,
  Run,
  SeenLease,
  Successor,
} from './lease.ts'
import { MemoryRoster } from './memory-roster.ts'
import { isSame } from './roster.ts'

/** A lease store that lives in this process, and what tests need beside it. */
export interface MemoryLeaseStore extends LeaseStore {
  /** News of this store, for one replica. */
  news(): LeaseNews
  /** Forgets everything, as a Redis that came back empty. */
  lose(): void
}

interface Held {
  readonly lease: Lease
  /** Of the holder. */
  readonly deploy?: string
  /** Of the successor, where that is on trial. */
  readonly trialOf?: string
}

/**
 * Leases in memory, for tests: behaves as the ones in Redis; all replicas of a test share one. `clock` stands for Redis' own.
 */
export function createMemoryLeaseStore(clock: Pick<Clock, 'wallAt'>): MemoryLeaseStore {
  return new MemoryLeases(clock)
}

class MemoryLeases implements MemoryLeaseStore {
  readonly #clock: Pick<Clock, 'wallAt'>
  readonly #roster: MemoryRoster
  readonly #leases = new Map<string, Held>()
  readonly #watchers = new Set<() => void>()
  readonly #known = new HighestFences()

  constructor(clock: Pick<Clock, 'wallAt'>) {
    this.#clock = clock
    this.#roster = new MemoryRoster(clock)
  }

  async beat(record: MemberRecord): Promise<Picture | 'replaced'> {
    const outcome = this.#roster.beat(record)
    if (outcome === 'replaced') return 'replaced'
    if (outcome === 'changed') this.#tell()
    return this.#known.seen(record, await this.read())
  }

  async read(): Promise<Picture> {
    const leases = [...this.#leases.values()].map(({ lease }) => lease)
    return structuredClone({
      at: this.#clock.wallAt(),
      members: this.#roster.members(),
      leases: leases.sort((one, other) => (one.unit < other.unit ? -1 : 1)),
      deploys: this.#roster.deploys(),
    })
  }

  async take(unit: string, run: Run, seen: SeenLease, onTrial: boolean): Promise<number | undefined> {
    const { lease, deploy } = this.#held(unit)
    if (this.#isReplaced(run) || lease.fence !== seen.fence) return undefined
    if (!lease.holder)
      return seen.holder ? undefined : this.#give(lease, run, this.#next(lease, run), onTrial)
    if (!this.#mayTakeFrom(lease.holder, run, seen)) return undefined
    if (lease.onTrial) this.#mourn(deploy)
    return this.#give(lease, run, this.#next(lease, run), onTrial)
  }

  async ask(
    unit: string,
    run: Run,
    seen: { readonly fence: number; readonly holder: Run },
  ): Promise<boolean> {
    const { lease } = this.#held(unit)
    const isAsSeen = lease.fence === seen.fence && isSame(lease.holder, seen.holder)
    if (this.#isReplaced(run) || !isAsSeen || isSame(lease.holder, run)) return false
    if (isSame(lease.successor, run)) return true
    if (lease.successor && this.#isListed(lease.successor)) return false
    if (lease.successor) this.#dropSuccessor(unit)
    const member = this.#roster.member(run.replica)
    const trialOf = member?.trial === 'open' ? member.deploy : undefined
    if (trialOf !== undefined && this.#isResting(trialOf)) return false
    this.#change(unit, { successor: { replica: run.replica, run: run.run, phase: 'asked' } })
    this.#leases.set(unit, { ...this.#held(unit), ...(trialOf === undefined ? {} : { trialOf }) })
    return true
  }

  async arrive(unit: string, run: Run): Promise<boolean> {
    const { holder, successor } = this.#held(unit).lease
    if (this.#isReplaced(run) || !holder || !successor || !isSame(successor, run)) return false
    return (
      successor.phase !== 'asked' || this.#change(unit, { successor: { ...successor, phase: 'arrived' } })
    )
  }

  async yield(unit: string, run: Run, fence: number): Promise<boolean> {
    const { successor } = this.#held(unit).lease
    if (!this.#isHolder(unit, run, fence) || !successor || successor.phase === 'asked') return false
    return (
      successor.phase === 'yielded' || this.#change(unit, { successor: { ...successor, phase: 'yielded' } })
    )
  }

  async succeed(unit: string, run: Run, onTrial: boolean): Promise<number | undefined> {
    const { lease } = this.#held(unit)
    if (this.#isReplaced(run) || !lease.holder) return undefined
    if (!isSame(lease.successor, run) || lease.successor?.phase !== 'yielded') return undefined
    return this.#give(lease, run, this.#next(lease, run), onTrial)
  }

  async recall(unit: string, run: Run, fence: number): Promise<boolean> {
    if (!this.#isHolder(unit, run, fence)) return false
    return !this.#held(unit).lease.successor || this.#dropSuccessor(unit)
  }

  async withdraw(unit: string, run: Run): Promise<boolean> {
    return isSame(this.#held(unit).lease.successor, run) && this.#change(unit, { successor: undefined })
  }

  async release(unit: string, run: Run, fence: number): Promise<boolean> {
    if (!this.#isHolder(unit, run, fence)) return false
    const freed: Lease = { unit, fence, sinceAt: this.#clock.wallAt(), onTrial: false }
    this.#leases.set(unit, { lease: freed })
    return this.#tell()
  }

  async prove(unit: string, run: Run, fence: number): Promise<boolean> {
    if (!this.#isHolder(unit, run, fence)) return false
    return !this.#held(unit).lease.onTrial || this.#change(unit, { onTrial: false })
  }

  async holds(unit: string, run: Run, fence: number): Promise<boolean> {
    return this.#isHolder(unit, run, fence)
  }

  async assert(unit: string, run: Run, fence: number): Promise<boolean> {
    if (this.#isReplaced(run)) return false
    if (this.#isHolder(unit, run, fence)) return true
    const { lease } = this.#held(unit)
    const isAnothers = lease.holder !== undefined && lease.holder.replica !== run.replica
    if (isAnothers || lease.fence >= fence) return false
    this.#give(lease, run, fence, false)
    return true
  }

  async strike(deploy: string): Promise<void> {
    this.#roster.strike(deploy)
    this.#tell()
  }

  async leave(run: Run): Promise<void> {
    if (this.#roster.leave(run)) this.#tell()
  }

  news(): LeaseNews {
    let watcher: (() => void) | undefined
    const forget = () => {
      if (watcher) this.#watchers.delete(watcher)
    }
    return {
      start: async (onChange) => {
        forget()
        watcher = () => onChange()
        this.#watchers.add(watcher)
      },
      stop: async () => forget(),
    }
  }

  lose(): void {
    this.#roster.lose()
    this.#leases.clear()
  }

  #held(unit: string): Held {
    return this.#leases.get(unit) ?? { lease: { unit, fence: 0, sinceAt: 0, onTrial: false } }
  }

  #isHolder(unit: string, run: Run, fence: number): boolean {
    const { lease } = this.#held(unit)
    return isSame(lease.holder, run) && lease.fence === fence
  }

  /** The successor does not come. One that had arrived on trial and is gone has died of what it prepared for. */
  #dropSuccessor(unit: string): true {
    const { lease, trialOf } = this.#held(unit)
    const { successor } = lease
    if (successor && successor.phase !== 'asked' && !this.#isListed(successor)) this.#mourn(trialOf)
    return this.#change(unit, { successor: undefined })
  }

  /** Whoever dies on trial speaks against its deploy: once for all that it had, so not while that rests. */
  #mourn(deploy: string | undefined): void {
    if (deploy !== undefined && !this.#isResting(deploy)) this.#roster.strike(deploy)
  }

  #isResting(deploy: string): boolean {
    const known = this.#roster.deploys().find(({ id }) => id === deploy)
    return known !== undefined && known.restUntilAt > this.#clock.wallAt()
  }

  #isListed({ replica, run }: Run): boolean {
    return this.#roster.member(replica)?.run === run
  }

  #isReplaced({ replica, run }: Run): boolean {
    return (this.#roster.member(replica)?.run ?? run) !== run
  }

  #mayTakeFrom(holder: Run, run: Run, seen: SeenLease): boolean {
    if (!isSame(seen.holder, holder) || isSame(holder, run)) return false
    if (holder.replica === run.replica) return true
    if (seen.stillBeat === undefined) return false
    return !this.#isListed(holder) || this.#roster.member(holder.replica)?.beat === seen.stillBeat
  }

  /** Beyond what is known here, and what the taker has ever seen. */
  #next({ unit, fence }: Lease, run: Run): number {
    return Math.max(fence, this.#known.of(run, unit)) + 1
  }

  #give({ unit }: Lease, { replica, run }: Run, fence: number, onTrial: boolean): number {
    const lease: Lease = { unit, holder: { replica, run }, fence, sinceAt: this.#clock.wallAt(), onTrial }
    const deploy = this.#roster.member(replica)?.deploy
    this.#leases.set(unit, { lease, ...(deploy === undefined ? {} : { deploy }) })
    this.#known.given({ replica, run }, unit, fence)
    this.#tell()
    return fence
  }

  #change(unit: string, change: { successor?: Successor | undefined; onTrial?: boolean }): true {
    const held = this.#held(unit)
    const { successor, ...rest } = { ...held.lease, ...change }
    const { trialOf, ...others } = held
    const kept = successor && trialOf !== undefined ? { trialOf } : {}
    this.#leases.set(unit, { ...others, ...kept, lease: { ...rest, ...(successor ? { successor } : {}) } })
    return this.#tell()
  }

  #tell(): true {
    for (const watcher of this.#watchers) queueMicrotask(() => this.#watchers.has(watcher) && watcher())
    return true
  }
}
