import type { Move, Tenure } from '@holdfast/ownership'
import { endsWithin, messageOf } from '@holdfast/runtime'
import type { ConnectionStatus } from '../ports.ts'
import type { Candidate } from './candidate.ts'
import { end, letGo, offer, pause, recall, yieldTo } from './departure.ts'
import { Seat, type TenureOptions } from './seat.ts'
import { arrive, ask, proceed, succeed, take, withdraw } from './succession.ts'
import { type Held, type Holding, heldOf, type Preparing, tenureOf } from './tenure-state.ts'

/**
 * What this replica does with one unit: does the moves that were decided for it, one at a time, each as one atomic step in
 * Redis and one word to the driver. A move that Redis does not take changes nothing here: the next picture shows what came of it.
 */
export class UnitTenure {
  readonly #seat: Seat
  #moving: Promise<void> | undefined
  #ending: Promise<void> | undefined

  constructor(candidate: Candidate, options: TenureOptions) {
    this.#seat = new Seat(candidate, options)
  }

  get candidate(): Candidate {
    return this.#seat.candidate
  }

  /** What it does, for whoever decides. */
  get tenure(): Tenure {
    return tenureOf(this.#seat.state)
  }

  /** The lease under which it is ours; nothing where it is not. */
  get held(): Held | undefined {
    return heldOf(this.#seat.state)
  }

  /** Rises with each change of what it does. */
  get version(): number {
    return this.#seat.version
  }

  /** Resolves when no move is under way, and its driver has begun. */
  get settled(): Promise<void> {
    return (this.#moving ?? Promise.resolve()).then(() => this.#seat.begun)
  }

  /** How it is served here; nothing where no driver is at work. */
  status(): ConnectionStatus | undefined {
    const { state } = this.#seat
    return 'served' in state ? state.served?.status() : undefined
  }

  /** Does what was decided, unless a move is under way. Never rejects. */
  perform(move: Move): void {
    this.#run(() => this.#do(move))
  }

  /** Goes on with what Redis has not taken note of yet. To be called with each look. */
  tend(): void {
    const { state } = this.#seat
    if (state.kind === 'offering') this.#run(() => offer(this.#seat, state))
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
    this.#seat.candidate = candidate
    const { state } = this.#seat
    if (state.kind === 'paused') await this.#seat.own(state.fence, state.onTrial)
    await this.#seat.begun
  }

  /** Stops the driver within the grace, so that its session can be resumed, and frees the unit. Never rejects. Idempotent. */
  end(graceMs: number): Promise<void> {
    this.#ending ??= this.#end(graceMs)
    return this.#ending
  }

  /** Stops the driver at once and says nothing: the unit is somebody else's. */
  async abandon(): Promise<void> {
    const { state } = this.#seat
    this.#seat.become({ kind: 'ended' })
    if ('served' in state) await state.served?.stop(0)
  }

  async #end(graceMs: number): Promise<void> {
    const { clock } = this.#seat.options
    const begunMs = clock.monotonicMs()
    if (this.#moving) await endsWithin(clock, graceMs, this.#moving)
    await end(this.#seat, Math.max(0, graceMs - Math.round(clock.monotonicMs() - begunMs)))
  }

  #run(work: () => Promise<void> | undefined): void {
    if (this.#moving) return
    const doing = work()
    if (doing) this.#moving = this.#finish(doing)
  }

  async #finish(doing: Promise<void>): Promise<void> {
    const { log, onNews } = this.#seat.options
    try {
      await doing
      this.#moving = undefined
      onNews()
    } catch (error) {
      // The next beat is soon enough: Redis is away, or says no to everything.
      this.#moving = undefined
      const fields = { unit: this.#seat.unit, error: messageOf(error) }
      log.warn(fields, 'Redis did not take a step of ownership; it is looked at again')
    }
  }

  /** Nothing where the move does not fit any more. */
  #do(move: Move): Promise<void> | undefined {
    const seat = this.#seat
    const { state } = seat
    const isPreparing = 'askedMs' in state
    switch (move.kind) {
      case 'take':
        return state.kind === 'none' || isPreparing ? take(seat, move) : undefined
      case 'ask':
        return state.kind === 'none' ? this.#ask(move) : undefined
      case 'arrive':
        return isPreparing && state.kind !== 'beside' ? arrive(seat, state) : undefined
      case 'withdraw':
        return isPreparing ? withdraw(seat, state, move.why) : undefined
      case 'proceed':
        return state.kind === 'arrived' ? Promise.resolve(proceed(seat, state)) : undefined
      case 'succeed':
        return state.kind === 'arrived' || state.kind === 'beside' ? succeed(seat, state, move) : undefined
      case 'yield':
        return state.kind === 'holding' || state.kind === 'paused' ? yieldTo(seat, move.to, state) : undefined
      case 'recall':
        return 'fence' in state && state.kind !== 'yielding' ? recall(seat, state) : undefined
      case 'serve':
        return state.kind === 'ended' ? undefined : seat.own(move.fence, move.onTrial)
      case 'release':
        return state.kind === 'none' || state.kind === 'holding' ? this.#release(move.fence) : undefined
      case 'letGo':
        return heldOf(state) ? letGo(seat, move.why) : undefined
      case 'assert':
        return heldOf(state) ? this.#assert(move.fence) : undefined
      case 'prove':
        return state.kind === 'holding' ? this.#prove(state, move.fence) : undefined
      default:
        return move satisfies never
    }
  }

  async #ask(move: Move & { kind: 'ask' }): Promise<void> {
    const state = await ask(this.#seat, move)
    // It waits as long as it takes; what ends it early stops the driver.
    if (state) void this.#prepare(state, move.seen.fence)
  }

  async #prepare(state: Preparing, fence: number): Promise<void> {
    const arrival = await state.served.arrive(fence)
    // The asking may still be under way.
    while (this.#moving) await this.#moving
    if (this.#seat.state !== state) return
    if (arrival.kind === 'arrived') return this.#run(() => arrive(this.#seat, state))
    this.#seat.become({ ...state, failedWhy: arrival.why })
    this.#seat.options.onNews()
  }

  async #pause(graceMs: number): Promise<void> {
    const { state } = this.#seat
    if (state.kind === 'holding') await pause(this.#seat, state, graceMs)
    else if ('askedMs' in state) await withdraw(this.#seat, state, 'its configuration has changed')
  }

  async #assert(fence: number): Promise<void> {
    const { store, run, log } = this.#seat.options
    const { unit } = this.#seat
    if (await store.assert(unit, run, fence))
      log.warn({ unit, fence }, 'Redis had lost the lease of the unit: written again')
  }

  async #prove(state: Holding, fence: number): Promise<void> {
    const { store, run } = this.#seat.options
    if (await store.prove(this.#seat.unit, run, fence)) this.#seat.become({ ...state, onTrial: false })
  }

  async #release(fence: number): Promise<void> {
    const { store, run, log } = this.#seat.options
    const { unit, state } = this.#seat
    if (state.kind === 'holding') {
      await state.served.stop(0)
      this.#seat.become({ kind: 'none' })
    }
    if (await store.release(unit, run, fence)) log.info({ unit, fence }, 'released the unit')
  }
}
