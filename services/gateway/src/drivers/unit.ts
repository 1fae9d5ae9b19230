import type { Checkpoint } from '@holdfast/ownership'
import { type Clock, sleep } from '@holdfast/runtime'
import type { ConnectionStatus } from '../ports.ts'
import { CheckpointKeeper } from './checkpoint-keeper.ts'
import type { DriverDeps } from './driver.ts'

export interface UnitName {
  readonly connection: string
  /** Discord only. */
  readonly shard?: number
}

export interface KeptCheckpoint {
  /** How long changes are gathered before a write. */
  readonly intervalMs: number
  /** What to write now; nothing where there is nothing to say yet. */
  readonly snapshot: () => Checkpoint | undefined
  /** Another gateway holds the unit: let go of it. */
  readonly onTaken: (why: string) => void
}

type State = ConnectionStatus['state']

/** What one gateway holds of a unit: its fencing number, its checkpoint, and what is shown and told of it. */
export class Unit {
  readonly #name: UnitName
  readonly #deps: Pick<DriverDeps, 'checkpoints' | 'clock' | 'log' | 'metrics'>
  readonly #kept: KeptCheckpoint
  readonly #key: string
  #keeper: CheckpointKeeper | undefined
  #fence = 0
  #frameCount = 0
  #state: State = 'stopped'
  #why: string | undefined = 'not started'
  #sinceAt: number

  constructor(
    name: UnitName,
    deps: Pick<DriverDeps, 'checkpoints' | 'clock' | 'log' | 'metrics'>,
    kept: KeptCheckpoint,
  ) {
    this.#name = name
    this.#deps = deps
    this.#kept = kept
    this.#key = name.shard === undefined ? name.connection : `${name.connection}/${name.shard}`
    this.#sinceAt = deps.clock.wallAt()
  }

  /** Takes the unit: from here on every older holder's writes are refused. Resolves to its checkpoint. */
  async take(): Promise<Checkpoint | undefined> {
    const { checkpoints, clock } = this.#deps
    const { intervalMs, snapshot, onTaken } = this.#kept
    this.#fence = await checkpoints.fence(this.#key)
    const stored = await checkpoints.load(this.#key)
    this.#keeper = new CheckpointKeeper({
      store: checkpoints,
      unit: this.#key,
      fence: this.#fence,
      clock,
      intervalMs,
      snapshot,
      onRefused: () => {
        const why = 'another gateway has taken it over (with a newer fencing number): this one lets go of it'
        this.tell('error', why)
        onTaken(why)
      },
      onFailed: () => this.tell('warn', 'the checkpoint could not be written; it is tried again'),
    })
    return stored
  }

  /** The checkpoint has changed. Cheap: call it for every event. */
  touch(): void {
    this.#keeper?.touch()
  }

  /** Writes the checkpoint a last time, within `atMostMs`. */
  async release(atMostMs: number): Promise<void> {
    await within(this.#deps.clock, atMostMs, this.#keeper?.flush())
    this.#keeper?.stop()
  }

  /** Unique text for one frame of this unit, over all its holders. */
  nextNonce(): string {
    return `${this.#key}-${this.#fence}-${++this.#frameCount}`
  }

  become(state: State, why: string | undefined): void {
    this.#why = why
    if (state === this.#state) return
    this.#state = state
    this.#sinceAt = this.#deps.clock.wallAt()
    this.#deps.metrics.state(this.#name.connection, this.#name.shard, state)
  }

  malformed(problem: string): void {
    this.#deps.metrics.malformed(this.#name.connection)
    this.tell('warn', `a frame could not be read, it is left out: ${problem}`)
  }

  tell(level: 'info' | 'warn' | 'error', message: string, fields: object = {}): void {
    this.#deps.log[level]({ ...this.#name, ...fields }, message)
  }

  status(): UnitName & Pick<ConnectionStatus, 'state' | 'why' | 'sinceAt'> {
    const why = this.#why === undefined ? {} : { why: this.#why }
    return { ...this.#name, state: this.#state, ...why, sinceAt: this.#sinceAt }
  }
}

/** Waits for `work`, but not longer than `ms`. */
export async function within(clock: Clock, ms: number, work: Promise<void> | undefined): Promise<void> {
  const done = new AbortController()
  await Promise.race([work?.finally(() => done.abort()), sleep(clock, Math.max(ms, 0), done.signal)])
}
