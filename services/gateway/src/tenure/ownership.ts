import {
  type LeaseNews,
  type LeaseStore,
  type MemberRecord,
  type OwnershipTimes,
  type Picture,
  plan,
  type Run,
  type Standpoint,
  type TrialVerdict,
  trialOf,
  type Watch,
} from '@holdfast/ownership'
import { type Check, type Clock, endsWithin, type Log, messageOf } from '@holdfast/runtime'
import type { Units } from '../units.ts'
import { Beat } from './beat.ts'
import { Drain } from './drain.ts'
import { judgeOwnership, type Standing } from './standing.ts'
import { Trial } from './trial.ts'
import type { UnitTenure } from './unit-tenure.ts'
import { type UnitView, viewOthers, viewOwn } from './unit-view.ts'

/** What was seen longer ago says nothing of who could take over now. */
const FRESH_MS = 3_000
/** Saying goodbye is a courtesy: silence says it too. */
const GOODBYE_MS = 1_000

/** What a replica owns units with. */
export interface OwnershipOptions {
  readonly run: Run
  readonly deploy: string
  readonly times: OwnershipTimes
  readonly store: LeaseStore
  readonly news: LeaseNews
  readonly watch: Watch
  readonly units: Units
  /** What it tells of itself to whoever reads the members. */
  readonly fields: () => Readonly<Record<string, string>>
  readonly clock: Clock
  readonly log: Log
}

/**
 * One replica among those that share the units: beats, looks at the picture, does what the plan says. It holds nothing before
 * `start()`, and after `stop()` nothing any more.
 */
export class Ownership {
  readonly #options: OwnershipOptions
  readonly #beat: Beat
  #phase: 'waiting' | 'acting' | 'closing' | 'replaced' = 'waiting'
  readonly #trial: Trial
  readonly drain: Drain
  #picture: Picture | undefined
  #stands: Check['status'] | undefined
  #seenMs = Number.NEGATIVE_INFINITY
  #abandoning: Promise<void> = Promise.resolve()
  /** Its last beat was not taken. */
  #isAway = false
  /** The last picture led to a fault of ours. */
  #isFaulty = false

  constructor(options: OwnershipOptions) {
    this.#options = options
    this.#trial = new Trial({ ...options, onTurn: this.nudge })
    this.drain = new Drain({ ...options, onTurn: this.nudge, picture: () => this.#freshPicture() })
    this.#beat = new Beat({
      look: () => this.#look(),
      inHandover: () => this.#inHandover(),
      clock: options.clock,
    })
  }

