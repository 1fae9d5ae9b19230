import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { createInterface } from 'node:readline'

const GATEWAY = join(import.meta.dirname, '../../services/gateway/dist/main.js')

/** One line of a gateway's log. */
export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly time?: unknown
  readonly connection?: string
  readonly shard?: number
  readonly from?: string
  readonly to?: string
  readonly address?: string
}

/** The built gateway in a process of its own. */
export class GatewayReplica {
  readonly replicaId: string
  readonly deployId: string
  readonly lines: LogLine[] = []
  /** Resolves with the exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess
  readonly #news = new EventEmitter().setMaxListeners(0)
  #isRunning = true

  constructor(
    about: { readonly replicaId: string; readonly deployId: string; readonly folder: string },
    yaml: string,
  ) {
    this.replicaId = about.replicaId
    this.deployId = about.deployId
    const file = join(about.folder, `${about.replicaId}.yaml`)
    writeFileSync(file, yaml)
    const child = spawn(execPath, [GATEWAY, '--config', file], {
      cwd: about.folder,
      env: {},
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.lines.push(JSON.parse(line))
      this.#news.emit('news')
    })
    this.ended = once(child, 'exit').then(([code]) => {
      this.#isRunning = false
      this.#news.emit('news')
      return code
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  /** The first line from `since` on that is wanted, said already or yet to come. Rejects when the process ends without it. */
  async says(wanted: (line: LogLine) => boolean, since = 0): Promise<LogLine> {
    for (;;) {
      const found = this.lines.slice(since).find(wanted)
      if (found) return found
      if (!this.#isRunning) throw new Error(`${this.replicaId} ended and had not said it:\n${this.log()}`)
      await once(this.#news, 'news')
    }
  }

  async get(path: string): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(`${await this.#address()}${path}`)
    return { status: response.status, text: await response.text() }
  }

  async post(path: string): Promise<number> {
    return (await fetch(`${await this.#address()}${path}`, { method: 'POST' })).status
  }

  /** Resolves when `/readyz` says so. */
  async ready(): Promise<void> {
    for (;;) {
      // Whatever makes it ready is told in a line after this one.
      const seen = this.lines.length
      if ((await this.get('/readyz')).status === 200) return
      await this.says(() => true, seen)
    }
  }

  /** Sends a signal; SIGSTOP and SIGCONT end nothing. Await `ended` where it does. */
  signal(signal: NodeJS.Signals): void {
    if (this.#isRunning) this.#child.kill(signal)
  }

  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null> {
    this.signal('SIGTERM')
    return this.ended
  }

  /** SIGKILL, also of one that is frozen. */
  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.ended
  }

  /** Its log, for people. */
  log(): string {
    return this.lines.map((line) => JSON.stringify(line)).join('\n')
  }

  async #address(): Promise<string> {
    return (await this.says(({ msg }) => msg === 'the gateway runs')).address ?? ''
  }
}
