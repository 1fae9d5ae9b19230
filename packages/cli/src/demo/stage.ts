import { join } from 'node:path'
import { type LocalRedis, obtainRedis } from '@holdfast/local-redis'
import type { Clock } from '@holdfast/runtime'
import { Child, moduleBeside } from './child.ts'
import { Crew } from './crew.ts'
import { freePort } from './free-port.ts'
import { gatewayConfig } from './gateway-config.ts'
import { GatewayProcess } from './gateway-process.ts'
import type { SimulatedPlatforms } from './simulated-platforms.ts'

const SIMULATOR_STOP_MS = 5_000

type Environment = Readonly<Record<string, string | undefined>>

export interface StageOptions {
  /** For configuration and logs; it exists. */
  readonly folder: string
  /** Where an unpacked Redis is kept between runs. */
  readonly redisFolder: string
  readonly channelCount: number
  /** Of this stage alone: a Redis that others use too lends and keeps nothing. Its keys are removed in the end. */
  readonly prefix: string
  readonly intents: readonly string[]
  readonly crew: {
    readonly size: number
    readonly module: string
    /** Added to what every worker gets: where Redis and the platforms are. */
    readonly env: (generation: number) => Environment
    /** Resolves when a worker takes jobs. */
    readonly ready: (worker: Child, gateway: GatewayProcess) => Promise<void>
  }
  readonly env: Environment
  readonly say: (line: string) => void
  readonly clock: Clock
}

/** Redis, the simulated platforms, a gateway and workers: each a process of its own. */
export interface Stage {
  readonly platforms: SimulatedPlatforms
  readonly gateway: GatewayProcess
  readonly crew: Crew
  /** Stops all of them, those first that need the others; resolves when none is left. Idempotent. */
  stop(): Promise<void>
}

/** How to stop what was started, in the order of the starts. */
type Started = (() => Promise<void>)[]

/** Starts everything, in order. If something does not start, the rest is stopped and the reason thrown. */
export async function setStage(options: StageOptions): Promise<Stage> {
  const started: Started = []
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= stopAll(started)
    return stopping
  }
  try {
    return { ...(await startAll(options, started)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Stops everything, whatever fails on the way; the first failure is thrown after it. */
async function stopAll(started: Started): Promise<void> {
  const failures: unknown[] = []
  for (let stop = started.pop(); stop; stop = started.pop()) {
    await stop().catch((error: unknown) => failures.push(error))
  }
  if (failures.length > 0) throw failures[0]
}

async function startAll(options: StageOptions, started: Started): Promise<Omit<Stage, 'stop'>> {
  const redis = await startRedis(options, started)
  const platforms = await startSimulator(options, started)
  const gateway = await startGateway(options, { redis, platforms }, started)
  const crew = await startCrew(options, { redis, platforms, gateway }, started)
  return { platforms, gateway, crew }
}

async function startRedis(options: StageOptions, started: Started): Promise<LocalRedis> {
  const { redisFolder, prefix, env, say, clock } = options
  const redis = await obtainRedis({ folder: redisFolder, env, log: say, clock })
  started.push(() => redis.stop())
  started.push(() => redis.discard(prefix))
  say(`Redis: ${redis.description}`)
  return redis
}

async function startSimulator(
  { folder, channelCount, env, say, clock }: StageOptions,
  started: Started,
): Promise<SimulatedPlatforms> {
  const simulator = new Child({
    name: 'simulator',
    module: moduleBeside(import.meta.url, 'simulator-process.js'),
    env: { ...env, HOLDFAST_DEMO_CHANNELS: String(channelCount) },
    logFile: join(folder, 'simulator.log'),
  })
  started.push(async () => void (await simulator.stop(SIMULATOR_STOP_MS, clock)))
  const platforms = (await simulator.firstMessage) as SimulatedPlatforms
  say(`simulated Slack and Discord: ${platforms.url} (pid ${simulator.pid})`)
  return platforms
}

async function startGateway(
  { folder, env, intents, prefix, say, clock }: StageOptions,
  { redis, platforms }: { redis: LocalRedis; platforms: SimulatedPlatforms },
  started: Started,
): Promise<GatewayProcess> {
  const port = await freePort()
  const gateway = new GatewayProcess({
    configFile: join(folder, 'holdfast.yaml'),
    config: gatewayConfig({ redis: { url: redis.url, prefix }, platforms, intents, port }),
    port,
    module: moduleBeside(import.meta.url, '../main.js'),
    env,
    logFile: join(folder, 'gateway.log'),
    clock,
  })
  started.push(() => gateway.stop())
  await gateway.start()
  say(`gateway: ${gateway.address} (pid ${gateway.child?.pid}), connected to both`)
  return gateway
}

async function startCrew(
  { crew: { size, module, env: ownEnv, ready }, folder, prefix, env, say, clock }: StageOptions,
  {
    redis,
    platforms,
    gateway,
  }: { redis: LocalRedis; platforms: SimulatedPlatforms; gateway: GatewayProcess },
  started: Started,
): Promise<Crew> {
  const { slack, discord } = platforms
  const places = {
    REDIS_URL: redis.url,
    HOLDFAST_PREFIX: prefix,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.token,
    DISCORD_API_URL: discord.apiUrl,
    DISCORD_TOKEN: discord.token,
  }
  const crew = new Crew({
    size,
    module,
    env: (generation) => ({ ...env, ...places, ...ownEnv(generation) }),
    logFile: (name) => join(folder, `${name}.log`),
    ready: (worker) => ready(worker, gateway),
    clock,
  })
  started.push(() => crew.stop())
  await crew.start()
  say(`workers: pids ${crew.workers.map(({ pid }) => pid).join(', ')}`)
  return crew
}
