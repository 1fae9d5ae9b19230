import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'
import { codeOf, messageOf, ProblemError } from '../problem.ts'
import { Secret } from '../secret.ts'
import { fromEnvironment, withEnvironment } from './environment.ts'
import { explain } from './explain.ts'
import { type Config, configSchema } from './schema.ts'
import { type ConfigSource, type Environment, type Path, readYaml } from './source.ts'

/** The name looked for in the working directory when none is given. */
const DEFAULT_FILE = 'holdfast.yaml'

/** Something wrong with a configuration that its schema can't know of. */
export interface ConfigProblem {
  /** The value that is wrong. */
  readonly path: Path
  /** Which value, what is wrong and what would be right. */
  readonly message: string
}

/** Where to look for the configuration. */
export interface LoadConfigOptions {
  /** What `--config` gave; goes before `HOLDFAST_CONFIG`. */
  readonly file?: string | undefined
  readonly env?: Environment
  readonly cwd?: string
  /** Blocks that are not looked at, in the file or the environment: a process that opens no connection needs no token. */
  readonly ignore?: readonly 'connections'[]
  /** What the process that is to run by it has against it. Asked once the schema takes it, and told with file and line. */
  readonly check?: (config: Config) => readonly ConfigProblem[]
}

/**
 * The validated configuration, frozen: from the file given, else `HOLDFAST_CONFIG`, else `./holdfast.yaml`, else from the
 * environment alone.
 *
 * @throws {ProblemError} `bad-config` with one line for each problem, `config-unreadable` when a file that was asked for
 *   can't be read.
 */
export function loadConfig(options: LoadConfigOptions = {}): Config {
  const env = options.env ?? process.env
  const source = withEnvironment(findSource(options, env), env)
  const config = parseConfig(source)
  const problems = options.check?.(config) ?? []
  if (problems.length > 0)
    throw badConfig(problems.map(({ path, message }) => `${source.locate(path)}: ${message}`))
  return config
}

/** The whole path of the file that `loadConfig` reads; nothing where it goes by the environment alone. */
export function configFileOf(options: LoadConfigOptions = {}): string | undefined {
  const { path, asked } = fileOf(options, options.env ?? process.env)
  return asked || existsSync(path) ? path : undefined
}

/** As `loadConfig`, of YAML at hand. `name` is what problems call it. */
export function parseConfigText(text: string, name = DEFAULT_FILE, env: Environment = {}): Config {
  return parseConfig(withEnvironment(readYaml(text, name, env), env))
}

function findSource(options: LoadConfigOptions, env: Environment): ConfigSource {
  const { path, cwd, asked } = fileOf(options, env)
  try {
    return readYaml(readFileSync(path, 'utf8'), shortName(path, cwd), env, options.ignore)
  } catch (error) {
    if (!asked && codeOf(error) === 'ENOENT')
      return fromEnvironment(options.ignore?.includes('connections') ? {} : env)
    throw unreadable(path, error, options.file === undefined && asked)
  }
}

function fileOf(options: LoadConfigOptions, env: Environment) {
  const cwd = options.cwd ?? process.cwd()
  const asked = options.file ?? (env.HOLDFAST_CONFIG || undefined)
  return { path: resolve(cwd, asked ?? DEFAULT_FILE), cwd, asked: asked !== undefined }
}

function unreadable(path: string, error: unknown, byVariable: boolean): ProblemError {
  const by = byVariable ? 'HOLDFAST_CONFIG' : '--config'
  const why = codeOf(error) === 'ENOENT' ? 'there is no such file' : messageOf(error)
  return new ProblemError(
    'config-unreadable',
    `${path}: can't read the configuration: ${why}. Correct ${by}.`,
    {
      cause: error,
    },
  )
}

function shortName(path: string, cwd: string): string {
  const short = relative(cwd, path)
  return short.startsWith('..') || isAbsolute(short) ? path : short
}

function parseConfig(source: ConfigSource): Config {
  if (source.problems.length > 0) throw badConfig(source.problems)
  const result = configSchema.safeParse(source.value)
  if (!result.success) throw badConfig(explain(result.error, configSchema, source))
  return deepFreeze(result.data)
}

function badConfig(problems: readonly string[]): ProblemError {
  return new ProblemError('bad-config', problems.join('\n'))
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Secret) return value
  for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}
