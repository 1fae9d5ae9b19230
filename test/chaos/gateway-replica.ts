import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { createInterface } from 'node:readline'
import type { Taps } from './taps/taps.ts'

const GATEWAY = join(import.meta.dirname, '../../services/gateway/dist/main.js')

/** Longer than anything may take that is waited for. */
const PATIENCE_MS = 60_000

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
  readonly unit?: string
  /** Why a unit was taken. */
  readonly reason?: string
  /** How long it took to have a unit that was asked for. */
  readonly tookMs?: number
}

export interface ReplicaPlace {
  readonly replicaId: string
  readonly deployId: string
  readonly folder: string
  readonly taps: Taps | undefined
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>
}

/** The built gateway in a process of its own. */
export class GatewayReplica {
  readonly replicaId: string
  readonly deployId: string
  /** Its ways to Redis and the platforms, where it runs behind taps. */
  readonly taps: Taps | undefined
  readonly lines: LogLine[] = []
  /** Resolves with the exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess
  readonly #news = new EventEmitter().setMaxListeners(0)
  #isRunning = true
  #isEnding = false

  constructor(about: ReplicaPlace, yaml: string) {
    this.replicaId = about.replicaId
    this.deployId = about.deployId
    this.taps = about.taps
    // Of several with one replica id none may take another's file for a change of its own.
    const file = join(mkdtempSync(join(about.folder, `${about.replicaId}-`)), 'holdfast.yaml')
    writeFileSync(file, yaml)
    const child = spawn(execPath, [GATEWAY, '--config', file], {
      cwd: about.folder,
      env: { ...about.env },
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

  /** The first line from `since` on that is wanted, said already or yet to come. Rejects when the process ends without it, or says it not. */
  async says(wanted: (line: LogLine) => boolean, since = 0, withinMs = PATIENCE_MS): Promise<LogLine> {
    const patience = AbortSignal.timeout(withinMs)
    for (;;) {
      const found = this.lines.slice(since).find(wanted)
      if (found) return found
      if (!this.#isRunning) throw new Error(`${this.replicaId} ended and had not said it:\n${this.log()}`)
      await once(this.#news, 'news', { signal: patience }).catch(() => {
        throw new Error(`${this.replicaId} has not said it in ${withinMs} ms:\n${this.log()}`)
      })
    }
  }

  /** Its HTTP is up. */
  get hasAddress(): boolean {
    return this.lines.some(isRunningLine)
  }

  /** It was asked to end. */
  get isEnding(): boolean {
    return this.#isEnding
  }

  async get(path: string, signal?: AbortSignal): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(`${await this.#address()}${path}`, signal ? { signal } : {})
    return { status: response.status, text: await response.text() }
  }

  /** The sum of a counter over all its series, with labels or without. */
  async count(metric: string): Promise<number> {
    const { text } = await this.get('/metrics')
    const series = text
      .split('\n')
      .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    return series.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
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
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') this.#isEnding = true
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
    return (await this.says(isRunningLine)).address ?? ''
  }
}

function isRunningLine({ msg }: LogLine): boolean {
  return msg === 'the gateway runs'
}
