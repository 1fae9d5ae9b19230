import {
  createWatch,
  encodeUnits,
  judgeTrial,
  type LeaseStore,
  type MemberRecord,
  type Move,
  type OwnUnit,
  plan,
  type Run,
  type Standpoint,
  type Tenure,
  type TrialVerdict,
  trialOf,
  type UnitReport,
} from '../src/index.ts'

/**
 * How a rollout gets on with a unit. `mute`: it prepares and never connects. `stuck`: it does not even come to prepare.
 * `fatal`: the platform refuses it. `deadly`: the process dies of it.
 */
export type Fitness = 'well' | 'mute' | 'stuck' | 'fatal' | 'deadly'

/** What a replica is started with. */
export interface Start {
  readonly replica: string
  readonly run: string
  readonly deploy: string
  readonly units: readonly {
    readonly unit: string
    readonly connection: string
    readonly provesBeside: boolean
  }[]
  readonly fitness: (unit: string) => Fitness
  readonly store: LeaseStore
  readonly rebalanceAfterMs: number
  /** The next of a fixed row of numbers from 0 to 1. */
  readonly draw: () => number
}

const LEASE_MS = 5_000
const BEAT_MS = 1_000
/** Time goes in these steps; during a hand-over a replica looks at each. */
export const STEP_MS = 250

type Known = { tenure: Tenure; readyMs: number; connectMs: number }

/** A gateway without sockets: beats, plans and does the moves, one of a unit at a time, as the real one does. */
export class PlanReplica {
  readonly id: Run
  readonly start: Start
  state: 'live' | 'frozen' | 'dead' = 'live'
  draining = false
  verdict: TrialVerdict | undefined
  readonly #watch = createWatch()
  readonly #known = new Map<string, Known>()
  #nextBeatMs = 0

  constructor(start: Start) {
    this.start = start
    this.id = { replica: start.replica, run: start.run }
    for (const { unit } of start.units)
      this.#known.set(unit, { tenure: { kind: 'none' }, readyMs: 0, connectMs: 0 })
  }

  get held(): { unit: string; fence: number; connected: boolean }[] {
    return [...this.#known].flatMap(([unit, { tenure }]) =>
      tenure.kind === 'holding'
        ? [{ unit, fence: tenure.fence, connected: tenure.health.connectedMs !== undefined }]
        : [],
    )
  }

  tenure(unit: string): Tenure {
    return this.#of(unit).tenure
  }

