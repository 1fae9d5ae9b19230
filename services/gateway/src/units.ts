import type { Config, DiscordConfig, SlackRtmConfig } from '@holdfast/runtime'
import { DiscordShards, type DiscordShardsOptions } from './discord-shards.ts'
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
  discord(connection: DiscordConfig, shard: number, shardCount: number): ConnectionDriver
}

/** What units are made with. */
export type UnitsOptions = Pick<DiscordShardsOptions, 'clock' | 'log' | 'fetch'> & {
  readonly drivers: DriverFactory
}

/** The units of a gateway. */
export interface Units {
  readonly groups: readonly UnitGroup[]
  /** Connections that this version does not open, by id. */
  readonly unopened: readonly string[]
  statuses(): readonly ConnectionStatus[]
}

/** The units that the configuration asks for. */
export function createUnits(config: Pick<Config, 'connections'>, options: UnitsOptions): Units {
  const groups: UnitGroup[] = []
  const unopened: string[] = []
  for (const connection of config.connections) {
    if (connection.platform === 'discord') groups.push(new DiscordShards({ ...options, connection }))
    else if (connection.transport === 'rtm') groups.push(single(options.drivers.slackRtm(connection)))
    else unopened.push(connection.id)
  }
  return { groups, unopened, statuses: () => groups.flatMap((group) => group.statuses()) }
}

function single(driver: ConnectionDriver): UnitGroup {
  return {
    start: () => driver.start(),
    stop: (graceMs) => driver.stop(graceMs),
    statuses: () => [driver.status()],
  }
}
