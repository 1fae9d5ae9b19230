import type { LeaseStore, Move, Run, Tenure } from '@holdfast/ownership'
import { type Clock, endsWithin, type Log, messageOf } from '@holdfast/runtime'
import type { OpenSocket } from '../drivers/socket.ts'
import type { ConnectionStatus, Publish } from '../ports.ts'
import type { Candidate } from './candidate.ts'
import { ServedUnit } from './served-unit.ts'
import {
  type Held,
  type Holding,
  heldOf,
  type Leaving,
  type Preparing,
  type State,
  tenureOf,
} from './tenure-state.ts'

/** A Redis that is away must not keep a socket from coming back: what it does not answer within this time is allowed. */
const ASK_WITHIN_MS = 1_000
/** Saying that a unit is free is a courtesy: silence says it too. */
const RELEASE_WITHIN_MS = 1_000
/** What the successor heard as well needs no more than this of us. */
const HANDED_OVER_GRACE_MS = 1_000

/** Why a unit was taken without its holder's word. */
export type TakeReason = 'free' | 'still' | 'restart'

/** Counters of what becomes of leases. */
export interface TenureMetrics {
  /** From asking for a unit to owning it. */
  handedOver(seconds: number): void
  takenOver(reason: TakeReason): void
  lost(): void
}

/** What all units of a replica are held with. */
export interface TenureOptions {
  readonly store: LeaseStore
  readonly run: Run
  readonly publish: Publish
  readonly openSocket: OpenSocket
  /** Whether Redis is there, as far as is known without asking. */
  readonly redisAnswers: () => boolean
  /** How long a hand-over may wait for confirms. */
  readonly graceMs: number
  readonly metrics: TenureMetrics
  readonly clock: Clock
  readonly log: Log
  /** There is something new to decide about. */
  readonly onNews: () => void
}

/**
 * What this replica does with one unit: does the moves that were decided for it, one at a time, each as one atomic step in
 * Redis and one word to the driver. A move that Redis does not take changes nothing here: the next picture shows what came of it.
 */
export class UnitTenure {
  readonly #options: TenureOptions
  #candidate: Candidate
  #state: State = { kind: 'none' }
  #version = 0
  #moving: Promise<void> | undefined
  /** While Redis is away that can take as long as it is: no move waits for it. */
  #beginning: Promise<void> = Promise.resolve()
  #ending: Promise<void> | undefined

  constructor(candidate: Candidate, options: TenureOptions) {
    this.#candidate = candidate
    this.#options = options
  }

  get candidate(): Candidate {
    return this.#candidate
  }

