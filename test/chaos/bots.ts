import { type BotOptions, BotProcess } from './bot-process.ts'
import type { Notebook } from './notebook.ts'

/** The worker processes of a stage. */
export class Bots {
  /** When each was killed, by process id (Unix milliseconds). */
  readonly killedAt = new Map<number, number>()
  readonly #options: Omit<BotOptions, 'generation'>
  readonly #notebook: Notebook
  #hired: readonly BotProcess[] = []
  #generation = 1
  #isOver = false

  constructor(options: Omit<BotOptions, 'generation'>, notebook: Notebook) {
    this.#options = options
    this.#notebook = notebook
  }

  get running(): readonly BotProcess[] {
    return this.#hired.filter(({ isRunning }) => isRunning)
  }

  /** Starts so many of the present generation, `env` over the others' environment; resolves when they take jobs. */
  async hire(count: number, env: BotOptions['env'] = {}): Promise<readonly BotProcess[]> {
    const hired = Array.from({ length: count }, () => this.#hire(env))
    await Promise.all(hired.map((bot) => bot.ready()))
    return hired
  }

  /** Ends one with SIGKILL in the middle of a job; resolves with what it was in the middle of. Another takes its place. */
  async killBusy(): Promise<ReadonlySet<string>> {
    for (;;) {
      const victim = await this.#notebook.until(() =>
        this.running.find(({ pid }) => this.#notebook.openOf(pid).size > 0),
      )
      this.killedAt.set(victim.pid, Date.now())
      await victim.signal('SIGKILL')
      const cutOff = this.#notebook.openOf(victim.pid)
      await this.hire(1)
      if (cutOff.size > 0) return cutOff
    }
  }

  /** Resolves with the worker that is in the middle of this event. */
  async holderOf(key: string): Promise<BotProcess> {
    return this.#notebook.until(
      () => this.running.find(({ pid }) => this.#notebook.openOf(pid).has(key)),
      `a worker that has begun "${key}"`,
    )
  }

  /**
   * Replaces all by as many of the next generation, `env` over the others' environment: starts those, then asks the old ones to
   * stop. Rejects where one ends uncleanly.
   */
  async roll(env: BotOptions['env'] = {}): Promise<void> {
    const old = this.running
    this.#generation += 1
    await this.hire(old.length, env)
    await this.stop(old)
  }

  /** SIGTERM. Rejects where one ends uncleanly. */
  async stop(bots: readonly BotProcess[] = this.running): Promise<void> {
    for (const bot of bots) bot.send('SIGTERM')
    const endings = await Promise.all(bots.map(({ ended }) => ended))
    const unclean = endings.filter(({ code }) => code !== 0)
    if (unclean.length > 0) throw new Error(`workers ended uncleanly: ${JSON.stringify(unclean)}`)
  }

  /** From now on, whoever dies is followed by another, as under any process supervisor. */
  supervise(): void {
    for (const bot of this.running) this.#replace(bot)
  }

  /** Resolves when none is left. */
  async end(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.running.map((bot) => bot.signal('SIGKILL')))
  }

  #hire(env: BotOptions['env'] = {}): BotProcess {
    const options = { ...this.#options, env: { ...this.#options.env, ...env } }
    const bot = new BotProcess({ ...options, generation: this.#generation })
    this.#hired = [...this.#hired, bot]
    return bot
  }

  #replace(bot: BotProcess): void {
    void bot.ended.then(({ signal }) => {
      if (signal !== 'SIGKILL' || this.#isOver) return
      this.#replace(this.#hire())
    })
  }
}
