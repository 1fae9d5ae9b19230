import {
  type Clock,
  type ConnectionConfig,
  type DiscordConfig,
  endsWithin,
  type Log,
  messageOf,
  type SlackRtmConfig,
  type SlackSocketModeConfig,
} from '@holdfast/runtime'
import type { ConnectionChange } from './config-change.ts'
import { DiscordShards } from './discord-shards.ts'
import type { ShownConnections } from './metrics.ts'
import type { ConnectionDriver, ConnectionStatus } from './ports.ts'

/** The units of one connection. */
export interface UnitGroup {
  /** Resolves when the first attempts are under way, not when they are connected. Idempotent. */
  start(): Promise<void>
  /** As `ConnectionDriver.stop`, of all at once. Idempotent. */
  stop(graceMs: number): Promise<void>
  statuses(): readonly ConnectionStatus[]
}

/** Makes the driver of one unit. */
export interface DriverFactory {
  slackRtm(connection: SlackRtmConfig): ConnectionDriver
  slackSocketMode(connection: SlackSocketModeConfig): ConnectionDriver
  discord(connection: DiscordConfig, shard: number, shardCount: number): ConnectionDriver
}

/** What units are made with. */
export interface UnitsOptions {
  readonly drivers: DriverFactory
  readonly metrics: ShownConnections
  readonly clock: Clock
  readonly log: Log
  readonly fetch: typeof fetch
  /** A fencing number for the unit, newer than every one before. */
  readonly fence: (unit: string) => Promise<number>
}

interface Held {
  readonly connection: ConnectionConfig
  readonly group: UnitGroup
  /** Since when its settings are in effect (Unix milliseconds). */
  readonly configuredAt: number
}

/** The units of a gateway, by connection. Which they are may change while it runs; those not named in a change go on untouched. */
export class Units {
  readonly #options: UnitsOptions
  readonly #held = new Map<string, Held>()
  /** Taken out of service and not closed yet. */
  readonly #leaving = new Set<UnitGroup>()
  /** Told to start and not under way yet: while Redis is away that can take as long as it is. */
  readonly #beginning = new Set<UnitGroup>()
  #stopped = false

  constructor(connections: readonly ConnectionConfig[], options: UnitsOptions) {
    this.#options = options
    for (const connection of connections) this.#add(connection)
  }

  statuses(): readonly ConnectionStatus[] {
    return [...this.#held.values()].flatMap(({ group }) => group.statuses())
  }

  configuredAt(connection: string): number | undefined {
    return this.#held.get(connection)?.configuredAt
  }

  /** The ids of connections of which a unit at least was refused for good, and that wait for a person. */
  fatal(): readonly string[] {
    return [...this.#held]
      .filter(([, { group }]) => group.statuses().some(({ state }) => state === 'fatal'))
      .map(([id]) => id)
  }

  /** Resolves when every unit has begun to connect. */
  async start(): Promise<void> {
    await Promise.all(this.#groups().map((group) => this.#startGroup(group)))
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopped = true
    await Promise.all([...this.#groups(), ...this.#leaving].map((group) => this.#stopGroup(group, graceMs)))
  }

  /**
   * Stops what goes, so that its sessions can be resumed, and only then starts what comes: a bot may have moved from one
   * connection to another, and is never connected by both. Resolves when the new units have begun to connect.
   */
  async change({ added, removed, changed }: ConnectionChange, graceMs: number): Promise<void> {
    await Promise.all([
      ...removed.map(({ id }) => this.#remove(id, graceMs)),
      ...changed.map(({ id }) => this.#stopOne(id, graceMs)),
    ])
    if (this.#stopped) return
    await Promise.all([...changed, ...added].map((connection) => this.#begin(connection)))
  }

  /**
   * Stops these, so that their sessions can be resumed, and starts them anew with the settings that they have. An id that is
   * not held means nothing. Resolves when the new units have begun to connect.
   */
  async restart(ids: readonly string[], graceMs: number): Promise<void> {
    const held = ids.flatMap((id) => this.#held.get(id) ?? [])
    await Promise.all(held.map(({ connection }) => this.#stopOne(connection.id, graceMs)))
    if (this.#stopped) return
    await Promise.all(held.map(({ connection, configuredAt }) => this.#begin(connection, configuredAt)))
  }

  #groups(): readonly UnitGroup[] {
    return [...this.#held.values()].map(({ group }) => group)
  }

  #add(connection: ConnectionConfig, configuredAt = this.#options.clock.wallAt()): UnitGroup {
    const group = createGroup(connection, this.#options)
    this.#held.set(connection.id, { connection, group, configuredAt })
    this.#options.metrics.connection(connection.id)
    return group
  }

  async #begin(connection: ConnectionConfig, configuredAt?: number): Promise<void> {
    const group = this.#add(connection, configuredAt)
    try {
      await this.#startGroup(group)
    } catch (error) {
      this.#options.log.error(
        { connection: connection.id, error: messageOf(error) },
        'the connection could not be started: the others go on; restart the gateway to try it again',
      )
    }
  }

  async #startGroup(group: UnitGroup): Promise<void> {
    this.#beginning.add(group)
    await group.start().finally(() => this.#beginning.delete(group))
  }

  /** One that waits for Redis to begin with is not waited for longer than the grace. */
  async #stopGroup(group: UnitGroup, graceMs: number): Promise<void> {
    const stopped = group.stop(graceMs)
    if (this.#beginning.has(group)) await endsWithin(this.#options.clock, graceMs, stopped)
    else await stopped
  }

  /** Nothing waits for it any more, readiness included; until it is closed, a stop of the gateway still does. */
  async #remove(id: string, graceMs: number): Promise<void> {
    const group = this.#held.get(id)?.group
    this.#held.delete(id)
    if (group) {
      this.#leaving.add(group)
      await this.#stopGroup(group, graceMs)
      this.#leaving.delete(group)
    }
    this.#options.metrics.forgetConnection(id)
  }

  async #stopOne(id: string, graceMs: number): Promise<void> {
    const group = this.#held.get(id)?.group
    if (group) await this.#stopGroup(group, graceMs)
    this.#options.metrics.forgetStates(id)
  }
}

function createGroup(connection: ConnectionConfig, options: UnitsOptions): UnitGroup {
  const { drivers } = options
  if (connection.platform === 'discord') return new DiscordShards({ ...options, connection })
  if (connection.transport === 'rtm')
    return single(drivers.slackRtm(connection), () => options.fence(connection.id))
  return single(drivers.slackSocketMode(connection), () => options.fence(connection.id))
}

function single(driver: ConnectionDriver, fence: () => Promise<number>): UnitGroup {
  return {
    start: async () => driver.start(await fence()),
    stop: (graceMs) => driver.stop(graceMs),
    statuses: () => [driver.status()],
  }
}
