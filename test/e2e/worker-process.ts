import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'

export interface Told {
  readonly kind: 'ready' | 'start' | 'end' | 'problem'
  readonly pid: number
  readonly atMs: number
  readonly id?: string
  readonly attempt?: number
  readonly deathCount?: number
  readonly code?: string
}

export interface WorkerOrders {
  readonly redis: { readonly url: string }
  readonly prefix: string
  readonly subscription: string
  readonly lockMs: number
  readonly sweepMs: number
  readonly behaviour:
    | { readonly kind: 'hang' | 'complete' }
    | { readonly kind: 'block'; readonly startMs: number; readonly blockMs: number; readonly restMs: number }
}

/** A worker in a process of its own that tells what its jobs do. */
export class WorkerProcess {
  readonly told: Told[] = []
  readonly #child: ChildProcess
  #waiting: {
    wanted: (told: Told) => boolean
    resolve: (told: Told) => void
    reject: (error: Error) => void
  }[] = []

  constructor(orders: WorkerOrders) {
    this.#child = fork(join(import.meta.dirname, 'processes', 'worker.mjs'), [JSON.stringify(orders)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // The test runner's own conditions must not reach the process: it runs what was built.
      execArgv: [],
    })
    this.#child.on('message', (message) => this.#hear(message as Told))
    this.#child.on('exit', (code) => {
      for (const { reject } of this.#waiting.splice(0))
        reject(new Error(`the worker process ended with ${code}`))
    })
  }

  #hear(told: Told): void {
    this.told.push(told)
    this.#waiting = this.#waiting.filter(({ wanted, resolve }) => {
      if (!wanted(told)) return true
      resolve(told)
      return false
    })
  }

  /** The first thing told, before or after this call, that is wanted. */
  hears(wanted: (told: Told) => boolean): Promise<Told> {
    const found = this.told.find(wanted)
    if (found) return Promise.resolve(found)
    return new Promise((resolve, reject) => this.#waiting.push({ wanted, resolve, reject }))
  }

  ready(): Promise<Told> {
    return this.hears(({ kind }) => kind === 'ready')
  }

  async #exit(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    await new Promise((resolve) => this.#child.once('exit', resolve))
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exit()
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.send('stop')
    await this.#exit()
  }
}
