import type { Checkpoint } from '@holdfast/ownership'
import type { Report } from '@holdfast/protocol'
import { endsWithin } from '@holdfast/runtime'
import type { ConnectionStatus, DriverTools, LastGap, Origin } from '../ports.ts'
import { untilAnswered } from '../waiting.ts'
import { CheckpointKeeper } from './checkpoint-keeper.ts'
import { furthest } from './furthest.ts'
import { bounded, UnitLog, type UnitName } from './unit-log.ts'
import { UnitMark } from './unit-mark.ts'

/** Two gateways that stand beside one holder must not find the same name. */
const NAME_RANGE = 2 ** 40
const TAKEN_OVER = 'another gateway has taken it over (with a newer fencing number)'

/** What tells a unit from others, and what its driver keeps of it. `Kind`: the states of its machine. */
export interface UnitOptions<Kind extends string>
  extends Pick<DriverTools, 'checkpoints' | 'clock' | 'journal' | 'log' | 'metrics' | 'onFenced'> {
  readonly name: UnitName
  /** How a state of the machine looks from outside, once it is entered. */
  readonly looks: (entered: Kind) => ConnectionStatus['state']
  /** How long changes are gathered before a write. */
  readonly intervalMs: number
  /** What to write now; nothing where there is nothing to say yet. */
  readonly snapshot: () => Checkpoint | undefined
  /** As the snapshot, counting what the journal holds as confirmed. Default: the snapshot. */
  readonly held?: () => Checkpoint | undefined
  /** Another gateway holds the unit: let go of it. */
  readonly onTaken: (why: string) => void
}

/** What one gateway holds of a unit: its fencing number, its checkpoint, and what is shown and told of it. */
export class Unit<Kind extends string> {
  readonly #options: UnitOptions<Kind>
  readonly #key: string
  readonly #mark: UnitMark
  readonly #log: UnitLog
  #keeper: CheckpointKeeper | undefined
  #fence = 0
  /** It is served beside its holder: what tells its nonces from that one's. */
  #besideName = ''
  /** A successor was let go on: that it takes the unit is meant so. */
  #hasYielded = false
  /** Another gateway holds it now. */
  #taken = false
  /** What it went on from counts events as confirmed that the journal has and Redis may not: nothing is stored for others yet. */
  #isAhead = false
  readonly #onLost = new Set<() => void>()
  #frameCount = 0
  #state: ConnectionStatus['state'] = 'stopped'
  #why: string | undefined = 'not started'
  #sinceAt: number
  #lastGap: LastGap | undefined

  constructor(options: UnitOptions<Kind>) {
    const { connection, shard } = options.name
    this.#options = options
    this.#key = shard === undefined ? connection : `${connection}/${shard}`
    this.#mark = new UnitMark(options.journal, this.#key)
    this.#log = new UnitLog(options)
    this.#sinceAt = options.clock.wallAt()
  }

  /** It is served beside its holder, under whose number events are published. Nothing is stored. */
  accompany(fence: number): void {
    this.#fence = fence
    this.#besideName = `${Math.floor(this.#options.clock.random() * NAME_RANGE).toString(36)}-`
  }

