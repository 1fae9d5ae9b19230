import type {
  Clock,
  ConnectionConfig,
  DiscordConfig,
  Log,
  SlackRtmConfig,
  SlackSocketModeConfig,
} from '@holdfast/runtime'
import type { ConnectionChange } from './config-change.ts'
import { DiscordShards } from './discord-shards.ts'
import type { ShownConnections } from './metrics/connection-metrics.ts'
import type { ConnectionDriver, ConnectionStatus } from './ports.ts'
import type { Candidate, UnitTools } from './tenure/candidate.ts'
import type { UnitTenure } from './tenure/unit-tenure.ts'

/** Which units one connection has. */
export interface UnitGroup {
  /** Resolves when they are known, or it is being found out. Idempotent. */
  start(): Promise<void>
  /** Nothing is found out any more. Idempotent. */
  stop(): Promise<void>
  /** Those that are known, in order. */
  readonly candidates: readonly Candidate[]
  /** Of the connection as a whole, where there are no units to tell of. */
  statuses(): readonly ConnectionStatus[]
}

/** Makes the driver of one unit. */
export interface DriverFactory {
  slackRtm(connection: SlackRtmConfig, tools: UnitTools): ConnectionDriver
  slackSocketMode(connection: SlackSocketModeConfig, tools: UnitTools): ConnectionDriver
  discord(connection: DiscordConfig, shard: number, shardCount: number, tools: UnitTools): ConnectionDriver
}

/** What units are made with. */
export interface UnitsOptions {
  readonly drivers: DriverFactory
  readonly tenureOf: (candidate: Candidate) => UnitTenure
  readonly metrics: ShownConnections
  readonly clock: Clock
  readonly log: Log
  readonly fetch: typeof fetch
  /** Units have become known. */
  readonly onNews: () => void
}

interface Configured {
  readonly connection: ConnectionConfig
  readonly group: UnitGroup
  /** Since when its settings are in effect (Unix milliseconds). */
  readonly configuredAt: number
}

/**
 * The units that this gateway could serve, by connection, and what it does with each. Which they are may change while it runs;
 * those not named in a change go on untouched.
 */
export class Units {
  readonly #options: UnitsOptions
  readonly #configured = new Map<string, Configured>()
  readonly #tenures = new Map<string, UnitTenure>()
  /** Taken out of service and not closed yet. */
  readonly #leaving = new Set<UnitTenure>()
  /** Being served anew with other settings, or let go of because there is no such unit any more. */
  readonly #working = new Set<Promise<void>>()
  #stopped = false

  constructor(connections: readonly ConnectionConfig[], options: UnitsOptions) {
    this.#options = options
    for (const connection of connections) this.#add(connection)
  }

  /** All that are known, connection by connection. */
  get tenures(): readonly UnitTenure[] {
    return this.#groups().flatMap(({ candidates }) => candidates.flatMap(({ unit }) => this.find(unit) ?? []))
  }

  find(unit: string): UnitTenure | undefined {
    return this.#tenures.get(unit)
  }

  /** The ids of the connections that it could serve: those of which the units are known. */
  get serves(): readonly string[] {
    return [...this.#configured].filter(([, { group }]) => group.candidates.length > 0).map(([id]) => id)
  }

  /** The ids of connections of which it is still being found out which units they have. */
  get unknown(): readonly string[] {
    return [...this.#configured]
      .filter(([, { group }]) => group.statuses().some(({ state }) => state === 'connecting'))
      .map(([id]) => id)
  }

  /** Connections that the platform refuses before it is known which units they have: why, by id. */
  get refused(): ReadonlyMap<string, string> {
    const refusals = this.#groups().flatMap((group) => group.statuses())
    return new Map(
      refusals.flatMap(({ connection, state, why = '' }) => (state === 'fatal' ? [[connection, why]] : [])),
    )
  }

  /** Of the units that are held, and of connections whose units are not known. */
  statuses(): readonly ConnectionStatus[] {
    return this.#groups().flatMap((group) => [
      ...group.statuses(),
      ...group.candidates.flatMap(({ unit }) => statusOf(this.find(unit))),
    ])
  }

  configuredAt(connection: string): number | undefined {
    return this.#configured.get(connection)?.configuredAt
  }

  /** The ids of connections of which a unit that is held was refused for good, and that wait for a person. */
  fatal(): readonly string[] {
    const refused = this.statuses().filter(({ state }) => state === 'fatal')
    return [...new Set(refused.map(({ connection }) => connection))]
  }

