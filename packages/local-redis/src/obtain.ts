import { mkdir, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Clock, sleep, systemClock } from '@holdfast/runtime'
import type { Environment } from './command.ts'
import { newDataFolder } from './data-folder.ts'
import { discardKeys } from './discard-keys.ts'
import { findProgram } from './find-program.ts'
import { answers } from './ping.ts'
import { LocalRedisError } from './problem.ts'
import { signalServer, startServer, stopServer } from './server.ts'
import type { ServerProgram } from './server-program.ts'

/** A Redis to work with. */
export interface LocalRedis {
  readonly url: string
  readonly port: number
  /** For people: where it came from. */
  readonly description: string
  /** The server's process; undefined where `REDIS_URL` named one that is not ours. */
  readonly pid?: number
  /** Stops our server, data kept, and starts it again on the same port; undefined where it is not ours. */
  readonly restart?: () => Promise<void>
  /**
   * Freezes our server, as a machine that stalls would: connections stay, nothing is answered until `resume`. `stop` works
   * all the same. Both are undefined where the server is not ours, or runs where no signal of ours reaches it (Docker).
   */
  readonly pause?: () => void
  readonly resume?: () => void
  readonly isPaused: boolean
  /** Our server ended, also unasked; never known of one that is not ours. */
  readonly hasEnded: boolean
  /** Removes all keys that begin with `prefix`, for runs that leave nothing in a Redis that is not ours. */
  discard(prefix: string): Promise<void>
  /** Resolves when nothing of it remains. A Redis that is not ours is left alone. Idempotent. */
  stop(): Promise<void>
}

export interface ObtainRedisOptions {
  /** Where an unpacked server is kept between runs, e.g. `.holdfast/redis`. */
  readonly folder: string
  /** Where the server keeps its data. Default: a folder inside `folder`, removed on `stop()`. */
  readonly dataFolder?: string
  /** A configuration file for the server, instead of the append-only file and `noeviction` as below. */
  readonly configFile?: string
  /** Read for `REDIS_URL` and `PATH`. Default: the process's own. */
  readonly env?: Environment
  /** Told what happens, one line each. Default: nobody. */
  readonly log?: (line: string) => void
  readonly clock?: Clock
}

const FOREIGN_MS = 5_000

/**
 * A Redis that answers: the one of `REDIS_URL`; else a server of our own (from the PATH, the distribution's package
 * unpacked into `folder`, Homebrew, or Docker) on a free port of 127.0.0.1, with the append-only file on and
 * `noeviction`, that ends with this process however that ends. Rejects with a `LocalRedisError` of one line.
 */
export async function obtainRedis(options: ObtainRedisOptions): Promise<LocalRedis> {
  const { env = process.env, clock = systemClock } = options
  if (env.REDIS_URL) return foreignRedis(env.REDIS_URL, clock)
  const context = { folder: resolve(options.folder), env, log: options.log ?? (() => {}) }
  const program = await findProgram(context)
  return ownRedis(program, { ...options, folder: context.folder }, clock)
}

async function foreignRedis(url: string, clock: Clock): Promise<LocalRedis> {
  const { shown, port } = readUrl(url)
  const patience = new AbortController()
  void sleep(clock, FOREIGN_MS, patience.signal).then(() => patience.abort())
  const answer = await answers(url, patience.signal)
  patience.abort()
  if (!answer.ok) {
    const advice = 'start it, or unset REDIS_URL to have a private one started'
    throw new LocalRedisError(
      'unreachable',
      `REDIS_URL: ${shown} does not answer (${answer.reason}); ${advice}`,
    )
  }
  const description = `${shown} (REDIS_URL)`
  const discard = (prefix: string) => discardKeys(url, prefix)
  return { url, port, description, isPaused: false, hasEnded: false, discard, stop: async () => {} }
}

function readUrl(url: string): { shown: string; port: number } {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !/^rediss?:$/.test(parsed.protocol) || !parsed.hostname) {
    throw new LocalRedisError(
      'bad-redis-url',
      'REDIS_URL is no Redis address; write it as redis://127.0.0.1:6379',
    )
  }
  return { shown: `${parsed.protocol}//${parsed.host}`, port: Number(parsed.port || 6379) }
}

async function ownRedis(
  program: ServerProgram,
  { folder, dataFolder: wantedFolder, configFile: file }: ObtainRedisOptions,
  clock: Clock,
): Promise<LocalRedis> {
  await mkdir(folder, { recursive: true })
  const dataFolder = wantedFolder ? resolve(wantedFolder) : await newDataFolder(folder)
  const discardData = async () => {
    if (!wantedFolder) await rm(dataFolder, { recursive: true, force: true })
  }
  const place = { dataFolder, configFile: file && resolve(file) }
  let server = await startServer(program, place, clock)
  let stopped: Promise<void> | undefined
  const { port } = server
  const url = `redis://127.0.0.1:${port}`
  let isPaused = false
  const signal = (pausing: boolean) => {
    signalServer(server, pausing ? 'SIGSTOP' : 'SIGCONT')
    isPaused = pausing
  }
  return {
    url,
    port,
    ...(program.isItself ? { pause: () => signal(true), resume: () => signal(false) } : {}),
    get isPaused() {
      return isPaused
    },
    get hasEnded() {
      return !server.process.running
    },
    discard: (prefix) => discardKeys(url, prefix),
    description: program.description,
    get pid() {
      return server.pid
    },
    restart: async () => {
      await stopServer(server, clock)
      isPaused = false
      server = await startServer(program, { ...place, port }, clock)
    },
    stop: () => {
      stopped ??= stopServer(server, clock).then(discardData)
      return stopped
    },
  }
}