  /** One step of time. A move or beat that Redis does not take is made good by the next look. */
  async step(nowMs: number): Promise<void> {
    if (this.state !== 'live') return
    await this.#progress(nowMs)
    const busy = [...this.#known.values()].some(({ tenure }) => !['none', 'holding'].includes(tenure.kind))
    if (this.state !== 'live' || (!busy && nowMs < this.#nextBeatMs)) return
    this.#nextBeatMs = nowMs + BEAT_MS
    const picture = await this.start.store.beat(this.record()).catch(() => undefined)
    if (picture === 'replaced') {
      this.state = 'dead'
      return
    }
    if (!picture) return this.#watch.away()
    this.#watch.see(picture, [...this.#known.keys()], nowMs)
    const seen = this.#standpoint(picture, nowMs)
    const before = this.verdict
    this.verdict = judgeTrial(seen, before)
    if (this.verdict.kind === 'failed' && before?.kind !== 'failed')
      await this.start.store.strike(this.start.deploy).catch(() => {})
    const moves = plan({ ...seen, me: this.record() }, this.verdict)
    const moved = new Set<string>()
    for (const move of moves) {
      if (moved.has(move.unit)) continue
      moved.add(move.unit)
      await this.#perform(move, nowMs).catch(() => {})
    }
  }

  record(): MemberRecord {
    const { deploy, units } = this.start
    const reports = units.map(
      ({ unit }): UnitReport => ({ unit, platform: 'slack', state: this.#stateOf(unit), sinceAt: 0 }),
    )
    return {
      ...this.id,
      deploy,
      draining: this.draining,
      trial: this.verdict ? trialOf(this.verdict) : 'open',
      serves: [...new Set(units.map(({ connection }) => connection))],
      fields: encodeUnits(reports),
    }
  }

  #standpoint(picture: Standpoint['picture'], nowMs: number): Standpoint {
    return {
      ...this.#watch.watched(),
      me: this.record(),
      nowMs,
      picture,
      units: this.start.units.map((unit): OwnUnit => ({ ...unit, tenure: this.tenure(unit.unit) })),
      times: { leaseMs: LEASE_MS, rebalanceAfterMs: this.start.rebalanceAfterMs },
    }
  }

  #stateOf(unit: string): string {
    const { tenure } = this.#of(unit)
    if (tenure.kind !== 'holding') return 'stopped'
    if (tenure.health.fatalWhy !== undefined) return 'fatal'
    return tenure.health.connectedMs === undefined ? 'connecting' : 'connected'
  }

  /** Drivers get on with what they do. */
  async #progress(nowMs: number): Promise<void> {
    for (const [unit, known] of this.#known) {
      const { tenure } = known
      const fitness = this.start.fitness(unit)
      if (tenure.kind === 'arriving' && nowMs >= known.readyMs) {
        if (fitness === 'fatal') known.tenure = { ...tenure, failedWhy: 'refused' }
        else if (fitness !== 'stuck') await this.#arrive(unit, tenure.from, nowMs).catch(() => {})
      }
      const up = tenure.kind === 'holding' || tenure.kind === 'beside'
      if (!up || nowMs < known.connectMs) continue
      if (fitness === 'deadly') this.state = 'dead'
      if (fitness === 'fatal') known.tenure = { ...tenure, health: { confirmed: false, fatalWhy: 'refused' } }
      if (fitness === 'well' && tenure.health.connectedMs === undefined)
        known.tenure = { ...tenure, health: { confirmed: false, connectedMs: nowMs } }
    }
  }

  async #arrive(unit: string, from: Run, nowMs: number): Promise<void> {
    this.#become(unit, { kind: 'arrived', from, sinceMs: nowMs }, nowMs)
    await this.start.store.arrive(unit, this.id)
  }

  async #perform(move: Move, nowMs: number): Promise<void> {
    const { store } = this.start
    const { unit } = move
    const { tenure } = this.#of(unit)
    switch (move.kind) {
      case 'take': {
        const fence = await store.take(unit, this.id, move.seen, move.onTrial)
        if (fence !== undefined) this.#hold(unit, fence, move.onTrial, nowMs)
        return
      }
      case 'ask':
        if (await store.ask(unit, this.id, move.seen))
          this.#become(unit, { kind: 'arriving', from: move.seen.holder, sinceMs: nowMs }, nowMs)
        return
      case 'arrive':
        if ('from' in tenure) await this.#arrive(unit, tenure.from, nowMs)
        return
      case 'withdraw':
        await store.withdraw(unit, this.id)
        return this.#become(unit, { kind: 'none', withdrewMs: nowMs }, nowMs)
      case 'proceed':
        if ('from' in tenure)
          this.#become(
            unit,
            { kind: 'beside', from: tenure.from, sinceMs: nowMs, health: { confirmed: false } },
            nowMs,
          )
        return
      case 'succeed': {
        const fence = await store.succeed(unit, this.id, move.onTrial)
        if (fence !== undefined) this.#hold(unit, fence, move.onTrial, nowMs)
        return
      }
      case 'serve':
        return this.#hold(unit, move.fence, move.onTrial, nowMs)
      case 'yield': {
        if (!('fence' in tenure)) return
        const { fence } = tenure
        this.#become(unit, { kind: 'yielding', fence, to: move.to, sinceMs: nowMs }, nowMs)
        const yielded = await store.yield(unit, this.id, fence).catch(() => undefined)
        if (yielded !== false)
          this.#become(unit, { kind: 'yielded', fence, to: move.to, sinceMs: nowMs }, nowMs)
        else this.#hold(unit, fence, false, nowMs)
        return
      }
      case 'recall':
        if (!('fence' in tenure)) return
        if (await store.recall(unit, this.id, tenure.fence))
          if (tenure.kind !== 'holding') this.#hold(unit, tenure.fence, false, nowMs)
        return
      case 'letGo':
        return this.#become(unit, { kind: 'none' }, nowMs)
      case 'assert':
        await store.assert(unit, this.id, move.fence)
        return
      case 'release':
        await store.release(unit, this.id, move.fence)
        return
      case 'prove':
        await store.prove(unit, this.id, move.fence)
        if (tenure.kind === 'holding') this.#become(unit, { ...tenure, onTrial: false }, nowMs)
        return
      default:
        move satisfies never
    }
  }

  /** A driver that served beside the holder goes on. */
  #hold(unit: string, fence: number, onTrial: boolean, nowMs: number): void {
    const { tenure } = this.#of(unit)
    const health = 'health' in tenure ? tenure.health : { confirmed: false }
    this.#become(unit, { kind: 'holding', fence, sinceMs: nowMs, onTrial, health }, nowMs)
  }

  #become(unit: string, tenure: Tenure, nowMs: number): void {
    const { draw } = this.start
    this.#known.set(unit, { tenure, readyMs: nowMs + draw() * 3_000, connectMs: nowMs + draw() * 2_000 })
  }

  #of(unit: string): Known {
    const known = this.#known.get(unit)
    if (!known) throw new Error(`${this.id.replica} does not know ${unit}`)
    return known
  }
}
