import {
  type CallBudget,
  createMemoryCallBudget,
  createOutageCallBudget,
  createRedisCallBudget,
  createRedisCheckpointStore,
} from '@holdfast/ownership'
import type { Clock, Config, Log, RedisConnection, Service } from '@holdfast/runtime'
import type { ConfigFile } from './config-file.ts'
import { ConfigWatch } from './config-watch.ts'
import { DiskJournal } from './journal.ts'
import type { GatewayMetrics } from './metrics.ts'
import type { DriverTools } from './ports.ts'
import type { QueueSide } from './queue-side.ts'
import { Reload } from './reload.ts'
import { takeOver } from './take-over.ts'
import { type DriverFactory, Units } from './units.ts'

/** What the units are made from. */
export interface UnitSideOptions {
  readonly config: Config
  readonly file: ConfigFile | undefined
  readonly drivers: (tools: DriverTools) => DriverFactory
  readonly clock: Clock
  readonly log: Log
  readonly fetch: typeof fetch
}

/** Everything between the platforms and the publisher: the units, what they lean on, and what changes them. */
export interface UnitSide {
  readonly units: Units
  readonly journal: DiskJournal
  readonly reload: Reload
  /** Asks for a reload when the file has changed. */
  readonly fileWatch: Service
}

/** Puts the unit side together; nothing is opened before it is started. */
export function createUnitSide(
  redis: RedisConnection,
  { publisher, watch }: Pick<QueueSide, 'publisher' | 'watch'>,
  metrics: GatewayMetrics,
  options: UnitSideOptions,
): UnitSide {
  const { config, file, drivers, clock, log, fetch } = options
  const { publish, wanted } = publisher
  const journal = createJournal(config, log)
  const checkpoints = createRedisCheckpointStore(redis, config.redis.prefix)
  const budget = createBudget(redis, config, clock)
  const units = new Units(config.connections, {
    drivers: drivers({ publish, wanted, checkpoints, budget, journal, metrics, clock, log, fetch }),
    metrics,
    clock,
    log,
    fetch,
    fence: (unit) => checkpoints.fence(unit),
  })
  const reload = new Reload({
    config,
    file,
    apply: (change, changed) => takeOver(change, changed, { units, watch, log, clock }),
    units,
    clock,
    log,
  })
  metrics.configRefused(() => reload.refused !== undefined)
  return { units, journal, reload, fileWatch: createFileWatch(file, reload, clock) }
}

function createBudget(redis: RedisConnection, config: Config, clock: Clock): CallBudget {
  return createOutageCallBudget({
    shared: createRedisCallBudget(redis, config.redis.prefix),
    own: createMemoryCallBudget(clock),
    answers: () => redis.status === 'ready',
    clock,
  })
}

function createJournal({ gateway, redis, connections }: Config, log: Log): DiskJournal {
  return new DiskJournal({
    folder: gateway.journalDir,
    deployment: redis.prefix.slice(1, -1),
    expected: connections.some((each) => each.platform === 'slack' && each.transport === 'socket-mode'),
    log,
  })
}

function createFileWatch(file: ConfigFile | undefined, reload: Reload, clock: Clock): Service {
  if (!file) return { start: async () => {}, stop: async () => {} }
  return new ConfigWatch({ file, onChange: () => void reload.request('the file has changed'), clock })
}
