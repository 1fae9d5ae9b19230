import { createMembers, createRedisLeaseStore } from '@holdfast/ownership'
import {
  type CensusTaker,
  createCensusTaker,
  createQueueView,
  QueueError,
  type QueueView,
} from '@holdfast/queue'
import {
  type Clock,
  type Config,
  composeServices,
  connectRedis,
  createHttpServer,
  createMetricsRegistry,
  type HttpServer,
  homeOf,
  type Log,
  ProblemError,
  type RedisConnection,
  type Service,
  systemClock,
} from '@holdfast/runtime'
import type { ConsoleHello, Picture, Reads } from './feed.ts'
import { addFeed, type Feed } from './feed-route.ts'
import { FleetWatch } from './fleet-watch.ts'
import { History } from './history.ts'
import { JobBrowser } from './job-browser.ts'
import { look } from './look.ts'
import { addFleetMetrics } from './metrics.ts'
import { addPage } from './page-route.ts'
import { answerReadsOnly } from './read-only.ts'
import { judgeReadiness } from './readiness.ts'
import { readsOf } from './reads.ts'
import { addConsoleRoutes } from './routes.ts'
import { readVersion } from './version.ts'

/** What a console is made of. */
export interface ConsoleOptions {
  readonly config: Config
  readonly log: Log
  readonly clock?: Clock
}

/** A console, from its start to its stop. */
export interface Console extends Service {
  /** `http://127.0.0.1:8090`, known once started. */
  readonly address: string
}

/**
 * A console over a Redis that has answered. It only reads, and asks nobody but Redis, so it runs wherever Redis can be
 * reached. `start()` resolves once the first picture is taken and HTTP listens. From then on it keeps running whatever
 * becomes of Redis.
 *
 * @throws {ProblemError} for a Redis that does not answer.
 */
export async function createConsole({ config, log, clock = systemClock }: ConsoleOptions): Promise<Console> {
  const redis = await connectRedis(homeOf(config), { name: 'holdfast:console', clock })
  return assemble(redis, { config, log, clock })
}

async function assemble(redis: RedisConnection, options: Required<ConsoleOptions>): Promise<Console> {
  const { config, log, clock } = options
  const place = homeOf(config)
  const sources = {
    census: createCensusTaker(place),
    view: createQueueView({ ...place, clock }),
    members: createMembers(redis, config.redis.prefix),
    leases: createRedisLeaseStore(redis, config.redis.prefix),
  }
  const jobs = new JobBrowser(place)
  const history = new History()
  const watch = new FleetWatch({
    look: () => look({ ...sources, clock }),
    clock,
    log,
    onPicture: (picture) => show(picture, { history, jobs, feed }),
    onState: (state) => feed.send('redis', state),
  })
  const metrics = createMetricsRegistry({ process: true })
  addFleetMetrics(metrics, () => watch.freshPicture)
  const http = createHttpServer({
    ...config.console,
    block: 'console',
    metrics,
    readiness: () => judgeReadiness(watch),
  })
  answerReadsOnly(http)
  const reads = readsOf(place)
  const feed = addFeed(http, () => helloOf(watch, history, reads))
  addConsoleRoutes(http, () => watch)
  await jobs.mount(http)
  await addPage(http)
  const parts = composeServices([closing(redis), sourcesOf(sources), jobs, firstPicture(watch), http])
  return told(parts, http, log)
}

/** What happens with each new picture. */
function show(
  picture: Picture,
  { history, jobs, feed }: { history: History; jobs: JobBrowser; feed: Feed },
): void {
  const samples = history.add(picture)
  jobs.show(picture)
  feed.send('picture', picture)
  if (samples.length > 0) feed.send('samples', samples)
}

function helloOf({ picture, redis }: FleetWatch, history: History, reads: Reads): ConsoleHello {
  // Nobody is heard before the first picture: HTTP listens after it.
  if (!picture) throw new Error('a page came before the first picture')
  return { version: readVersion(), reads, redis, picture, history: history.all() }
}

/** Cut, not quit: nothing of the console's waits to be written. */
function closing(redis: RedisConnection): Service {
  return {
    async start() {},
    async stop() {
      redis.disconnect()
    },
  }
}

function sourcesOf({ census, view }: { census: CensusTaker; view: QueueView }): Service {
  return {
    async start() {},
    async stop() {
      await Promise.all([census.stop(), view.stop()])
    },
  }
}

/** Data of another layout is for a person to put right. */
function firstPicture(watch: FleetWatch): Service {
  return {
    start: () =>
      watch.start().catch((error: unknown) => {
        if (error instanceof QueueError)
          throw new ProblemError('redis-layout', error.message, { cause: error })
        throw error
      }),
    stop: () => watch.stop(),
  }
}

function told(parts: Service, http: HttpServer, log: Log): Console {
  let stopping: Promise<void> | undefined
  return {
    get address() {
      return http.address
    },
    async start() {
      await parts.start()
      if (!stopping) log.info({ address: http.address }, 'the console runs')
    },
    stop() {
      stopping ??= parts.stop().then(() => log.info({}, 'the console has stopped'))
      return stopping
    },
  }
}
