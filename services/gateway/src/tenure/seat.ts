import type { LeaseStore, Run } from '@holdfast/ownership'
import { type Clock, endsWithin, type Log } from '@holdfast/runtime'
import type { Leave } from '../drivers/leased-socket.ts'
import type { OpenSocket } from '../drivers/socket.ts'
import type { Publish } from '../ports.ts'
import type { Candidate } from './candidate.ts'
import { Contest } from './contest.ts'
import { ServedUnit } from './served-unit.ts'
import { heldOf, type State } from './tenure-state.ts'

/** A Redis that is away must not keep a socket from coming back: what it does not answer within this time is allowed. */
const ASK_WITHIN_MS = 1_000
/** Saying that a unit is free is a courtesy: silence says it too. */
const SAY_WITHIN_MS = 1_000

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

/** Where one unit sits: what is done with it now, and what every step of it needs. It decides nothing and says nothing to Redis by itself. */
export class Seat {
  readonly options: TenureOptions
  readonly #contest: Contest
  candidate: Candidate
  #state: State = { kind: 'none' }
  #version = 0
  #beginning: Promise<void> = Promise.resolve()

  constructor(candidate: Candidate, options: TenureOptions) {
    this.candidate = candidate
    this.options = options
    this.#contest = new Contest(options.clock)
  }

  get unit(): string {
    return this.candidate.unit
  }

  get state(): State {
    return this.#state
  }

  /** Rises with each change of the state. */
  get version(): number {
    return this.#version
  }

  /** Resolves when the driver has begun. While Redis is away that can take as long as it is: no move waits for it. */
  get begun(): Promise<void> {
    return this.#beginning
  }

  /** False where the unit was ended meanwhile; then nothing of it serves on. */
  become(state: State): boolean {
    if (this.#state.kind === 'ended') {
      if ('served' in state) void state.served?.stop(0)
      return false
    }
    this.#version += 1
    this.#state = state
    return true
  }

  /** Since when the state that begins now is in effect. */
  nowMs(): number {
    return this.options.clock.monotonicMs()
  }

  /** A driver of its own, not begun. */
  serve(): ServedUnit {
    const { publish, openSocket, clock, log, onNews } = this.options
    const { candidate } = this
    const mayOpen = () => this.#mayOpen()
    const onOusted = () => this.#contest.lost()
    return new ServedUnit({ candidate, publish, openSocket, clock, log, onNews, mayOpen, onOusted })
  }

  /** The lease is ours: the driver that has prepared goes on, or one begins. */
  async own(fence: number, onTrial: boolean): Promise<void> {
    const before = this.#state
    const isReady = (before.kind === 'arrived' || before.kind === 'beside') && !before.served.fenced
    if (!isReady && 'served' in before) await before.served?.stop(0)
    const served = isReady ? before.served : this.serve()
    if (!this.become({ kind: 'holding', fence, sinceMs: this.nowMs(), onTrial, served })) {
      const { store, run } = this.options
      return this.say(() => store.release(this.unit, run, fence))
    }
    this.#contest.settled()
    if (before.kind === 'arrived') served.proceed()
    this.#beginning = isReady ? served.own(fence) : served.start(fence)
  }

  /** One begins anew under a lease that is ours. */
  begin(served: ServedUnit, fence: number): void {
    this.#beginning = served.start(fence)
  }

  /** Tells Redis something that it would find out by itself. Never rejects. */
  async say(word: () => Promise<unknown>): Promise<void> {
    const { clock, redisAnswers } = this.options
    if (!redisAnswers()) return
    const said = word().catch(() => {})
    await endsWithin(clock, SAY_WITHIN_MS, said)
  }

  /**
   * A lease is needed to open a socket, and asked for where it should be ours; whoever prepares beside the holder needs none. A Redis
   * that does not answer keeps no socket from coming back, unless another gateway seems to have the unit: the two would take
   * it from one another for as long as this one is cut off.
   */
  #mayOpen(): Promise<Leave> | 'unasked' {
    const lease = heldOf(this.#state)
    if (!lease) return 'unasked'
    if (!this.options.redisAnswers() && !this.#contest.isOpen) return 'unasked'
    return this.#leave(lease.fence)
  }

  async #leave(fence: number): Promise<Leave> {
    const holds = await this.#holds(fence)
    if (holds === undefined) return this.#contest.isOpen ? 'contested' : true
    this.#contest.settled()
    if (!holds) this.options.onNews()
    return holds
  }

  /** What Redis says; nothing where it does not answer. */
  async #holds(fence: number): Promise<boolean | undefined> {
    const { store, run, clock } = this.options
    let holds: boolean | undefined
    const asked = store.holds(this.unit, run, fence).then(
      (answer) => {
        holds = answer
      },
      () => {}, // As if it did not answer.
    )
    await endsWithin(clock, ASK_WITHIN_MS, asked)
    return holds
  }
}
