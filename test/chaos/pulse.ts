import { sleep, systemClock } from '@holdfast/runtime'
import type { GatewayReplica } from './gateway-replica.ts'

const LOOK_MS = 100
/** A gateway that works answers sooner than this, whatever else is away. */
const PATIENCE_MS = 5_000

/** Who is asked. */
export type Asked = Pick<GatewayReplica, 'replicaId' | 'hasAddress' | 'get'>

/** Asks the gateways of a stage whether they live, again and again: `/livez` must say so whatever is away. */
export class Pulse {
  readonly #gateways: () => readonly Asked[]
  readonly #halt = new AbortController()
  readonly #problems: string[] = []
  #count = 0
  #looking: Promise<void> = Promise.resolve()

  /** @param gateways those whose processes run and do not stand still */
  constructor(gateways: () => readonly Asked[]) {
    this.#gateways = gateways
  }

  start(): void {
    this.#looking = this.#look()
  }

  /** Resolves with each time at which one that ran did not say that it lives. Rejects where nobody was ever asked. */
  async stop(): Promise<readonly string[]> {
    this.#halt.abort()
    await this.#looking
    if (this.#count === 0) throw new Error('no gateway was asked whether it lives')
    return this.#problems
  }

  async #look(): Promise<void> {
    while (!this.#halt.signal.aborted) {
      await Promise.all(this.#gateways().map((gateway) => this.#ask(gateway)))
      await sleep(systemClock, LOOK_MS, this.#halt.signal)
    }
  }

  async #ask(gateway: Asked): Promise<void> {
    if (!gateway.hasAddress) return
    const answer = await gateway
      .get('/livez', AbortSignal.timeout(PATIENCE_MS))
      .then(({ status }) => String(status))
      .catch((error: Error) => error.name)
    // Whoever was ended or stopped meanwhile owes no answer.
    if (answer === '200') this.#count += 1
    else if (this.#gateways().includes(gateway) && this.#problems.length < 10)
      this.#problems.push(`${gateway.replicaId}: /livez said ${answer}`)
  }
}
