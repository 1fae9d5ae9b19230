import { ManualClock } from '@holdfast/runtime'
import {
  createMemoryLeaseStore,
  type Lease,
  type LeaseStore,
  type MemoryLeaseStore,
  type Run,
} from '../src/index.ts'
import { type Fitness, PlanReplica, STEP_MS } from './plan-replica.ts'

/** What somebody did to a unit: who had it before and after. */
export interface Change {
  readonly unit: string
  readonly from?: Run
  readonly to?: Run
  readonly fence: number
  /** It was yielded to whoever has it now. */
  readonly handedOver: boolean
}

export const UNITS = [
  { unit: 'acme', connection: 'acme', provesBeside: true },
  ...[0, 1, 2].map((shard) => ({ unit: `bastion/${shard}`, connection: 'bastion', provesBeside: false })),
  { unit: 'crew', connection: 'crew', provesBeside: false },
]

/** Runs that step nothing: what the world knows of each process beside what it says. */
interface Process {
  readonly replica: PlanReplica
  /** Since when it has beaten each second, as far as it and Redis could (ms); `undefined` while it can't. */
  beatingSinceMs: number | undefined
  thawsMs: number
}

/** Replicas over one store. What can happen to them happens here, in steps of time; each change of a lease is judged. */
export class PlanWorld {
  readonly changes: Change[] = []
  readonly #clock = new ManualClock()
  readonly #memory: MemoryLeaseStore = createMemoryLeaseStore(this.#clock)
  readonly #fitness: (deploy: string, unit: string) => Fitness
  readonly #draw: () => number
  readonly #rebalanceAfterMs: number
  #processes: Process[] = []
  #leases = new Map<string, Lease>()
  #awayUntilMs = 0
  #isLossy = false
  #isChanged = false
  #runCount = 0

