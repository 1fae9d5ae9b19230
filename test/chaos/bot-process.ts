import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'

const PROCESSES = join(import.meta.dirname, 'processes')

export interface BotOptions {
  readonly generation: number
  readonly env: Readonly<Record<string, string>>
  /** What it prints is appended there. */
  readonly logFile: string
  /** Which of `processes` it runs. Default: `bot.mjs`. */
  readonly program?: string
}

/** A worker in a process of its own. */
export class BotProcess {
  readonly generation: number
  /** Resolves with how it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  readonly #child: ChildProcess
  readonly #logFile: string
  #isRunning = true

  constructor({ generation, env, logFile, program = 'bot.mjs' }: BotOptions) {
    this.generation = generation
    this.#logFile = logFile
    const log = openSync(logFile, 'a')
    this.#child = fork(join(PROCESSES, program), [], {
      execPath,
      // The test runner's own conditions must not reach the process: it runs what was built.
      execArgv: [],
      env: { ...env, HOLDFAST_CHAOS_GENERATION: String(generation) },
      stdio: ['ignore', log, log, 'ipc'],
    })
    closeSync(log)
    this.ended = once(this.#child, 'exit').then(([code, signal]) => {
      this.#isRunning = false
      return { code, signal }
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  /** Says something to it, which only some programs hear. */
  tell(text: string): void {
    if (this.#isRunning) this.#child.send(text)
  }

  /** Resolves when it takes jobs, or with the next step towards it where there are several. */
  async ready(): Promise<void> {
    const message = once(this.#child, 'message')
    const ended = this.ended.then(() => {
      throw new Error(`a worker ended before it took jobs:\n${readFileSync(this.#logFile, 'utf8')}`)
    })
    await Promise.race([message, ended])
  }

  /** Resolves when it has ended. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    this.send(signal)
    await this.ended
  }

  /** SIGSTOP and SIGCONT end nothing. */
  send(signal: NodeJS.Signals): void {
    if (this.#isRunning) this.#child.kill(signal)
  }
}