  /** What it does, for whoever decides. */
  get tenure(): Tenure {
    return tenureOf(this.#state)
  }

  /** The lease under which it is ours; nothing where it is not. */
  get held(): Held | undefined {
    return heldOf(this.#state)
  }

  /** Rises with each change of what it does. */
  get version(): number {
    return this.#version
  }

  /** Resolves when no move is under way, and its driver has begun. */
  get settled(): Promise<void> {
    return (this.#moving ?? Promise.resolve()).then(() => this.#beginning)
  }

  /** How it is served here; nothing where no driver is at work. */
  status(): ConnectionStatus | undefined {
    return 'served' in this.#state ? this.#state.served?.status() : undefined
  }

  /** Does what was decided, unless a move is under way. Never rejects. */
  perform(move: Move): void {
    this.#run(() => this.#do(move))
  }

  /** Goes on with what Redis has not taken note of yet. To be called with each look. */
  tend(): void {
    const state = this.#state
    if (state.kind === 'offering') this.#run(() => this.#offer(state))
  }

  /** Stops the driver and keeps the lease: one with other settings takes its place. */
  async pause(graceMs: number): Promise<void> {
    // Between the end of a move and this no other can begin.
    while (this.#moving) await this.#moving
    this.#run(() => this.#pause(graceMs))
    await this.#moving
  }

  /** Serves the unit with these settings from now on. Resolves when the driver has begun. */
  async resume(candidate: Candidate): Promise<void> {
    this.#candidate = candidate
    const state = this.#state
    if (state.kind !== 'paused') return
    const served = this.#serve()
    this.#become({ ...state, kind: 'holding', served })
    this.#beginning = served.start(state.fence)
    await this.#beginning
  }

  /** Stops the driver within the grace, so that its session can be resumed, and lets the unit go. Never rejects. Idempotent. */
  end(graceMs: number): Promise<void> {
    this.#ending ??= this.#end(graceMs)
    return this.#ending
  }

  async #end(graceMs: number): Promise<void> {
    const { clock, store, run } = this.#options
    const begunMs = clock.monotonicMs()
    if (this.#moving) await endsWithin(clock, graceMs, this.#moving)
    const state = this.#state
    this.#state = { kind: 'ended' }
    const leftMs = Math.max(0, graceMs - Math.round(clock.monotonicMs() - begunMs))
    if ('served' in state) await state.served?.stop(leftMs)
    const lease = heldOf(state)
    const { unit } = this.#candidate
    if (lease) await this.#say(() => store.release(unit, run, lease.fence))
    else if ('askedMs' in state) await this.#say(() => store.withdraw(unit, run))
  }

  /** Stops the driver at once and says nothing: the unit is somebody else's. */
  async abandon(): Promise<void> {
    const state = this.#state
    this.#state = { kind: 'ended' }
    if ('served' in state) await state.served?.stop(0)
  }

  #run(work: () => Promise<void> | undefined): void {
    if (this.#moving) return
    const doing = work()
    if (doing) this.#moving = this.#finish(doing)
  }

  async #finish(doing: Promise<void>): Promise<void> {
    const { log, onNews } = this.#options
    try {
      await doing
      this.#moving = undefined
      onNews()
    } catch (error) {
      // The next beat is soon enough: Redis is away, or says no to everything.
      this.#moving = undefined
      const { unit } = this.#candidate
      log.warn(
        { unit, error: messageOf(error) },
        'Redis did not take a step of ownership; it is looked at again',
      )
    }
  }

  /** Nothing where the move does not fit any more. */
  #do(move: Move): Promise<void> | undefined {
    const state = this.#state
    const isPreparing = 'askedMs' in state
    switch (move.kind) {
      case 'take':
        return state.kind === 'none' || isPreparing ? this.#take(move) : undefined
      case 'ask':
        return state.kind === 'none' ? this.#ask(move) : undefined
      case 'arrive':
        return isPreparing && state.kind !== 'beside' ? this.#arrive(state) : undefined
      case 'withdraw':
        return isPreparing ? this.#withdraw(state, move.why) : undefined
      case 'proceed':
        return state.kind === 'arrived' ? this.#proceed(state) : undefined
      case 'succeed':
        return state.kind === 'arrived' || state.kind === 'beside' ? this.#succeed(state, move) : undefined
      case 'yield':
        return state.kind === 'holding' || state.kind === 'paused' ? this.#yield(move.to) : undefined
      case 'recall':
        return heldOf(state) && state.kind !== 'yielding' ? this.#recall(state) : undefined
      case 'serve':
        return state.kind === 'ended' ? undefined : this.#own(move.fence, move.onTrial)
      case 'release':
        return state.kind === 'none' ? this.#release(move.fence) : undefined
      case 'letGo':
        return heldOf(state) ? this.#letGo(move.why) : undefined
      case 'assert':
        return heldOf(state) ? this.#assert(move.fence) : undefined
      case 'prove':
        return state.kind === 'holding' ? this.#prove(state, move.fence) : undefined
      default:
        return move satisfies never
    }
  }

  async #take({ unit, seen, onTrial }: Move & { kind: 'take' }): Promise<void> {
    const { store, run, metrics, log } = this.#options
    const fence = await store.take(unit, run, seen, onTrial)
    if (fence === undefined) return
    const reason = reasonOf(seen.holder, run)
    metrics.takenOver(reason)
    log.info({ unit, fence, reason, ...from(seen.holder) }, 'took the unit')
    await this.#own(fence, onTrial)
  }

  async #ask({ unit, seen }: Move & { kind: 'ask' }): Promise<void> {
    const { store, run, clock, log } = this.#options
    if (!(await store.ask(unit, run, seen))) return
    log.info({ unit, ...from(seen.holder) }, 'asked for the unit')
    const nowMs = clock.monotonicMs()
    const served = this.#serve()
    const state = { kind: 'arriving', from: seen.holder, sinceMs: nowMs, askedMs: nowMs, served } as const
    // It waits as long as it takes; what ends it early stops the driver.
    if (this.#become(state)) void this.#prepare(state, seen.fence)
  }

  async #prepare(state: Preparing, fence: number): Promise<void> {
    const arrival = await state.served.arrive(fence)
    // The asking may still be under way.
    while (this.#moving) await this.#moving
    if (this.#state !== state) return
    if (arrival.kind === 'arrived') return this.#run(() => this.#arrive(state))
    this.#become({ ...state, failedWhy: arrival.why })
    this.#options.onNews()
  }

  /** What could not arrive is of no more use, and made anew: it is as fatal at its holder. */
  async #arrive(state: Preparing): Promise<void> {
    const { store, run } = this.#options
    const { failedWhy, ...rest } = state
    if (failedWhy !== undefined) await state.served.stop(0)
    const served = failedWhy === undefined ? state.served : this.#serve()
    if (this.#become(this.#now({ ...rest, kind: 'arrived', served })))
      await store.arrive(this.#candidate.unit, run)
  }

  async #withdraw(state: Preparing, why: string): Promise<void> {
    const { store, run } = this.#options
    await store.withdraw(this.#candidate.unit, run)
    await this.#stopPreparing(state, why)
  }

  async #stopPreparing({ served, from: holder }: Preparing, why: string): Promise<void> {
    const { log } = this.#options
    await served.stop(HANDED_OVER_GRACE_MS)
    log.info({ unit: this.#candidate.unit, why, ...from(holder) }, 'stopped asking for the unit')
    this.#become({ kind: 'none', withdrewMs: this.#options.clock.monotonicMs() })
  }

  async #proceed(state: Preparing): Promise<void> {
    state.served.proceed()
    this.#become(this.#now({ ...state, kind: 'beside' }))
  }

  async #succeed(state: Preparing, { unit, onTrial }: Move & { kind: 'succeed' }): Promise<void> {
    const { store, run, metrics, clock, log } = this.#options
    const fence = await store.succeed(unit, run, onTrial)
    if (fence === undefined) return
    const tookMs = Math.round(clock.monotonicMs() - state.askedMs)
    metrics.handedOver(tookMs / 1_000)
    log.info({ unit, fence, tookMs, ...from(state.from) }, `the unit was handed over in ${tookMs} ms`)
    await this.#own(fence, onTrial)
  }

  /** The lease is ours: the driver that has prepared goes on, or one begins. */
  async #own(fence: number, onTrial: boolean): Promise<void> {
    const before = this.#state
    const isReady = before.kind === 'arrived' || before.kind === 'beside'
    if (!isReady && 'served' in before) await before.served?.stop(0)
    const served = isReady ? before.served : this.#serve()
    const sinceMs = this.#options.clock.monotonicMs()
    if (!this.#become({ kind: 'holding', fence, sinceMs, onTrial, served })) return
    if (isReady && before.kind !== 'beside') served.proceed()
    this.#beginning = isReady ? served.own(fence) : served.start(fence)
  }

  async #yield(to: Run): Promise<void> {
    const { log, graceMs } = this.#options
    const before = this.#state
    if (before.kind !== 'holding' && before.kind !== 'paused') return
    const { fence } = before
    const served = before.kind === 'holding' ? before.served : undefined
    log.info({ unit: this.#candidate.unit, to: to.replica }, 'the unit is being handed over')
    if (!this.#become(this.#now({ kind: 'yielding', fence, sinceMs: 0, to, served }))) return
    const how = await served?.yield(graceMs)
    const left = how === 'serving' ? served : undefined
    const offering = this.#now({ kind: 'offering', fence, sinceMs: 0, to, served: left } as const)
    if (this.#become(offering)) await this.#offer(offering)
  }

  async #offer(state: Leaving): Promise<void> {
    const { store, run } = this.#options
    if (await store.yield(this.#candidate.unit, run, state.fence))
      this.#become(this.#now({ ...state, kind: 'yielded' }))
    else await this.#serveOn(state, 'its successor does not come')
  }

  async #recall(state: State): Promise<void> {
    const { store, run } = this.#options
    const lease = heldOf(state)
    if (!lease || !(await store.recall(this.#candidate.unit, run, lease.fence))) return
    if ('to' in state) await this.#serveOn(state, 'it was called back')
  }

  async #serveOn({ fence, served, to }: Leaving, why: string): Promise<void> {
    const { clock, log } = this.#options
    log.warn({ unit: this.#candidate.unit, to: to.replica, why }, 'the unit is not handed over: serving on')
    const serving = served ?? this.#serve()
    const sinceMs = clock.monotonicMs()
    if (!this.#become({ kind: 'holding', fence, sinceMs, onTrial: false, served: serving })) return
    if (!served) this.#beginning = serving.start(fence)
  }

  async #letGo(why: string): Promise<void> {
    const { metrics, log } = this.#options
    const state = this.#state
    const isHandedOver = state.kind === 'yielded' || state.kind === 'offering'
    const { unit, connection } = this.#candidate
    if (isHandedOver) log.info({ unit, to: state.to.replica }, 'the unit was handed over')
    else {
      metrics.lost()
      log.warn({ unit, connection, why }, 'let go of the unit')
    }
    if ('served' in state) await state.served?.stop(isHandedOver ? HANDED_OVER_GRACE_MS : 0)
    this.#become({ kind: 'none' })
  }

  async #pause(graceMs: number): Promise<void> {
    const state = this.#state
    if (state.kind === 'holding') {
      await state.served.stop(graceMs)
      const { fence, sinceMs, onTrial } = state
      this.#become({ kind: 'paused', fence, sinceMs, onTrial })
    } else if ('askedMs' in state) await this.#withdraw(state, 'its configuration has changed')
  }

  async #assert(fence: number): Promise<void> {
    const { store, run, log } = this.#options
    const { unit } = this.#candidate
    if (await store.assert(unit, run, fence))
      log.warn({ unit, fence }, 'Redis had lost the lease of the unit: written again')
  }

  async #prove(state: Holding, fence: number): Promise<void> {
    const { store, run } = this.#options
    if (await store.prove(this.#candidate.unit, run, fence)) this.#become({ ...state, onTrial: false })
  }

  async #release(fence: number): Promise<void> {
    const { store, run, log } = this.#options
    const { unit } = this.#candidate
    if (await store.release(unit, run, fence)) log.info({ unit, fence }, 'released the unit')
  }

  #serve(): ServedUnit {
    const { publish, openSocket, clock, log, onNews } = this.#options
    return new ServedUnit({
      candidate: this.#candidate,
      publish,
      openSocket,
      clock,
      log,
      onNews,
      mayOpen: () => this.#mayOpen(),
    })
  }

  /** A lease is needed to open a socket, and asked for where it should be ours; whoever prepares beside the holder needs none. */
  #mayOpen(): Promise<boolean> | 'unasked' {
    const { redisAnswers } = this.#options
    const lease = heldOf(this.#state)
    return lease && redisAnswers() ? this.#holds(lease.fence) : 'unasked'
  }

  async #holds(fence: number): Promise<boolean> {
    const { store, run, clock, onNews } = this.#options
    let holds = true
    const asked = store.holds(this.#candidate.unit, run, fence).then(
      (answer) => {
        holds = answer
      },
      () => {}, // As if it did not answer.
    )
    await endsWithin(clock, ASK_WITHIN_MS, asked)
    if (!holds) onNews()
    return holds
  }

  #now<Next extends State & { readonly sinceMs: number }>(state: Next): Next {
    return { ...state, sinceMs: this.#options.clock.monotonicMs() }
  }

  /** False where the unit was ended meanwhile; then nothing of it serves on. */
  #become(state: State): boolean {
    const isOver = this.#state.kind === 'ended'
    this.#version += 1
    if (!isOver) this.#state = state
    else if ('served' in state) void state.served?.stop(0)
    return !isOver
  }

  async #say(word: () => Promise<unknown>): Promise<void> {
    const { clock, redisAnswers } = this.#options
    if (!redisAnswers()) return
    await endsWithin(
      clock,
      RELEASE_WITHIN_MS,
      word().catch(() => {}),
    )
  }
}

function reasonOf(holder: Run | undefined, { replica }: Run): TakeReason {
  if (!holder) return 'free'
  return holder.replica === replica ? 'restart' : 'still'
}

const from = (holder: Run | undefined) => (holder ? { from: holder.replica } : {})
