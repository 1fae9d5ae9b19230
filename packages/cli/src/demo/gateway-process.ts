import { writeFile } from 'node:fs/promises'
import type { Clock } from '@holdfast/runtime'
import { Child } from './child.ts'
import { untilServed } from './until-served.ts'

/** Its own grace and a little more. */
const STOP_MS = 16_000

export interface GatewayProcessOptions {
  readonly configFile: string
  readonly config: string
  readonly port: number
  /** The module of the `holdfast` command. */
  readonly module: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly logFile: string
  readonly clock: Clock
}

/** The gateway's process, which can be replaced by another on the same port and configuration. */
export class GatewayProcess {
  readonly #options: GatewayProcessOptions
  #child: Child | undefined
  #phase: 'starting' | 'up' | 'draining' = 'starting'

  constructor(options: GatewayProcessOptions) {
    this.#options = options
  }

  get address(): string {
    return `http://127.0.0.1:${this.#options.port}`
  }

  get child(): Child | undefined {
    return this.#child
  }

  /** Where the last process started stands. */
  get state(): 'starting' | 'up' | 'draining' | 'ended' {
    return this.#child?.running ? this.#phase : 'ended'
  }

  /** Resolves when all its connections stand. Rejects when they don't within 30 s, or the process ended. */
  async start(): Promise<void> {
    const { configFile, config, module, env, logFile, clock } = this.#options
    await writeFile(configFile, config, { mode: 0o600 })
    const args = ['gateway', '--config', configFile]
    const child = new Child({ name: 'gateway', module, args, env, logFile })
    this.#child = child
    this.#phase = 'starting'
    await untilServed({ child, url: `${this.address}/readyz`, logFile, clock })
    this.#phase = 'up'
  }

  async stop(): Promise<void> {
    this.#phase = 'draining'
    await this.#child?.stop(STOP_MS, this.#options.clock)
  }

  /** How many events it holds that Redis has not confirmed, and gaps that it has not filled in. Rejects where it does not answer. */
  async unconfirmedCount(): Promise<number> {
    const text = await (await fetch(`${this.address}/metrics`)).text()
    const values = [...text.matchAll(/^holdfast_(?:unconfirmed_events|backfill_owed)\{.*\} (\d+)$/gm)]
    return values.reduce((sum, [, value]) => sum + Number(value), 0)
  }
}
