import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

const GATEWAY = join(import.meta.dirname, '../../services/gateway/dist/main.js')

/** One line of the gateway's log. */
export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly connection?: string
  readonly address?: string
}

/** What is in a process beside what was built. */
export interface Preloaded {
  readonly preloads?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** The built gateway in a process of its own, as operators start it: with a configuration file. Killed with the test. */
export class GatewayProcess {
  readonly lines: LogLine[] = []
  readonly #file: string
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>
  readonly #news = new EventEmitter()

  /** `preloads`: modules that change it, and what they are told. */
  constructor(yaml: string, { preloads = [], env = {} }: Preloaded = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-gateway-'))
    const file = join(folder, 'holdfast.yaml')
    writeFileSync(file, yaml)
    const child = spawn(
      execPath,
      [...preloads.map((path) => `--import=${path}`), GATEWAY, '--config', file],
      {
        env: { ...env },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    this.#file = file
    this.#child = child
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.lines.push(JSON.parse(line))
      this.#news.emit('line')
    })
    this.#ended = once(child, 'exit').then(([code]) => {
      this.#news.emit('line')
      rmSync(folder, { recursive: true })
      return code
    })
    onTestFinished(() => this.kill())
  }

  /** The first log line, before or after this call, that is wanted. Rejects when the process ends without it. */
  async says(wanted: (line: LogLine) => boolean): Promise<LogLine> {
    for (;;) {
      const found = this.lines.find(wanted)
      if (found) return found
      if (this.#child.exitCode !== null || this.#child.signalCode !== null)
        throw new Error(`the gateway ended and had not said it:\n${JSON.stringify(this.lines, undefined, 1)}`)
      await once(this.#news, 'line')
    }
  }

  /** Lines that a person would have to look at. */
  linesAt(...levels: readonly string[]): LogLine[] {
    return this.lines.filter(({ level }) => levels.includes(level))
  }

  async get(path: string): Promise<{ readonly status: number; readonly text: string }> {
    const { address } = await this.says(({ msg }) => msg === 'the gateway runs')
    const response = await fetch(`${address}${path}`)
    return { status: response.status, text: await response.text() }
  }

  /** Resolves when every connection is up, or broken for good. */
  async ready(): Promise<void> {
    for (;;) {
      // Whatever makes it ready is told in a line after this one.
      const seen = this.lines.length
      if ((await this.get('/readyz')).status === 200) return
      await this.says((line) => this.lines.indexOf(line) >= seen)
    }
  }

  /** The sum of a counter over all its series whose labels contain `label`. */
  async count(metric: string, label = ''): Promise<number> {
    const { text } = await this.get('/metrics')
    const series = text.split('\n').filter((line) => line.startsWith(`${metric}{`) && line.includes(label))
    return series.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  }

  /** Replaces its configuration file by another, as an editor does. */
  configure(yaml: string): void {
    writeFileSync(`${this.#file}.new`, yaml)
    renameSync(`${this.#file}.new`, this.#file)
  }

  /** SIGHUP. */
  hangUp(): void {
    this.#child.kill('SIGHUP')
  }

  /** Asks it to stop; resolves with the exit code. */
  stop(): Promise<number | null> {
    this.#child.kill('SIGTERM')
    return this.#ended
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}
