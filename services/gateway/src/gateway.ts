import {
  createMembers,
  createMemoryCallBudget,
  createOutageCallBudget,
  createRedisCallBudget,
  createRedisCheckpointStore,
} from '@holdfast/ownership'
import {
  type Clock,
  type Config,
  composeServices,
  connectRedis,
  createHttpServer,
  createMetricsRegistry,
  type HttpServer,
  type Log,
  type RedisConnection,
  type Service,
  systemClock,
} from '@holdfast/runtime'
import { checkConfig, replicaIdOf, unmetWishes } from './config-check.ts'
import { createGatewayMetrics } from './metrics.ts'
import type { ConnectionMetrics, DriverTools } from './ports.ts'
import { createQueueSide, type QueueSide } from './queue-side.ts'
import { judgeReadiness } from './readiness.ts'
import { addGatewayRoutes } from './routes.ts'
import {
  depthService,
  membership,
  redisConnection,
  StopGrace,
  sinkService,
  unitsService,
  watchService,
} from './services.ts'
import { createUnits, type DriverFactory, type Units } from './units.ts'

/** What a gateway is made of. */
export interface GatewayOptions {
  readonly config: Config
  readonly log: Log
  /** Makes the drivers of the units from what they need. */
  readonly drivers: (tools: DriverTools) => DriverFactory
  readonly clock?: Clock
  readonly fetch?: typeof fetch
}

/** A gateway, from its start to its stop. */
export interface Gateway extends Service {
  /** `http://127.0.0.1:8080`, known once started. */
  readonly address: string
}

/**
 * A gateway over a Redis that has answered. Nothing listens and no platform is spoken to before `start()`, which resolves
 * when events can flow: HTTP listens, subscriptions are known, the sink stands, each unit has begun to connect. From then
 * on it keeps running whatever becomes of Redis and the platforms. `stop()` confirms what was read, within the grace of
 * the configuration, before it closes.
 *
 * @throws {ProblemError} for a configuration without connections or with a bad pattern, or a Redis that does not answer.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  checkConfig(options.config)
  for (const { connection, message } of unmetWishes(options.config)) options.log.warn({ connection }, message)
  const clock = options.clock ?? systemClock
  const redis = await connectRedis(options.config.redis.url, { name: 'holdfast:gateway', clock })
  return assemble(redis, { fetch, ...options, clock })
}

type Phase = 'starting' | 'running' | 'stopping'

function assemble(redis: RedisConnection, options: Required<GatewayOptions>): Gateway {
  const { config, log, clock } = options
  const registry = createMetricsRegistry({ process: true })
  const metrics = createGatewayMetrics(registry)
  const queue = createQueueSide(config, { metrics, clock, log })
  const units = connect(redis, queue, metrics, options)

  let phase: Phase = 'starting'
  const readiness = () =>
    judgeReadiness({
      phase,
      redisConnected: redis.status === 'ready' && queue.sink.connected,
      overBound: queue.publisher.overBound,
      units: units.statuses(),
      unopened: units.unopened,
    })
  const http = createHttpServer({ ...config.http, metrics: registry, readiness })
  const replicaId = replicaIdOf(config)
  addGatewayRoutes(http, { ...queue, replicaId, units: units.statuses })
  metrics.unitsOwned(replicaId, () => units.statuses().filter(({ state }) => state !== 'stopped').length)

  const grace = new StopGrace(clock, config.gateway.stopGraceMs)
  const members = createMembers(redis, config.redis.prefix, clock)
  const parts = composeServices([
    redisConnection(redis, log, clock),
    http,
    membership(members, { id: replicaId, deployId: config.gateway.deployId, units: units.statuses }, clock),
    watchService(queue.watch, queue.registry, clock),
    depthService(queue.depths, queue.view),
    sinkService(queue.sink, queue.publisher, grace, log),
    queue.suspensions,
    unitsService(units.groups, grace),
  ])
  return withPhases(parts, http, log, (next) => {
    phase = next
    if (next === 'stopping') grace.begin()
  })
}

/** The units, each with a driver that publishes into the queue. */
function connect(
  redis: RedisConnection,
  { publisher: { publish, wanted } }: QueueSide,
  metrics: ConnectionMetrics,
  { config, drivers, clock, log, fetch }: Required<GatewayOptions>,
): Units {
  const checkpoints = createRedisCheckpointStore(redis, config.redis.prefix)
  const budget = createOutageCallBudget({
    shared: createRedisCallBudget(redis, config.redis.prefix),
    own: createMemoryCallBudget(clock),
    answers: () => redis.status === 'ready',
    clock,
  })
  const journal = { keep: () => Promise.reject(new Error('there is no journal yet')) }
  const factory = drivers({ publish, wanted, checkpoints, budget, journal, metrics, clock, log, fetch })
  return createUnits(config, { drivers: factory, clock, log, fetch })
}

/** Tells each phase as it begins: `running` once everything has started, `stopping` before anything stops. */
function withPhases(parts: Service, http: HttpServer, log: Log, enter: (phase: Phase) => void): Gateway {
  let stopping = false
  return {
    get address() {
      return http.address
    },
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
