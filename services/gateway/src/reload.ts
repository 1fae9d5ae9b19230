import { type Clock, type Config, type Log, messageOf, ProblemError, type Service } from '@holdfast/runtime'
import { type ConfigChange, compareConfigs } from './config-change.ts'
import { checkConfig } from './config-check.ts'
import type { ConfigFile } from './config-file.ts'
import type { Units } from './units.ts'

/** Who asked for a reload: a person, or the file itself. */
export type ReloadReason = 'SIGHUP' | 'the file has changed'

/** A configuration file that is not in effect, because it is wrong. */
export interface ConfigRefusal {
  /** Since when what the file says is not in effect (Unix milliseconds), however often it has changed since. */
  readonly sinceAt: number
  /** All that is wrong with it now, as the log has it, on one line. */
  readonly why: string
}

/** What a reload works with. */
export interface ReloadOptions {
  /** What the gateway was started with. */
  readonly config: Config
  /** Nothing where it was the environment alone. */
  readonly file: Pick<ConfigFile, 'path' | 'load'> | undefined
  /** Puts a change into effect. Resolves when it is. */
  readonly apply: (change: ConfigChange, config: Config) => Promise<void>
  /** For connections that the platform has refused for good. */
  readonly units: Pick<Units, 'fatal' | 'restart'>
  readonly clock: Clock
  readonly log: Log
}

/**
 * Takes over what has changed in the configuration file while the gateway runs. One load at a time; whatever is asked for
 * meanwhile is one more after it. A configuration that would be refused at a start changes nothing, and is told in the
 * same lines. Nothing is loaded before `start()` and after `stop()`; a load asked for before comes with the start.
 *
 * A signal also starts connections again that were refused for good, with the settings that they have: what a person has
 * put right in the meantime (an intent switched on, an app installed again) shows in no file.
 */
export class Reload implements Service {
  readonly #options: ReloadOptions
  #config: Config
  #generation = 1
  #configuredAt: number
  #refused: ConfigRefusal | undefined
  #phase: 'waiting' | 'started' | 'stopped' = 'waiting'
  /** Why the next load is wanted. */
  #wanted: ReloadReason | undefined
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

  /** Nothing once a good file was taken over, also one that changes nothing. */
  get refused(): ConfigRefusal | undefined {
    return this.#refused
  }

  /** Asks for a load. Resolves when nothing that was asked for is left to do. Never rejects. */
  async request(why: ReloadReason): Promise<void> {
    // What waits already and was a person's wish stays one.
    if (this.#wanted !== 'SIGHUP') this.#wanted = why
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
    const { file, log } = this.#options
    if (!file)
      log.warn(
        { why },
        'there is no configuration file to load again: the environment alone is the configuration',
      )
    const config = file ? this.#load(file, why) : this.#config
    if (!config) return
    const change = compareConfigs(this.#config, config)
    // Seen before the change: what it starts may have been refused again by the time it is done.
    const refused = why === 'SIGHUP' ? fatalBeside(change, this.#options.units.fatal()) : []
    if (file) await this.#takeOver(config, change, why)
    if (refused.length > 0) await this.#startAgain(refused)
  }

  #load(file: Pick<ConfigFile, 'path' | 'load'>, why: ReloadReason): Config | undefined {
    const { clock, log } = this.#options
    try {
      const config = file.load()
      checkConfig(config)
      this.#refused = undefined
      return config
    } catch (error) {
      const lines = error instanceof ProblemError ? error.message.split('\n') : [messageOf(error)]
      for (const line of lines) log.error({ file: file.path }, line)
      this.#refused = { sinceAt: this.#refused?.sinceAt ?? clock.wallAt(), why: lines.join('; ') }
      log.error({ why }, 'the configuration was loaded again and is refused: nothing has changed')
      return undefined
    }
  }

  async #takeOver(loaded: Config, change: ConfigChange, why: ReloadReason): Promise<void> {
    const { log } = this.#options
    const { redis, http, gateway, log: logging } = this.#config
    // What needs a restart is told again until there was one.
    this.#config = { ...loaded, redis, http, gateway, log: logging }
    if (hasEffect(change)) await this.#apply(change, why)
    else
      log.info({ why }, 'the configuration was loaded again: its connections and subscriptions are the same')
    if (change.needRestart.length > 0)
      log.warn({ blocks: change.needRestart }, 'these blocks have changed, and need a restart to take effect')
  }

  async #apply(change: ConfigChange, why: ReloadReason): Promise<void> {
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

  async #startAgain(connections: readonly string[]): Promise<void> {
    const { units, log } = this.#options
    log.info({ connections }, 'connections that were refused for good are started again, as SIGHUP asks')
    try {
      await units.restart(connections, this.#config.gateway.stopGraceMs)
    } catch (error) {
      log.error({ connections, error: messageOf(error) }, 'not all of them could be started again')
    }
  }
}

/** What the change starts or stops anyway needs nothing more. */
function fatalBeside({ removed, changed }: ConfigChange, fatal: readonly string[]): readonly string[] {
  const concerned = new Set([...removed, ...changed].map(({ id }) => id))
  return fatal.filter((id) => !concerned.has(id))
}

function hasEffect({ added, removed, changed, subscriptionsChanged }: ConfigChange): boolean {
  return subscriptionsChanged || added.length + removed.length + changed.length > 0
}

function idsOf({ added, removed, changed, subscriptionsChanged }: ConfigChange) {
  const ids = (connections: ConfigChange['added']) => connections.map(({ id }) => id)
  return { added: ids(added), removed: ids(removed), changed: ids(changed), subscriptionsChanged }
}
