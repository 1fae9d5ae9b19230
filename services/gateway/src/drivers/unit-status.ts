import type { Clock } from '@holdfast/runtime'
import type { ConnectionMetrics, ConnectionStatus } from '../ports.ts'

type State = ConnectionStatus['state']

export interface UnitName {
  readonly connection: string
  readonly shard?: number
}

/** What a unit is doing, since when and why; its metric moves when the state does. */
export class UnitStatus {
  readonly #unit: UnitName
  readonly #clock: Clock
  readonly #metrics: ConnectionMetrics
  #state: State = 'stopped'
  #why: string | undefined = 'not started'
  #sinceAt: number

  constructor(unit: UnitName, clock: Clock, metrics: ConnectionMetrics) {
    this.#unit = unit
    this.#clock = clock
    this.#metrics = metrics
    this.#sinceAt = clock.wallAt()
  }

  become(state: State, why: string | undefined): void {
    this.#why = why
    if (state === this.#state) return
    this.#state = state
    this.#sinceAt = this.#clock.wallAt()
    this.#metrics.state(this.#unit.connection, this.#unit.shard, state)
  }

  read(): Pick<ConnectionStatus, 'state' | 'why' | 'sinceAt'> {
    return {
      state: this.#state,
      ...(this.#why !== undefined && { why: this.#why }),
      sinceAt: this.#sinceAt,
    }
  }
}
