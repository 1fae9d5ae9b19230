import { randomUUID } from 'node:crypto'
import {
  type CallBudget,
  createMemoryCallBudget,
  createOutageCallBudget,
  createRedisCallBudget,
  createRedisCheckpointStore,
  createRedisGapBook,
  createRedisLeaseNews,
  createRedisLeaseStore,
  createWatch,
} from '@holdfast/ownership'
import type { Clock, Config, Log, RedisConnection, Service } from '@holdfast/runtime'
import type { BackfillTools } from './backfill/backfill-tools.ts'
import { Turns } from './backfill/turns.ts'
import { deployIdOf, replicaIdOf } from './config-check.ts'
import type { ConfigFile } from './config-file.ts'
import { ConfigWatch } from './config-watch.ts'
import type { FactoryTools } from './driver-factory.ts'
import { webSockets } from './drivers/socket.ts'
import { DiskJournal } from './journal.ts'
import type { GatewayMetrics } from './metrics.ts'
import type { QueueSide } from './queue-side.ts'
import { Reload } from './reload.ts'
import { memberFields } from './services.ts'
import { Spill } from './spill.ts'
import { takeOver } from './take-over.ts'
import { Ownership } from './tenure/ownership.ts'
import { UnitTenure } from './tenure/unit-tenure.ts'
import { type DriverFactory, Units } from './units.ts'

/** What the units are made from. */
export interface UnitSideOptions {
  readonly config: Config
  readonly file: ConfigFile | undefined
  readonly drivers: (tools: FactoryTools) => DriverFactory
  readonly clock: Clock
  readonly log: Log
  readonly fetch: typeof fetch
}

/** Everything between the platforms and the publisher: the units, what they lean on, and what changes them. */
export interface UnitSide {
  readonly units: Units
  readonly ownership: Ownership
  readonly journal: DiskJournal
  readonly spill: Spill
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
  const { wanted, room } = publisher
  const journal = createJournal(config, clock, log)
  const spill = new Spill({ publish: publisher.publish, journal, clock })
  const { publish } = spill
  const checkpoints = createRedisCheckpointStore(redis, config.redis.prefix)
  const budget = createBudget(redis, config, clock)
  const onNews = () => ownership.nudge()
  const store = createRedisLeaseStore(redis, config.redis.prefix)
  const run = { replica: replicaIdOf(config), run: randomUUID() }
  const redisAnswers = () => redis.status === 'ready'
  const tenure = {
    ...{ store, run, publish, openSocket: webSockets(clock), redisAnswers, onNews, clock, log },
    graceMs: config.gateway.stopGraceMs,
    metrics: metrics.tenure,
  }
  const units = new Units(config.connections, {
    drivers: drivers({
      ...{ publish, wanted, checkpoints, budget, journal, room, metrics, clock, log, fetch },
      filling: fillingOf(config, redis, {
        ...{ publish, wanted, budget, room, metrics: metrics.backfill, clock, log, fetch },
        turns: new Turns(),
        wantsFilled: (type) => watch.route(type, 'backfill').length > 0,
      }),
    }),
    tenureOf: (candidate) => new UnitTenure(candidate, tenure),
    ...{ metrics, clock, log, fetch, onNews },
  })
  const deploy = deployIdOf(config)
  const ownership = new Ownership({
    ...{ run, deploy, store, units, clock, log },
    times: config.gateway,
    news: createRedisLeaseNews(redis, config.redis.prefix),
    watch: createWatch(),
    fields: memberFields(deploy, () => units.statuses(), clock),
  })
  const reload = new Reload({
    config,
    file,
    apply: (change, changed) => takeOver(change, changed, { units, ownership, watch, log, clock }),
    units,
    clock,
    log,
  })
  metrics.configRefused(() => reload.refused !== undefined)
  return { units, ownership, journal, spill, reload, fileWatch: createFileWatch(file, reload, clock) }
}

function fillingOf(
  { gateway, redis: { prefix } }: Config,
  redis: RedisConnection,
  tools: Omit<BackfillTools, 'book' | 'bounds'>,
): BackfillTools | undefined {
  const { enabled, ...bounds } = gateway.backfill
  return enabled ? { ...tools, book: createRedisGapBook(redis, prefix), bounds } : undefined
}

function createBudget(redis: RedisConnection, config: Config, clock: Clock): CallBudget {
  return createOutageCallBudget({
    shared: createRedisCallBudget(redis, config.redis.prefix),
    own: createMemoryCallBudget(clock),
    answers: () => redis.status === 'ready',
    clock,
  })
}

function createJournal({ gateway, redis, connections }: Config, clock: Clock, log: Log): DiskJournal {
  return new DiskJournal({
    folder: gateway.journalDir,
    deployment: redis.prefix.slice(1, -1),
    expected: connections.length > 0,
    bound: { count: gateway.maxUnconfirmedCount, bytes: gateway.maxUnconfirmedBytes },
    clock,
    log,
  })
}

function createFileWatch(file: ConfigFile | undefined, reload: Reload, clock: Clock): Service {
  if (!file) return { start: async () => {}, stop: async () => {} }
  return new ConfigWatch({ file, onChange: () => void reload.request('the file has changed'), clock })
}
