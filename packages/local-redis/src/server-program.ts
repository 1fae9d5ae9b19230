import { type Environment, NOT_FOUND, runCommand } from './command.ts'

/** The oldest Redis that the queue works on. */
const OLDEST = { major: 6, minor: 2 }

export interface ServerPlace {
  readonly port: number
  readonly dataFolder: string
  /** Decides about durability and memory instead of the settings below. */
  readonly configFile?: string | undefined
  /** Further arguments of the server's command line, e.g. `--sentinel`. */
  readonly more?: readonly string[]
}

/** A Redis or Valkey server that was seen to run here, and how to start it. */
export interface ServerProgram {
  /** For people: `redis-server 7.0.15 from the PATH`. */
  readonly description: string
  readonly env: Environment
  /** The process started is the server itself, not a client of a daemon that runs it: signals reach it. */
  readonly isItself: boolean
  command(place: ServerPlace): readonly [program: string, ...args: string[]]
}

/** Where a server may come from. Sources are asked in order; `undefined` hands on to the next. */
export type ServerSource = (context: SourceContext) => Promise<ServerProgram | undefined>

export interface SourceContext {
  /** Where an unpacked server is kept between runs. */
  readonly folder: string
  readonly env: Environment
  readonly log: (line: string) => void
}

/**
 * Settings of every server started here: only this machine may connect, every write goes to the append-only file, and a
 * full memory refuses writes instead of dropping jobs.
 */
function serverSettings({ port, dataFolder, configFile, more = [] }: ServerPlace): string[] {
  const place = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dataFolder, '--daemonize', 'no']
  return configFile === undefined ? [...place, ...DURABLE, ...more] : [configFile, ...place, ...more]
}

/** Every write goes to the append-only file; a full memory refuses writes. */
export const DURABLE_SETTINGS: readonly (readonly [name: string, value: string])[] = [
  ['appendonly', 'yes'],
  ['appendfsync', 'everysec'],
  ['save', ''],
  ['maxmemory-policy', 'noeviction'],
]

export const DURABLE: readonly string[] = DURABLE_SETTINGS.flatMap(([name, value]) => [`--${name}`, value])

/** Runs `program --version`: yields it only if it runs here and is new enough, else logs why not. */
export async function verifyProgram(
  program: string,
  origin: string,
  env: Environment,
  log: (line: string) => void,
): Promise<ServerProgram | undefined> {
  const result = await runCommand(program, ['--version'], { env, timeoutMs: 10_000 })
  if (result.code === NOT_FOUND) return undefined
  const version = /v=(\d+)\.(\d+)[.\d]*/.exec(result.stdout)
  if (result.code !== 0 || !version) {
    log(`${program} does not run here: ${firstLine(result.stderr || result.stdout)}; looking further`)
    return undefined
  }
  const [text, major, minor] = [version[0].slice(2), Number(version[1]), Number(version[2])]
  if (major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor)) {
    log(`${program} is version ${text}, older than ${OLDEST.major}.${OLDEST.minor}; looking further`)
    return undefined
  }
  return {
    description: `${program} ${text} (${origin})`,
    env,
    isItself: true,
    command: (place) => [program, ...serverSettings(place)],
  }
}

export function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0]?.trim() || 'no output'
}
