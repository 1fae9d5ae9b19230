import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { env, execPath, getuid } from 'node:process'
import { onTestFinished } from 'vitest'
import type { Image } from './images.ts'

/** How a container ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
}

/** Ended as asked, with nothing to complain about. */
export const CLEAN: Ended = { code: 0, signal: null, stderr: '' }

/**
 * An image at work as a plain process: its files can't be written, its user is the image's (where the test may choose
 * one), and nothing but the given variables is in its environment. Killed with the test.
 */
export class Container {
  readonly #image: Image
  readonly #variables: Readonly<Record<string, string>>
  readonly #graceMs: number
  readonly #news = new EventEmitter()
  #child: ChildProcess | undefined
  #ended: Promise<Ended> | undefined
  #stdout = ''
  #stderr = ''

  constructor(image: Image, variables: Readonly<Record<string, string>>, graceMs: number) {
    this.#image = image
    this.#variables = variables
    this.#graceMs = graceMs
  }

  start(): this {
    const [program = '', ...args] = [...this.#image.entrypoint, ...this.#image.command]
    if (program !== 'node') throw new Error(`the entry point starts ${program}, not node`)
    const child = spawn(execPath, args, this.#surroundings())
    child.stdout.on('data', (chunk) => {
      this.#stdout += chunk
      this.#news.emit('news')
    })
    child.stderr.on('data', (chunk) => (this.#stderr += chunk))
    this.#child = child
    this.#ended = once(child, 'close').then(([code, signal]) => {
      this.#news.emit('news')
      return { code, signal, stderr: this.#stderr }
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    return this
  }

  /** Resolves when it has ended by itself. */
  get ended(): Promise<Ended> {
    if (!this.#ended) throw new Error('it was never started')
    return this.#ended
  }

  /** Resolves when its standard output has `text`. */
  async says(text: string): Promise<void> {
    while (!this.#stdout.includes(text)) {
      this.#expectToRun()
      await once(this.#news, 'news')
    }
  }

  /** Runs the image's health check once, as its user; also before the start. Resolves with the exit code. */
  async health(): Promise<number | null> {
    const check = spawn('sh', ['-c', this.#image.healthcheck], this.#surroundings())
    const [code] = await once(check, 'close')
    return code as number | null
  }

  /** Checks health until it is well, as Docker does. */
  async healthy(): Promise<void> {
    while ((await this.health()) !== 0) this.#expectToRun()
  }

  /** As `docker stop` does: SIGTERM, and SIGKILL when the grace is over. */
  stop(): Promise<Ended> {
    this.#child?.kill('SIGTERM')
    const killer = setTimeout(() => this.#child?.kill('SIGKILL'), this.#graceMs)
    return this.ended.finally(() => clearTimeout(killer))
  }

  #expectToRun(): void {
    if (this.#child?.exitCode === null && this.#child.signalCode === null) return
    throw new Error(`it does not run; it said:\n${this.#stderr}${this.#stdout}`)
  }

  #surroundings() {
    const { root, workdir, variables, uid, gid } = this.#image
    return {
      cwd: join(root, workdir),
      env: { PATH: env.PATH, ...variables, ...this.#variables },
      ...(getuid?.() === 0 ? { uid, gid } : {}),
    }
  }
}