  /** Resolves when it is known which units there are, where that needs nobody who is away. */
  async start(): Promise<void> {
    await Promise.all(this.#groups().map((group) => group.start()))
  }

  /** Lets go of everything, so that its sessions can be resumed. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#groups().map((group) => group.stop()))
    await Promise.all([...this.#tenures.values(), ...this.#leaving].map((tenure) => tenure.end(graceMs)))
  }

  /** Stops everything at once and releases nothing: another process is this replica now. */
  async abandon(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#groups().map((group) => group.stop()))
    await Promise.all([...this.#tenures.values()].map((tenure) => tenure.abandon()))
  }

  /**
   * Stops what goes, so that its sessions can be resumed, and only then begins what comes: a bot may have moved from one
   * connection to another, and is never connected by both. A changed connection is served anew under the same lease.
   */
  async change({ added, removed, changed }: ConnectionChange, graceMs: number): Promise<void> {
    await Promise.all([
      ...removed.map(({ id }) => this.#remove(id, graceMs)),
      ...changed.map(({ id }) => this.#pause(id, graceMs)),
    ])
    if (this.#stopped) return
    await Promise.all([...changed, ...added].map((connection) => this.#begin(connection)))
  }

  /**
   * Stops these, so that their sessions can be resumed, and starts them anew with the settings that they have. An id that is
   * not configured means nothing.
   */
  async restart(ids: readonly string[], graceMs: number): Promise<void> {
    const again = ids.flatMap((id) => this.#configured.get(id) ?? [])
    await Promise.all(again.map(({ connection }) => this.#pause(connection.id, graceMs)))
    if (this.#stopped) return
    await Promise.all(again.map(({ connection, configuredAt }) => this.#begin(connection, configuredAt)))
  }

  #groups(): readonly UnitGroup[] {
    return [...this.#configured.values()].map(({ group }) => group)
  }

  #add(connection: ConnectionConfig, configuredAt = this.#options.clock.wallAt()): UnitGroup {
    const group = this.#groupOf(connection)
    this.#configured.set(connection.id, { connection, group, configuredAt })
    this.#options.metrics.connection(connection.id)
    return group
  }

  #groupOf(connection: ConnectionConfig): UnitGroup {
    const { drivers } = this.#options
    const onKnown = () => this.#onKnown(connection.id)
    if (connection.platform === 'discord') return new DiscordShards({ ...this.#options, connection, onKnown })
    const makeDriver = (tools: UnitTools) =>
      connection.transport === 'rtm'
        ? drivers.slackRtm(connection, tools)
        : drivers.slackSocketMode(connection, tools)
    const { id } = connection
    return single(
      { unit: id, connection: id, provesBeside: PROVES_BESIDE[connection.transport], makeDriver },
      onKnown,
    )
  }

  /** Those that are served already go on with their new settings; what is no unit any more is let go. */
  #onKnown(connection: string): void {
    const candidates = this.#configured.get(connection)?.group.candidates ?? []
    for (const candidate of candidates) {
      const known = this.#tenures.get(candidate.unit)
      if (known) this.#work(known.resume(candidate))
      else this.#tenures.set(candidate.unit, this.#options.tenureOf(candidate))
    }
    const units = new Set(candidates.map(({ unit }) => unit))
    for (const tenure of this.#tenuresOf(connection))
      if (!units.has(tenure.candidate.unit)) this.#work(this.#end(tenure, 0))
    this.#options.onNews()
  }

  #work(work: Promise<void>): void {
    this.#working.add(work)
    void work.finally(() => this.#working.delete(work))
  }

  async #begin(connection: ConnectionConfig, configuredAt?: number): Promise<void> {
    await this.#add(connection, configuredAt).start()
    await Promise.all(this.#working)
  }

  /** Nothing waits for it any more, readiness included; until it is closed, a stop of the gateway still does. */
  async #remove(id: string, graceMs: number): Promise<void> {
    const group = this.#configured.get(id)?.group
    this.#configured.delete(id)
    await group?.stop()
    await Promise.all(this.#tenuresOf(id).map((tenure) => this.#end(tenure, graceMs)))
    this.#options.metrics.forgetConnection(id)
  }

  async #end(tenure: UnitTenure, graceMs: number): Promise<void> {
    this.#tenures.delete(tenure.candidate.unit)
    this.#leaving.add(tenure)
    await tenure.end(graceMs)
    this.#leaving.delete(tenure)
  }

  async #pause(id: string, graceMs: number): Promise<void> {
    await this.#configured.get(id)?.group.stop()
    await Promise.all(this.#tenuresOf(id).map((tenure) => tenure.pause(graceMs)))
    this.#options.metrics.forgetStates(id)
  }

  #tenuresOf(connection: string): readonly UnitTenure[] {
    return [...this.#tenures.values()].filter(({ candidate }) => candidate.connection === connection)
  }
}

/**
 * Everything on RTM comes on all sockets of the bot, so that one beside the holder's shows before the hand-over that it serves.
 */
const PROVES_BESIDE = { rtm: true, 'socket-mode': false } as const

function single(candidate: Candidate, onKnown: () => void): UnitGroup {
  let candidates: readonly Candidate[] = []
  return {
    async start() {
      candidates = [candidate]
      onKnown()
    },
    async stop() {},
    get candidates() {
      return candidates
    },
    statuses: () => [],
  }
}

function statusOf(tenure: UnitTenure | undefined): readonly ConnectionStatus[] {
  const status = tenure?.held && tenure.status()
  return status ? [status] : []
}
