import {
  type AwaitedRedis,
  awaitRedis,
  type Clock,
  type Config,
  composeServices,
  createHttpServer,
  createMetricsRegistry,
  type HttpServer,
  homeOf,
  type Log,
  type Service,
  systemClock,
} from '@holdfast/runtime'
import { checkConfig, replicaIdOf } from './config-check.ts'
import type { ConfigFile } from './config-file.ts'
import { addDrainRoutes } from './drain-routes.ts'
import type { FactoryTools } from './driver-factory.ts'
import { createGatewayMetrics } from './metrics.ts'
import { createQueueSide, type QueueSide } from './queue-side.ts'
import { judgeReadiness } from './readiness.ts'
import { RedisPresence } from './redis-presence.ts'
import type { Reload, ReloadReason } from './reload.ts'
import type { UnconfirmedBound } from './room.ts'
import { addGatewayRoutes } from './routes.ts'
import {
  depthService,
  ownershipService,
  reloadService,
  replayService,
  StopGrace,
  sinkService,
  watchService,
} from './services.ts'
import { judgeOwnership } from './tenure/standing.ts'
import { createUnitSide, type UnitSide, type UnitSideOptions } from './unit-side.ts'
import type { DriverFactory } from './units.ts'

/** What a gateway is made of. */
export interface GatewayOptions {
  readonly config: Config
  /** Where the configuration is from: watched, and loaded again when it changes. Nothing where it was the environment alone. */
  readonly file?: ConfigFile | undefined
  readonly log: Log
  /** Makes the drivers of the units from what they need. */
  readonly drivers: (tools: FactoryTools) => DriverFactory
  readonly clock?: Clock
  readonly fetch?: typeof fetch
}

/** A gateway, from its start to its stop. */
export interface Gateway extends Service {
  /** `http://127.0.0.1:8080`, known once started. */
  readonly address: string
  /**
   * Takes over what has changed in the configuration file, and with SIGHUP starts connections again that were refused for
   * good. Resolves when it is in effect, or refused. Never rejects.
   */
  reload(why: ReloadReason): Promise<void>
}

/**
 * A gateway. Nothing listens and no platform is spoken to before `start()`, which resolves when events can flow: HTTP
 * listens, Redis has answered, subscriptions are known, the sink stands, each unit has begun to connect. A Redis that is away is
 * waited for, with HTTP up. From then on it keeps running whatever becomes of Redis and the platforms. `stop()` confirms what
 * was read, within the grace of the configuration, before it closes.
 *
 * @throws {ProblemError} for a configuration without connections or with a bad pattern; from `start()` for a Redis that refuses
 *   this user or password.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  checkConfig(options.config)
  const clock = options.clock ?? systemClock
  const patienceMs = REDIS_PATIENCE_MS
  const awaited = awaitRedis(homeOf(options.config), { name: 'holdfast:gateway', patienceMs, clock })
  return assemble(awaited, { fetch, file: undefined, ...options, clock })
}

/** A Redis that was started at the same moment may come a little later. */
const REDIS_PATIENCE_MS = 1_000

type Phase = 'starting' | 'running' | 'stopping'

type Parts = Required<Omit<GatewayOptions, 'file'>> & Pick<UnitSideOptions, 'file'>

function assemble(awaited: AwaitedRedis, options: Parts): Gateway {
  const { config, log, clock } = options
  const { redis } = awaited
  const registry = createMetricsRegistry({ process: true })
  const metrics = createGatewayMetrics(registry)
  const queue = createQueueSide(config, { metrics, clock, log })
  const side = createUnitSide(redis, queue, metrics, options)
  const { units, ownership, journal, reload } = side
  const { publisher } = queue

  let phase: Phase = 'starting'
  const presence = new RedisPresence({
    awaited,
    eventsFlow: () => phase === 'starting' || (queue.sink.connected && !queue.publisher.stalled),
    trouble: () => (phase === 'starting' ? undefined : queue.troubles.current),
    waiting: () => ({ ...publisher.unconfirmed, keptCount: journal.standing.count }),
    bound: boundOf(config),
    startFields: () => ({ address: http.address }),
    clock,
    log,
  })
  const readiness = () =>
    judgeReadiness({
      phase,
      redisAway: presence.answers ? undefined : presence.why,
      overBound: publisher.room.full,
      journalFailing: journal.standing.failing,
      ownership: judgeOwnership(ownership.standing),
      units: units.statuses(),
    })
  const http = createHttpServer({ ...config.http, metrics: registry, readiness })
  const replicaId = replicaIdOf(config)
  addGatewayRoutes(http, { ...queue, replicaId, units, unitViews: () => ownership.views(), reload })
  addDrainRoutes(http, { adminToken: config.http.adminToken, ownership })
  metrics.unitsOwned(replicaId, () => ownership.standing.heldCount)
  metrics.outages({
    redisAnswers: () => presence.answers,
    unconfirmed: () => publisher.unconfirmed,
    journal: () => journal.standing,
  })

  const grace = new StopGrace(clock, config.gateway.stopGraceMs)
  const parts = composeServices(inOrder({ presence, http, queue, side, grace }, options))
  return withPhases(parts, { http, reload, log }, (next) => {
    phase = next
    if (next !== 'stopping') return
    grace.begin()
    presence.giveUp()
  })
}

function boundOf({ gateway }: Config): UnconfirmedBound {
  return { count: gateway.maxUnconfirmedCount, bytes: gateway.maxUnconfirmedBytes }
}

interface Sides {
  readonly presence: RedisPresence
  readonly http: HttpServer
  readonly queue: QueueSide
  readonly side: UnitSide
  readonly grace: StopGrace
}

/** In the order in which they start; they stop in reverse. */
function inOrder({ presence, http, queue, side, grace }: Sides, options: Parts): readonly Service[] {
  const { log, clock } = options
  const { ownership, journal, spill, reload, fileWatch } = side
  return [
    // First, so that probes are answered while the next one waits.
    http,
    presence,
    watchService(queue.watch, queue.registry, clock),
    depthService(queue.depths, queue.view),
    // Stops after the sink, whose last confirms settle what it holds.
    journal,
    spill,
    sinkService(queue.sink, queue.publisher, grace, log),
    queue.suspensions,
    queue.expiries,
    replayService(journal, queue.publisher),
    ownershipService(ownership, grace),
    reloadService(reload, clock),
    fileWatch,
  ]
}

/** Tells each phase as it begins: `running` once everything has started, `stopping` before anything stops. */
function withPhases(
  parts: Service,
  { http, reload, log }: { http: HttpServer; reload: Reload; log: Log },
  enter: (phase: Phase) => void,
): Gateway {
  let stopping = false
  return {
    get address() {
      return http.address
    },
    reload: (why) => reload.request(why),
    async start() {
      await parts.start()
      if (stopping) return
      enter('running')
      log.info({ address: http.address }, 'the gateway runs')
    },
    async stop() {
      if (!stopping) log.info({}, 'the gateway stops')
      stopping = true
      enter('stopping')
      await parts.stop()
      log.info({}, 'the gateway has stopped')
    },
  }
}
