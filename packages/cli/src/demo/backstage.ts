import { join } from 'node:path'
import { type LocalRedis, obtainRedis } from '@holdfast/local-redis'
import { type Clock, endsWithin, freePort } from '@holdfast/runtime'
import { Child, moduleBeside } from './child.ts'
import { Crew, type CrewOptions } from './crew.ts'
import { gatewayConfig } from './gateway-config.ts'
import { GatewayProcess } from './gateway-process.ts'
import type { Progress } from './progress.ts'
import { type DemoSimulator, type DemoSimulatorOptions, startDemoSimulator } from './simulator.ts'
import { untilServed } from './until-served.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface BackstageOptions extends DemoSimulatorOptions {
  /** For configuration and logs; it exists. */
  readonly folder: string
  /** Where an unpacked Redis is kept between runs. */
  readonly redisFolder: string
  /** Of this backstage alone: a Redis that others use too lends and keeps nothing. Its keys are removed in the end. */
  readonly prefix: string
  /** Discord's, by name. */
  readonly intents: readonly string[]
  readonly crew: {
    readonly size: number
    readonly module: string
    /** Added to what every worker gets: where Redis and the platforms are. */
    readonly env: (generation: number) => Environment
  }
  /** Start a console beside them. */
  readonly console?: boolean
  readonly env: Environment
  readonly progress: Progress
  /** Told of what ended unasked, in one line. */
  readonly onTrouble: (line: string) => void
  readonly clock: Clock
}

/** The simulated platforms in this process; Redis, a gateway and workers, each a process of its own. */
export interface Backstage extends DemoSimulator {
  readonly redis: LocalRedis
  readonly gateway: GatewayProcess
  readonly crew: Crew
  /** Where the console is; absent where none was wished for. */
  readonly consoleUrl?: string
  /** Stops all of them, those first that need the others; resolves when none is left. Idempotent. */
  stop(): Promise<void>
}

/** How to stop what was started, in the order of the starts. */
type Started = (() => Promise<void>)[]

/** A Redis that does not answer any more keeps its keys: whoever paused or broke it is not waited for. */
const DISCARD_MS = 5_000
const CONSOLE_STOP_MS = 5_000

/** Starts everything, in order. If something does not start, the rest is stopped and the reason thrown. */
export async function startBackstage(options: BackstageOptions): Promise<Backstage> {
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

async function startAll(options: BackstageOptions, started: Started): Promise<Omit<Backstage, 'stop'>> {
  const { progress } = options
  const redis = await progress.step('Redis', () => startRedis(options, started))
  const simulated = await progress.step('simulated Slack and Discord', () => startSimulator(options, started))
  const gateway = await progress.step('gateway', () =>
    startGateway(options, { redis, ...simulated }, started),
  )
  const crew = await progress.step('workers', () => startCrew(options, { redis, ...simulated }, started))
  if (!options.console) return { redis, ...simulated, gateway, crew }
  const consoleUrl = await progress.step('console', () => startConsole(options, started))
  return { redis, ...simulated, gateway, crew, consoleUrl }
}

async function startRedis(options: BackstageOptions, started: Started) {
  const { redisFolder, prefix, env, progress, clock } = options
  const redis = await obtainRedis({ folder: redisFolder, env, log: progress.tell, clock })
  started.push(() => redis.stop())
  started.push(async () => void (await endsWithin(clock, DISCARD_MS, redis.discard(prefix))))
  return { result: redis, detail: redis.description }
}

async function startSimulator(options: BackstageOptions, started: Started) {
  const simulated = await startDemoSimulator(options)
  started.push(() => simulated.simulator.stop())
  return { result: simulated, detail: simulated.platforms.url }
}

async function startGateway(
  { folder, env, intents, prefix, clock }: BackstageOptions,
  { redis, platforms }: Pick<Backstage, 'redis' | 'platforms'>,
  started: Started,
) {
  const port = await freePort()
  const gateway = new GatewayProcess({
    configFile: configIn(folder),
    config: gatewayConfig({ redis: { url: redis.url, prefix }, platforms, intents, port }),
    port,
    module: moduleBeside(import.meta.url, '../main.js'),
    env,
    logFile: join(folder, 'gateway.log'),
    clock,
  })
  started.push(() => gateway.stop())
  await gateway.start()
  return { result: gateway, detail: `connected to both (pid ${gateway.child?.pid})` }
}

/** The configuration that gateway and console read. */
function configIn(folder: string): string {
  return join(folder, 'holdfast.yaml')
}

/** It reads Redis alone, so that it starts after all others and is stopped first. */
async function startConsole({ folder, env, clock }: BackstageOptions, started: Started) {
  const port = await freePort()
  const logFile = join(folder, 'console.log')
  const args = ['console', '--config', configIn(folder), '--port', String(port)]
  const module = moduleBeside(import.meta.url, '../main.js')
  const child = new Child({ name: 'console', module, args, env, logFile })
  started.push(async () => void (await child.stop(CONSOLE_STOP_MS, clock)))
  const url = `http://127.0.0.1:${port}`
  await untilServed({ child, url: `${url}/livez`, logFile, clock })
  return { result: url, detail: url }
}

async function startCrew(
  { crew: { size, module, env: ownEnv }, folder, prefix, env, onTrouble, clock }: BackstageOptions,
  { redis, platforms: { slack, discord } }: Pick<Backstage, 'redis' | 'platforms'>,
  started: Started,
) {
  const places = {
    REDIS_URL: redis.url,
    HOLDFAST_PREFIX: prefix,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.token,
    DISCORD_API_URL: discord.apiUrl,
    DISCORD_TOKEN: discord.token,
  }
  const options: CrewOptions = {
    size,
    hire: (name, generation) =>
      new Child({
        name,
        module,
        env: { ...env, ...places, ...ownEnv(generation) },
        logFile: join(folder, `${name}.log`),
      }),
    onTrouble,
    clock,
  }
  const crew = new Crew(options)
  started.push(() => crew.stop())
  await crew.start()
  return { result: crew, detail: `pids ${crew.workers.map(({ pid }) => pid).join(', ')}` }
}