  constructor(
    seed: number,
    fitness: (deploy: string, unit: string) => Fitness = () => 'well',
    rebalanceAfterMs = 20_000,
  ) {
    this.#draw = numbersFrom(seed)
    this.#fitness = fitness
    this.#rebalanceAfterMs = rebalanceAfterMs
    void this.#memory.news().start(() => {
      this.#isChanged = true
    })
  }

  get live(): PlanReplica[] {
    return this.#processes.map(({ replica }) => replica).filter(({ state }) => state !== 'dead')
  }

  get nowMs(): number {
    return this.#clock.monotonicMs()
  }

  /** Starts a process: the earlier one of that replica is dead then. */
  add(replica: string, deploy: string): PlanReplica {
    for (const process of this.#processes)
      if (process.replica.id.replica === replica) process.replica.state = 'dead'
    const run = `run-${this.#runCount++}`
    const fitness = (unit: string) => this.#fitness(deploy, unit)
    const added = new PlanReplica({
      replica,
      run,
      deploy,
      units: UNITS,
      fitness,
      store: this.#store(),
      rebalanceAfterMs: this.#rebalanceAfterMs,
      draw: this.#draw,
    })
    this.#processes.push({ replica: added, beatingSinceMs: this.nowMs, thawsMs: 0 })
    return added
  }

  freeze(replica: PlanReplica, ms: number): void {
    const process = this.#processes.find((it) => it.replica === replica)
    if (!process || replica.state !== 'live') return
    replica.state = 'frozen'
    process.thawsMs = this.nowMs + ms
  }

  outage(ms: number): void {
    this.#awayUntilMs = Math.max(this.#awayUntilMs, this.nowMs + ms)
  }

  /** Redis comes back empty. */
  lose(): void {
    this.#memory.lose()
    this.#leases.clear()
  }

  /** Some answers are lost on their way, whether or not what was asked has happened. */
  lossy(isLossy: boolean): void {
    this.#isLossy = isLossy
  }

  async pass(ms: number): Promise<void> {
    for (const untilMs = this.nowMs + ms; this.nowMs < untilMs; ) {
      this.#clock.advance(STEP_MS)
      for (const process of this.#processes.filter(({ replica }) => replica.state !== 'dead'))
        await this.#step(process)
    }
  }

  /** Time jumps, as in an outage: what rests has rested. */
  async skip(ms: number): Promise<void> {
    this.outage(ms + 2_000)
    this.#clock.advance(ms)
    await this.pass(3_000)
  }

  async lease(unit: string): Promise<Lease | undefined> {
    return (await this.#memory.read()).leases.find((lease) => lease.unit === unit)
  }

  /** Who serves each unit, as the processes see it themselves. */
  servers(unit: string): PlanReplica[] {
    return this.live.filter(({ held }) => held.some((it) => it.unit === unit))
  }

  async #step(process: Process): Promise<void> {
    const { replica } = process
    if (replica.state === 'frozen' && this.nowMs >= process.thawsMs) replica.state = 'live'
    const beats = replica.state === 'live' && this.nowMs >= this.#awayUntilMs
    process.beatingSinceMs = beats ? (process.beatingSinceMs ?? this.nowMs) : undefined
    await replica.step(this.nowMs)
    await this.#judge()
  }

  /** Each change raises the number, and nobody loses a unit that it did not yield while it beats. */
  async #judge(): Promise<void> {
    if (!this.#isChanged) return
    this.#isChanged = false
    const { leases } = await this.#memory.read()
    for (const lease of leases) {
      const before = this.#leases.get(lease.unit)
      this.#leases.set(lease.unit, lease)
      if (before?.holder?.run === lease.holder?.run && before?.fence === lease.fence) continue
      this.#judgeChange(before, lease)
    }
  }

  #judgeChange(before: Lease | undefined, { unit, fence, holder }: Lease): void {
    if (before && fence < before.fence)
      throw new Error(`the number of ${unit} fell: ${before.fence}, ${fence}`)
    if (before && holder && before.holder?.run !== holder.run && fence === before.fence)
      throw new Error(`${unit} changed hands under one number: ${fence}`)
    const handedOver = before?.successor?.phase === 'yielded' && before.successor.run === holder?.run
    const from = before?.holder
    this.changes.push({
      unit,
      fence,
      handedOver,
      ...(from ? { from } : {}),
      ...(holder ? { to: holder } : {}),
    })
    const loser = this.#processes.find(({ replica }) => replica.id.run === from?.run)
    if (!loser || !holder || handedOver || from?.replica === holder.replica) return
    const { replica, beatingSinceMs } = loser
    if (replica.state === 'live' && beatingSinceMs !== undefined && this.nowMs - beatingSinceMs > 1_000)
      throw new Error(`${unit} was taken from ${replica.id.replica}, which beats, by ${holder.replica}`)
  }

  /** The store, as far as Redis can be reached. */
  #store(): LeaseStore {
    const reach = async <T>(call: () => Promise<T>): Promise<T> => {
      if (this.nowMs < this.#awayUntilMs) throw new Error('Redis is away')
      const isLost = this.#isLossy && this.#draw() < 0.1
      if (isLost && this.#draw() < 0.5) throw new Error('lost on the way there')
      const answer = await call()
      if (isLost) throw new Error('lost on the way back')
      return answer
    }
    const memory = this.#memory
    return {
      beat: (...it) => reach(() => memory.beat(...it)),
      read: () => reach(() => memory.read()),
      take: (...it) => reach(() => memory.take(...it)),
      ask: (...it) => reach(() => memory.ask(...it)),
      arrive: (...it) => reach(() => memory.arrive(...it)),
      yield: (...it) => reach(() => memory.yield(...it)),
      succeed: (...it) => reach(() => memory.succeed(...it)),
      recall: (...it) => reach(() => memory.recall(...it)),
      withdraw: (...it) => reach(() => memory.withdraw(...it)),
      release: (...it) => reach(() => memory.release(...it)),
      prove: (...it) => reach(() => memory.prove(...it)),
      holds: (...it) => reach(() => memory.holds(...it)),
      assert: (...it) => reach(() => memory.assert(...it)),
      strike: (...it) => reach(() => memory.strike(...it)),
      leave: (...it) => memory.leave(...it),
    }
  }
}

/** Numbers from 0 to 1 in a row that the seed fixes (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