  /** What its holder has stored. Waits while Redis is away; undefined also where `signal` was given up first. */
  recall(signal: AbortSignal): Promise<Checkpoint | undefined> {
    const { checkpoints, clock } = this.#options
    return untilAnswered(clock, signal, () => checkpoints.load(this.#key))
  }

  /** A successor may go on: should it take the unit, that is no harm. */
  yielded(): void {
    this.#hasYielded = true
  }

  /** It does not come: should anybody take the unit now, that is not what was wanted. */
  servesOn(): void {
    this.#hasYielded = false
  }

  get hasYielded(): boolean {
    return this.#hasYielded
  }

  /** Resolves when another gateway holds it. */
  lost(): Promise<void> {
    if (this.#taken) return Promise.resolve()
    return new Promise((resolve) => this.#onLost.add(resolve))
  }

  /** By what right its events are published now. */
  get origin(): Origin {
    const { connection } = this.#options.name
    return {
      connection,
      lease: { unit: this.#key, fence: this.#fence, onFenced: () => this.refused() },
    }
  }

  /**
   * It is ours under this number: what older holders write is refused. Resolves to its checkpoint, or to what a process that
   * died while Redis was away has left of it on this disk, where nobody served it in between.
   */
  async hold(fence: number): Promise<Checkpoint | undefined> {
    const { checkpoints, clock, intervalMs, snapshot } = this.#options
    this.#fence = fence
    this.#besideName = ''
    const marked = this.#mark.before(fence)
    const stored = furthest(await checkpoints.load(this.#key), marked)
    if (stored !== undefined && stored === marked) this.#untilReplayed()
    this.#keeper = new CheckpointKeeper({
      store: checkpoints,
      unit: this.#key,
      fence: this.#fence,
      clock,
      intervalMs,
      snapshot: () => (this.#isAhead ? this.kept() : snapshot()),
      onRefused: () => this.refused(),
      onFailed: () => this.tell('warn', 'the checkpoint could not be written; it is tried again'),
      onLate: () => this.kept(),
      onStored: () => this.#mark.takeBack(),
    })
    return stored
  }

  /** The checkpoint has changed. Cheap: call it for every event. */
  touch(): void {
    this.#keeper?.touch()
  }

  /** Writes the checkpoint now: a process that dies in the next moment must have left word that it was there. */
  store(): void {
    this.#keeper?.touch()
    void this.#keeper?.flush()
  }

  /** As `store`. Resolves when it is written, refused or has failed, within `atMostMs`. */
  async write(atMostMs: number): Promise<void> {
    if (!this.#keeper) return
    this.#keeper.touch()
    await endsWithin(this.#options.clock, Math.max(0, atMostMs), this.#keeper.flush())
  }

  /** Writes the checkpoint a last time, within `atMostMs`. */
  async release(atMostMs: number): Promise<void> {
    if (!this.#keeper) return
    await endsWithin(this.#options.clock, Math.max(0, atMostMs), this.#keeper.flush())
    if (this.#keeper.late) this.kept()
    this.#keeper.stop()
  }

  /** Unique text for one frame of this unit, over all its holders. */
  nextNonce(): string {
    return `${this.#key}-${this.#fence}-${this.#besideName}${++this.#frameCount}`
  }

  /** Passes on what the machine tells of itself. */
  report(report: Report<Kind>): void {
    switch (report.kind) {
      case 'transition':
        return this.#onTransition(report)
      case 'malformed':
        return this.malformed(report.problem)
      case 'fatal':
        // The transition that led there has told it.
        return
      default:
        return report satisfies never
    }
  }

  /** It waits for something outside of its machine: `why` says what for. */
  waits(why: string): void {
    this.stands('waiting', why)
  }

  /** How it looks now, where not one machine alone says so. */
  stands(state: ConnectionStatus['state'], why: string | undefined): void {
    this.#why = why && bounded(why)
    if (state === this.#state) return
    const { clock, metrics, name } = this.#options
    this.#state = state
    this.#sinceAt = clock.wallAt()
    metrics.state(name.connection, name.shard, state)
  }

  /** Something came that no reader understands; it is left out. */
  malformed(problem: string): void {
    this.#log.malformed(problem)
  }

  /** A gap is announced. */
  missed(gap: LastGap): void {
    this.#lastGap = gap
  }

  /** One line of log, with the unit's name. */
  tell(level: 'info' | 'warn' | 'error', message: string, fields: object = {}): void {
    this.#log.tell(level, message, fields)
  }

  status(): UnitName & Pick<ConnectionStatus, 'state' | 'why' | 'sinceAt' | 'lastGap'> {
    const why = this.#why === undefined ? {} : { why: this.#why }
    const lastGap = this.#lastGap === undefined ? {} : { lastGap: this.#lastGap }
    return { ...this.#options.name, state: this.#state, ...why, sinceAt: this.#sinceAt, ...lastGap }
  }

  /** Redis is away: should this process die, the next one on its disk goes on from here. */
  kept(): undefined {
    const { snapshot, held } = this.#options
    const checkpoint = (held ?? snapshot)()
    if (checkpoint && this.#keeper && !this.#taken) this.#mark.leave(this.#fence, checkpoint)
  }

  #untilReplayed(): void {
    const replayed = this.#options.journal.replayed?.()
    if (!replayed) return
    this.#isAhead = true
    void replayed.then(() => {
      this.#isAhead = false
      this.store()
    })
  }

  #onTransition({ from, to, why }: Extract<Report<Kind>, { kind: 'transition' }>): void {
    const state = this.#options.looks(to)
    this.stands(state, to === 'connected' ? undefined : why)
    this.tell(this.#levelOf(state), why, { from, to })
  }

  /** That a successor takes what was yielded to it is what was wanted. */
  #levelOf(state: ConnectionStatus['state']): 'info' | 'warn' | 'error' {
    if (state === 'fatal') return 'error'
    return state === 'stopped' && this.#taken && !this.#hasYielded ? 'warn' : 'info'
  }

  /** It is another gateway's by now: what this one wrote or asked for was refused. */
  refused(): void {
    this.#options.onFenced?.()
    if (this.#taken) return
    this.#taken = true
    this.#mark.takeBack()
    for (const resolve of this.#onLost) resolve()
    const whose = this.#hasYielded ? 'its successor has taken it over' : TAKEN_OVER
    this.#options.onTaken(`${whose}: this one lets go of it`)
  }
}