  get standing(): Standing {
    const { run, units } = this.#options
    const { verdict } = this.#trial
    const draining = this.drain.on
    const heldCount = units.tenures.filter(({ held }) => held).length
    const replaced = this.#phase === 'replaced'
    return { run, replaced, draining, heldCount, verdict, unserved: this.#unserved() }
  }

  /** The units, those that are held here first. */
  views(): readonly UnitView[] {
    const { run, units } = this.#options
    const own = units.statuses().map((status) => viewOwn(status, run, this.#picture))
    const candidates = units.tenures.map(({ candidate }) => candidate)
    return [...own, ...viewOthers(new Set(own.map(({ unit }) => unit)), candidates, run, this.#picture)]
  }

  /** Looks soon. */
  readonly nudge = (): void => this.#beat.nudge()

  /** Resolves when what the first picture called for is done, as far as it can be: units that were taken begin to connect. */
  async start(): Promise<void> {
    if (this.#phase !== 'waiting') return
    this.#phase = 'acting'
    const { units, news } = this.#options
    await Promise.all([units.start(), news.start(this.nudge)])
    await this.#beat.start()
    await this.#settled()
  }

  /** Resolves when what is to be done now is done. */
  async settle(): Promise<void> {
    await this.#beat.lookNow()
    await this.#settled()
  }

  /**
   * Where others could go on, gives them the units first, within `leftMs()` less what the closing needs; then closes what is
   * left, so that it can be resumed, and frees it.
   */
  async stop(leftMs: () => number): Promise<void> {
    const { units, news, store, run, clock } = this.#options
    const begun = this.#phase !== 'waiting'
    if (this.#phase === 'acting') await this.drain.handOver(leftMs(), () => this.#phase === 'acting')
    if (this.#phase !== 'replaced') this.#phase = 'closing'
    // It beats until all is freed: nobody is to take what is still open.
    if (begun) await units.stop(leftMs())
    await this.#abandoning
    await news.stop()
    // A beat that is under way would put it on the list again.
    const left = this.#beat.stop().then(() => (begun ? store.leave(run) : undefined))
    await endsWithin(clock, GOODBYE_MS, left)
  }

  /** Units that nobody is seen to serve. */
  #unserved(): readonly string[] {
    const { units, watch } = this.#options
    const holders = new Map(this.#picture?.leases.map(({ unit, holder }) => [unit, holder]))
    const isServed = (unit: string) => {
      const holder = holders.get(unit)
      return holder !== undefined && watch.lives(holder)
    }
    const left = units.tenures.filter(({ held, candidate }) => !held && !isServed(candidate.unit))
    return left.map(({ candidate }) => candidate.unit)
  }

  #freshPicture(): Picture | undefined {
    const isFresh = this.#options.clock.monotonicMs() - this.#seenMs < FRESH_MS
    return isFresh ? this.#picture : undefined
  }

  /** One beat, and what follows from its picture. */
  async #look(): Promise<void> {
    const { watch, units } = this.#options
    if (this.#phase === 'replaced') return
    const versions = new Map(units.tenures.map((tenure) => [tenure, tenure.version]))
    const picture = await this.#beatOnce()
    if (picture === undefined) return watch.away()
    if (picture === 'replaced') return this.#onReplaced()
    try {
      this.#see(picture, versions)
      this.#isFaulty = false
    } catch (error) {
      this.#onFault(messageOf(error))
    }
  }

  /** A fault of ours in deciding must not cost the sockets that are open: all units stay as they are. The first of several is told. */
  #onFault(why: string): void {
    if (!this.#isFaulty)
      this.#options.log.error({ error: why }, 'it could not be decided who serves what: nothing moves')
    this.#isFaulty = true
  }

  #see(picture: Picture, versions: ReadonlyMap<UnitTenure, number>): void {
    const { watch, units, clock } = this.#options
    const nowMs = clock.monotonicMs()
    const known = units.tenures.map(({ candidate }) => candidate.unit)
    watch.see(picture, known, nowMs)
    this.#seenMs = nowMs
    this.#picture = picture
    if (this.#phase === 'acting') this.#act(picture, versions)
    this.#tellStanding()
  }

  /** Nothing where Redis did not take it; the first of several such is told. */
  async #beatOnce(): Promise<Picture | 'replaced' | undefined> {
    const { store, log } = this.#options
    try {
      const picture = await store.beat(this.#record())
      this.#isAway = false
      return picture
    } catch (error) {
      if (!this.#isAway)
        log.warn({ error: messageOf(error) }, 'Redis did not take a beat: no unit moves until it does')
      this.#isAway = true
      return undefined
    }
  }

  /** The picture says nothing of what has changed since it was asked for: that is left to the next. */
  #act(picture: Picture, versions: ReadonlyMap<UnitTenure, number>): void {
    const { units } = this.#options
    const standpoint = this.#standpoint(picture)
    const moves = plan(standpoint, this.#trial.judge(standpoint, units.unknown[0]))
    for (const tenure of units.tenures) tenure.tend()
    for (const move of moves) {
      const tenure = units.find(move.unit)
      if (tenure && versions.get(tenure) === tenure.version) tenure.perform(move)
    }
  }

  /** Probes only see how it is; why it became so is in the log. */
  #tellStanding(): void {
    const { status, why } = judgeOwnership(this.standing)
    if (status === this.#stands) return
    this.#stands = status
    const { log, run } = this.#options
    if (status === 'ok')
      log.info({ replica: run.replica }, 'all units are served: this gateway counts as ready')
    else log.info({ replica: run.replica, why }, 'this gateway does not count as ready')
  }

  #standpoint(picture: Picture): Standpoint {
    const { units, watch, times, clock } = this.#options
    return {
      ...watch.watched(),
      me: this.#record(),
      nowMs: clock.monotonicMs(),
      picture,
      times,
      refused: units.refused,
      units: units.tenures.map(({ candidate, tenure }) => ({
        unit: candidate.unit,
        connection: candidate.connection,
        provesBeside: candidate.provesBeside,
        tenure,
      })),
    }
  }

  #record(): MemberRecord {
    const { run, deploy, units, fields } = this.#options
    return {
      ...run,
      deploy,
      draining: this.drain.on,
      trial: this.#trial.verdict ? trialOf(this.#trial.verdict) : 'open',
      serves: units.serves,
      fields: { ...fields(), ...whyOf(this.#trial.verdict) },
    }
  }

  #onReplaced(): void {
    const { units, run, log } = this.#options
    if (this.#phase === 'replaced') return
    this.#phase = 'replaced'
    log.error(
      { replica: run.replica },
      `another gateway has started as replica ${run.replica}: this one lets go of everything; give each its own gateway.replicaId`,
    )
    this.#abandoning = units.abandon()
  }

  /** Somebody waits for our next word, or we for theirs. */
  #inHandover(): boolean {
    const { units, run } = this.#options
    const preparing = units.tenures.some(({ tenure }) => tenure.kind !== 'none' && tenure.kind !== 'holding')
    const asked = this.#picture?.leases.some(
      ({ holder, successor }) => successor !== undefined && holder?.run === run.run,
    )
    return this.#phase === 'acting' && (preparing || asked === true)
  }

  async #settled(): Promise<void> {
    await Promise.all(this.#options.units.tenures.map((tenure) => tenure.settled))
  }
}

/** For whoever reads the members: what is still to be shown, or why that failed. */
function whyOf(verdict: TrialVerdict | undefined): MemberRecord['fields'] {
  return verdict?.kind === 'open' || verdict?.kind === 'failed' ? { trialWhy: verdict.why } : {}
}
