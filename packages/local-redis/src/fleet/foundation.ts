import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Clock, sleep, systemClock } from '@holdfast/runtime'
import type { Environment } from '../command.ts'
import { newDataFolder } from '../data-folder.ts'
import { findProcessProgram } from '../find-program.ts'
import { LocalRedisError } from '../problem.ts'
import { DURABLE_SETTINGS, type ServerProgram } from '../server-program.ts'
import { type NodePlan, type ServerNode, startNode } from './fleet-node.ts'

export interface FleetOptions {
  /** Where an unpacked server is kept between runs, and the fleet's data while it runs, e.g. `.holdfast/redis`. */
  readonly folder: string
  /** Read for `PATH`. Default: the process's own. */
  readonly env?: Environment
  /** Told what happens, one line each. Default: nobody. */
  readonly log?: (line: string) => void
  readonly clock?: Clock
  /** What clients say to be let in. Default: nothing is asked. */
  readonly password?: string
}

const POLL_MS = 25
const PATIENCE_MS = 60_000

/** What every fleet stands on: a program, a folder, and the nodes that were started. */
export class Foundation {
  readonly dataFolder: string
  readonly #program: ServerProgram
  readonly #clock: Clock
  readonly #password: string | undefined
  readonly #nodes: ServerNode[] = []

  private constructor(program: ServerProgram, dataFolder: string, clock: Clock, password?: string) {
    this.#program = program
    this.dataFolder = dataFolder
    this.#clock = clock
    this.#password = password
  }

  static async lay(options: FleetOptions): Promise<Foundation> {
    const { env = process.env, log = () => {}, clock = systemClock, password } = options
    const folder = resolve(options.folder)
    const program = await findProcessProgram({ folder, env, log })
    return new Foundation(program, await newDataFolder(folder), clock, password)
  }

  /** Settings of a node that holds data: every write goes to the append-only file, and a full memory refuses writes. */
  get dataSettings(): readonly string[] {
    const password = this.#password
    const asked = password === undefined ? [] : [`requirepass "${password}"`, `masterauth "${password}"`]
    const durable = DURABLE_SETTINGS.map(([name, value]) => `${name} ${value === '' ? '""' : value}`)
    return [...durable, 'repl-diskless-sync-delay 0', ...asked]
  }

  async start(name: string, plan: Omit<NodePlan, 'folder'>): Promise<ServerNode> {
    const whole = { password: this.#password, ...plan, folder: `${this.dataFolder}/${name}` }
    const node = await startNode(whole, this.#program, this.#clock)
    this.#nodes.push(node)
    return node
  }

  /** Waits until `look` yields something; a look that rejects has seen nothing yet. Rejects with `what` after a minute. */
  async until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
    const endsAt = this.#clock.monotonicMs() + PATIENCE_MS
    let last: unknown
    while (this.#clock.monotonicMs() < endsAt) {
      const seen = await look().catch((error: unknown) => {
        last = error
        return undefined
      })
      if (seen) return seen
      await sleep(this.#clock, POLL_MS)
    }
    throw new LocalRedisError('fleet-unhealthy', `waited a minute until ${what}`, last)
  }

  /** Ends every node, with its data: a master that is asked to end waits for its replicas first. */
  async clear(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.kill()))
    await rm(this.dataFolder, { recursive: true, force: true })
  }
}
