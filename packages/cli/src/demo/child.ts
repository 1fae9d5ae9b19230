import { type ChildProcess, fork } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Clock, ProblemError, sleep } from '@holdfast/runtime'

export interface ChildOptions {
  /** For people and for the name of the log file: `worker 2`. */
  readonly name: string
  /** The module it runs. */
  readonly module: string
  readonly args?: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** What it prints goes there. */
  readonly logFile: string
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const LEASH = new URL('leash.js', import.meta.url).href

/**
 * A process of ours, in a process group of its own, so that Ctrl-C in the terminal reaches only us and we can stop things
 * in order. It ends when we do.
 */
export class Child {
  readonly name: string
  readonly ended: Promise<Ending>
  /** The first message it sends. Rejects with its last words when it ends without one. */
  readonly firstMessage: Promise<unknown>
  readonly #process: ChildProcess
  readonly #logFile: string
  #ending: Ending | undefined

  constructor({ name, module, args = [], env, logFile }: ChildOptions) {
    this.name = name
    this.#logFile = logFile
    const log = openSync(logFile, 'a')
    this.#process = fork(module, args, {
      env,
      execArgv: ['--import', LEASH],
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    })
    closeSync(log)
    this.ended = new Promise((resolve) => {
      this.#process.once('exit', (code, signal) => {
        this.#ending = { code, signal }
        resolve(this.#ending)
      })
    })
    this.firstMessage = this.#firstMessage()
    // Whoever needs the message awaits it; for the others its absence is no failure.
    this.firstMessage.catch(() => {})
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  get running(): boolean {
    return this.#ending === undefined
  }

  signal(signal: NodeJS.Signals): void {
    if (this.running) this.#process.kill(signal)
  }

  /** Asks it to end and resolves when it has; after `graceMs` it is killed. */
  async stop(graceMs: number, clock: Clock): Promise<Ending> {
    this.signal('SIGTERM')
    const patience = new AbortController()
    void sleep(clock, graceMs, patience.signal).then(() => {
      if (!patience.signal.aborted) this.signal('SIGKILL')
    })
    const ending = await this.ended
    patience.abort()
    return ending
  }

  /** The line that tells why it ended, as far as it said so. */
  lastWords(): string {
    const lines = readFileSync(this.#logFile, 'utf8').trim().split('\n')
    // Node writes a stack and its own version below the error that ended it.
    return lines.findLast((line) => /^\w*Error\b/.test(line)) ?? (lines.at(-1) || 'it said nothing')
  }

  async #firstMessage(): Promise<unknown> {
    const message = new Promise((resolve) => this.#process.once('message', resolve))
    const ended = this.ended.then(({ code, signal }) => {
      const how = signal === null ? `exit code ${code}` : signal
      const words = this.lastWords()
      throw new ProblemError(
        'demo-child',
        `${this.name} ended at once (${how}): ${words} (see ${this.#logFile})`,
      )
    })
    return Promise.race([message, ended])
  }
}

/** The file of a module that is named as seen from the one at `url`: `../main.js`. */
export function moduleBeside(url: string, name: string): string {
  return fileURLToPath(new URL(name, url))
}
