import { type Clock, type Config, type Log, messageOf, ProblemError, type Service } from '@holdfast/runtime'
import { type ConfigChange, compareConfigs } from './config-change.ts'
import { checkConfig } from './config-check.ts'
import type { ConfigFile } from './config-file.ts'

/** What a reload works with. */
export interface ReloadOptions {
  /** What the gateway was started with. */
  readonly config: Config
  /** Nothing where it was the environment alone. */
  readonly file: Pick<ConfigFile, 'path' | 'load'> | undefined
  /** Puts a change into effect. Resolves when it is. */
  readonly apply: (change: ConfigChange, config: Config) => Promise<void>
  readonly clock: Clock
  readonly log: Log
}

/**
 * Takes over what has changed in the configuration file while the gateway runs. One load at a time; whatever is asked for
 * meanwhile is one more after it. A configuration that would be refused at a start changes nothing, and is told in the
 * same lines. Nothing is loaded before `start()` and after `stop()`; a load asked for before comes with the start.
 */
export class Reload implements Service {
  readonly #options: ReloadOptions
  #config: Config
  #generation = 1
  #configuredAt: number
  #phase: 'waiting' | 'started' | 'stopped' = 'waiting'
  /** Why the next load is wanted. */
  #wanted: string | undefined
  #turn: Promise<void> = Promise.resolve()

  constructor(options: ReloadOptions) {
    this.#options = options
    this.#config = options.config
    this.#configuredAt = options.clock.wallAt()
  }

  /** Rises with each configuration that was taken over. */
  get generation(): number {
    return this.#generation
  }

  /** When that was (Unix milliseconds). */
  get configuredAt(): number {
    return this.#configuredAt
  }

  /** Asks for a load; `why` is for the log. Resolves when nothing that was asked for is left to do. Never rejects. */
  async request(why: string): Promise<void> {
    const { file, log } = this.#options
    if (!file) {
      log.warn(
        { why },
        'there is no configuration file to load again: the environment alone is the configuration',
      )
      return
    }
    this.#wanted = why
    await this.#next()
  }

  async start(): Promise<void> {
    if (this.#phase !== 'waiting') return
    this.#phase = 'started'
    void this.#next()
  }

  /** Resolves when the load under way, if there is one, is done; no other begins. */
  async stop(): Promise<void> {
    this.#phase = 'stopped'
    await this.#turn
  }

  /** Of several that wait for their turn the first one loads, and the others find nothing left to do. */
  #next(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#loadIfWanted())
    return this.#turn
  }

  async #loadIfWanted(): Promise<void> {
    const why = this.#wanted
    if (why === undefined || this.#phase !== 'started') return
    this.#wanted = undefined
    const config = this.#load(why)
    if (config) await this.#takeOver(config, why)
  }

  #load(why: string): Config | undefined {
    const { file, log } = this.#options
    try {
      const config = file?.load()
      if (config) checkConfig(config)
      return config
    } catch (error) {
      const lines = error instanceof ProblemError ? error.message.split('\n') : [messageOf(error)]
      for (const line of lines) log.error({ file: file?.path }, line)
      log.error({ why }, 'the configuration was loaded again and is refused: nothing has changed')
      return undefined
    }
  }

  async #takeOver(loaded: Config, why: string): Promise<void> {
    const { log } = this.#options
    const change = compareConfigs(this.#config, loaded)
    const { redis, http, gateway, log: logging } = this.#config
    // What needs a restart is told again until there was one.
    this.#config = { ...loaded, redis, http, gateway, log: logging }
    if (hasEffect(change)) await this.#apply(change, why)
    else
      log.info({ why }, 'the configuration was loaded again: its connections and subscriptions are the same')
    if (change.needRestart.length > 0)
      log.warn({ blocks: change.needRestart }, 'these blocks have changed, and need a restart to take effect')
  }

  async #apply(change: ConfigChange, why: string): Promise<void> {
    const { apply, clock, log } = this.#options
    try {
      await apply(change, this.#config)
    } catch (error) {
      log.error(
        { error: messageOf(error) },
        'the changed configuration could not be put into effect as a whole',
      )
    }
    this.#generation += 1
    this.#configuredAt = clock.wallAt()
    log.info({ why, generation: this.#generation, ...idsOf(change) }, 'the configuration was loaded again')
  }
}

function hasEffect({ added, removed, changed, subscriptionsChanged }: ConfigChange): boolean {
  return subscriptionsChanged || added.length + removed.length + changed.length > 0
}

function idsOf({ added, removed, changed, subscriptionsChanged }: ConfigChange) {
  const ids = (connections: ConfigChange['added']) => connections.map(({ id }) => id)
  return { added: ids(added), removed: ids(removed), changed: ids(changed), subscriptionsChanged }
}
