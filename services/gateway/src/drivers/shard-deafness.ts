import type { ShardInput, ShardState } from '@holdfast/protocol'
import type { DriverTools } from '../ports.ts'
import { toWallAt } from './process-time.ts'
import { type HearingShard, ShardHearings } from './shard-hearings.ts'
import type { Unit } from './unit.ts'

/** Dispatches that say nothing of what happens in guilds. */
const OF_THE_SESSION: ReadonlySet<string> = new Set(['READY', 'RESUMED'])

/** Who listens, and who is told. */
export interface ShardDeafnessOptions extends Pick<DriverTools, 'metrics' | 'clock'> {
  /** The connection's id in the configuration. */
  readonly connection: string
  readonly shard: readonly [id: number, count: number]
  /** Default: nobody to compare with. */
  readonly hearings?: ShardHearings
  readonly unit: Pick<Unit<never>, 'tell'>
  readonly feed: (input: ShardInput) => void
}

/** Whether one shard hears what happens, as `ShardHearings` judges: a deaf one is told, counted, and its machine does something about it. */
export class ShardDeafness {
  readonly #options: ShardDeafnessOptions
  readonly #hearings: ShardHearings
  #hearing: HearingShard | undefined

  constructor(options: ShardDeafnessOptions) {
    this.#options = options
    this.#hearings = options.hearings ?? new ShardHearings(options.clock)
  }

  begin(): void {
    this.#hearing = this.#hearings.join((anew) => this.#onDeaf(anew))
  }

  /** The shard is in another state. */
  moved(to: ShardState['kind']): void {
    this.#hearing?.connected(to === 'connected')
  }

  /** A dispatch came. */
  heard(type: string): void {
    if (!OF_THE_SESSION.has(type)) this.#hearing?.heard()
  }

  /** When the last dispatch came (monotonic milliseconds). */
  get silentSinceMs(): number {
    return this.#options.clock.monotonicMs() - (this.#hearing?.silentMs ?? 0)
  }

  stop(): void {
    this.#hearing?.leave()
  }

  #onDeaf(anew: boolean): void {
    const { connection, shard, metrics, clock, unit, feed } = this.#options
    const since = new Date(toWallAt(clock, this.silentSinceMs)).toISOString()
    const next = anew ? 'to be resumed has not helped, so it begins a new session' : 'it is resumed'
    metrics.deaf(connection, shard[0])
    unit.tell('warn', `deaf: it has heard nothing since ${since}, while others of its bot do; ${next}`)
    feed({ kind: 'deaf', anew })
  }
}
