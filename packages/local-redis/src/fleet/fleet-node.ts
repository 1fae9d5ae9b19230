import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '@holdfast/runtime'
import { Redis } from 'ioredis'
import { type Server, signalServer, startServer, stopServer } from '../server.ts'
import type { ServerProgram } from '../server-program.ts'

/** One server of a fleet. Its port stays over restarts, its process id does not. */
export interface FleetNode {
  readonly host: '127.0.0.1'
  readonly port: number
  readonly pid: number
  readonly isRunning: boolean
  readonly isFrozen: boolean
  /** SIGKILL: resolves when the process is gone. Its data stay on disk. */
  kill(): Promise<void>
  /** Starts it again, stopped or killed, with the data and the role that its disk knows of. Resolves when it answers. */
  restart(): Promise<void>
  /** Freezes it, as a machine that stalls would: connections stay, nothing is answered until `thaw`. */
  freeze(): void
  thaw(): void
  /**
   * A replica falls behind: it answers, and takes nothing from its master until `catchUp`. What it is promoted with then
   * lacks what was written meanwhile. Sentinels promote it for some ten times their `downAfterMs`.
   */
  fallBehind(): Promise<void>
  catchUp(): Promise<void>
  /** Asks the node itself, over a connection of this call's own. Rejects after 2 s without an answer. */
  ask(command: string, ...args: readonly (string | number)[]): Promise<unknown>
}

export interface NodePlan {
  readonly folder: string
  readonly port: number
  /** The lines of its configuration file at first; the server keeps there what becomes of its role. */
  readonly settings: readonly string[]
  readonly more?: readonly string[]
  /** What its clients, and it as a replica, say to be let in. */
  readonly password?: string | undefined
}

const ANSWER_MS = 2_000
const NO_ONES_PASSWORD = 'no-ones-password'

/** Starts a node of a fleet. Resolves when it answers. */
export async function startNode(plan: NodePlan, program: ServerProgram, clock: Clock): Promise<ServerNode> {
  await mkdir(plan.folder, { recursive: true })
  await writeFile(join(plan.folder, 'redis.conf'), `${plan.settings.join('\n')}\n`)
  const node = new ServerNode(plan, program, clock)
  await node.restart()
  return node
}

export class ServerNode implements FleetNode {
  readonly host = '127.0.0.1'
  readonly port: number
  readonly #plan: NodePlan
  readonly #program: ServerProgram
  readonly #clock: Clock
  #server: Server | undefined
  #isFrozen = false

  constructor(plan: NodePlan, program: ServerProgram, clock: Clock) {
    this.port = plan.port
    this.#plan = plan
    this.#program = program
    this.#clock = clock
  }

  get pid(): number {
    return this.#server?.pid ?? 0
  }

  get isRunning(): boolean {
    return this.#server?.process.running ?? false
  }

  get isFrozen(): boolean {
    return this.#isFrozen && this.isRunning
  }

  async kill(): Promise<void> {
    if (!this.#server) return
    signalServer(this.#server, 'SIGKILL')
    await this.#server.process.ended
  }

  async restart(): Promise<void> {
    await this.stop()
    const { folder, port, more = [], password } = this.#plan
    const place = { dataFolder: folder, configFile: join(folder, 'redis.conf'), more, port }
    this.#server = await startServer(this.#program, place, this.#clock, password)
    this.#isFrozen = false
  }

  freeze(): void {
    if (this.#server) signalServer(this.#server, 'SIGSTOP')
    this.#isFrozen = true
  }

  thaw(): void {
    if (this.#server) signalServer(this.#server, 'SIGCONT')
    this.#isFrozen = false
  }

  async fallBehind(): Promise<void> {
    await this.ask('CONFIG', 'SET', 'masterauth', NO_ONES_PASSWORD)
    await this.ask('CLIENT', 'KILL', 'TYPE', 'master')
  }

  async catchUp(): Promise<void> {
    await this.ask('CONFIG', 'SET', 'masterauth', this.#plan.password ?? '')
  }

  async ask(command: string, ...args: readonly (string | number)[]): Promise<unknown> {
    const { password } = this.#plan
    const redis = new Redis(this.port, this.host, {
      lazyConnect: true,
      enableReadyCheck: false,
      retryStrategy: null,
      connectTimeout: ANSWER_MS,
      commandTimeout: ANSWER_MS,
      ...(password === undefined ? {} : { password }),
    })
    redis.on('error', () => {})
    try {
      await redis.connect()
      return await redis.call(command, ...args.map(String))
    } finally {
      redis.disconnect()
    }
  }

  /** Ends it, frozen or not; resolves when nothing of it runs. */
  async stop(): Promise<void> {
    if (this.#server) await stopServer(this.#server, this.#clock)
  }
}
