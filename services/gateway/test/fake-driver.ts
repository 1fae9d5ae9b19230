import type { Arrival, ConnectionDriver, ConnectionStatus, LastGap } from '../src/ports.ts'

/** A driver without a socket: connected once started, unless the test says otherwise. */
export class FakeDriver implements ConnectionDriver {
  readonly #unit: Pick<ConnectionStatus, 'connection' | 'platform' | 'transport' | 'shard'>
  readonly graces: number[] = []
  state: ConnectionStatus['state'] = 'connecting'
  why: string | undefined
  lastGap: LastGap | undefined
  calledBackCount = 0
  /** Runs within `start`, as the taking of the unit does. */
  onStart: (fence: number) => Promise<void> = async () => {}
  /** Runs within `stop`, as the wait for confirms does. */
  onStop: () => Promise<void> = async () => {}

  constructor(unit: Pick<ConnectionStatus, 'connection' | 'platform' | 'transport' | 'shard'>) {
    this.#unit = unit
  }

  async start(fence: number): Promise<void> {
    await this.onStart(fence)
    this.state = 'connected'
  }

  async arrive(_fence: number): Promise<Arrival> {
    return { kind: 'arrived' }
  }

  proceed(): void {}

  own(fence: number): Promise<void> {
    return this.start(fence)
  }

  async yield(graceMs: number): Promise<'closed' | 'serving'> {
    if (this.#unit.transport === 'rtm') return 'serving'
    await this.stop(graceMs)
    return 'closed'
  }

  serveOn(): void {
    this.calledBackCount += 1
  }

  async stop(graceMs: number): Promise<void> {
    this.graces.push(graceMs)
    await this.onStop()
    this.state = 'stopped'
  }

  status(): ConnectionStatus {
    const why = this.why === undefined ? {} : { why: this.why }
    const lastGap = this.lastGap === undefined ? {} : { lastGap: this.lastGap }
    return { ...this.#unit, ...why, state: this.state, sinceAt: 0, ...lastGap }
  }
}
