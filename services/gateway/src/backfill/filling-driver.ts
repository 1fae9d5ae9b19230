import type { Arrival, Backfill, ConnectionDriver, ConnectionStatus } from '../ports.ts'
import type { Filler } from './filler.ts'

/**
 * A driver whose gaps are filled in for as long as the unit is its own: from `start` or `own` until it yields or stops. What it
 * announces while it stops is still written down, for whoever comes next.
 */
export class FillingDriver implements ConnectionDriver {
  readonly #filler: Filler
  readonly #driver: ConnectionDriver

  constructor(filler: Filler, makeDriver: (backfill: Backfill) => ConnectionDriver) {
    this.#filler = filler
    this.#driver = makeDriver(filler)
  }

  async start(fence: number): Promise<void> {
    await this.#driver.start(fence)
    this.#filler.serve(fence)
  }

  arrive(fence: number): Promise<Arrival> {
    return this.#driver.arrive(fence)
  }

  proceed(): void {
    this.#driver.proceed()
  }

  async own(fence: number): Promise<void> {
    await this.#driver.own(fence)
    this.#filler.serve(fence)
  }

  async yield(graceMs: number): Promise<'closed' | 'serving'> {
    const [, yielded] = await Promise.all([this.#filler.pause(), this.#driver.yield(graceMs)])
    return yielded
  }

  serveOn(): void {
    this.#driver.serveOn()
    this.#filler.serve()
  }

  async stop(graceMs: number): Promise<void> {
    await Promise.all([this.#filler.pause(), this.#driver.stop(graceMs)])
    await this.#filler.close()
  }

  status(): ConnectionStatus {
    const { lastGap: told, ...status } = this.#driver.status()
    const lastGap = this.#filler.lastGap(told)
    return lastGap ? { ...status, lastGap } : status
  }
}
