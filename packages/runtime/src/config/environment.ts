import { type ConfigSource, describePath, type Environment, type Path } from './source.ts'

// Used with a file too, where the file leaves the value out.
const DEFAULTS = [
  [['redis', 'url'], 'REDIS_URL'],
  [['redis', 'prefix'], 'HOLDFAST_PREFIX'],
  [['http', 'host'], 'HOLDFAST_HTTP_HOST'],
  [['http', 'port'], 'HOLDFAST_HTTP_PORT'],
  [['http', 'adminToken'], 'HOLDFAST_ADMIN_TOKEN'],
  [['console', 'host'], 'HOLDFAST_CONSOLE_HOST'],
  [['console', 'port'], 'HOLDFAST_CONSOLE_PORT'],
  [['gateway', 'replicaId'], 'HOLDFAST_REPLICA_ID'],
  [['gateway', 'deployId'], 'HOLDFAST_DEPLOY_ID'],
  [['gateway', 'journalDir'], 'HOLDFAST_JOURNAL_DIR'],
  [['log', 'level'], 'HOLDFAST_LOG_LEVEL'],
] as const

/** Fills what `source` leaves out from the environment; a value that came so is located by its variable's name. */
export function withEnvironment(source: ConfigSource, env: Environment): ConfigSource {
  const value = structuredClone(source.value)
  const variables = new Map<string, string>()
  for (const [[section, key], variable] of DEFAULTS) {
    const text = env[variable]
    if (!text || !isRecord(value)) continue
    value[section] ??= {}
    const block = value[section]
    if (!isRecord(block) || block[key] !== undefined || isSettled(block, key)) continue
    block[key] = text
    variables.set(describePath([section, key]), variable)
  }
  return { ...source, value, locate: locateByVariable(variables, source) }
}

/**
 * The configuration of a deployment without a file: one connection for each bot whose tokens are in the environment.
 * `DISCORD_TOKEN`; `SLACK_BOT_TOKEN` alone (RTM) or with `SLACK_APP_TOKEN` (Socket Mode). `DISCORD_API_URL` and
 * `SLACK_API_URL` point elsewhere, as at a simulator.
 */
export function fromEnvironment(env: Environment): ConfigSource {
  const connections: Record<string, string>[] = []
  const variables = new Map<string, string>()
  const add = (fixed: Record<string, string>, taken: Record<string, string>) => {
    const connection = { ...fixed }
    for (const [key, variable] of Object.entries(taken)) {
      const text = env[variable]
      if (text) connection[key] = text
      variables.set(describePath(['connections', connections.length, key]), variable)
    }
    connections.push(connection)
  }

  if (env.SLACK_APP_TOKEN)
    add(
      { id: 'slack', platform: 'slack', transport: 'socket-mode' },
      { appToken: 'SLACK_APP_TOKEN', botToken: 'SLACK_BOT_TOKEN', apiUrl: 'SLACK_API_URL' },
    )
  else if (env.SLACK_BOT_TOKEN)
    add(
      { id: 'slack', platform: 'slack', transport: 'rtm' },
      { botToken: 'SLACK_BOT_TOKEN', apiUrl: 'SLACK_API_URL' },
    )
  if (env.DISCORD_TOKEN)
    add({ id: 'discord', platform: 'discord' }, { token: 'DISCORD_TOKEN', apiUrl: 'DISCORD_API_URL' })

  const none: ConfigSource = { value: { connections }, problems: [], locate: () => 'environment' }
  return { ...none, locate: locateByVariable(variables, none) }
}

/** A file that names a Sentinel or a Cluster has said where Redis is. */
function isSettled(block: Record<string, unknown>, key: string): boolean {
  return key === 'url' && (block.sentinel !== undefined || block.cluster !== undefined)
}

function locateByVariable(variables: ReadonlyMap<string, string>, source: ConfigSource) {
  return (path: Path, key?: string) => {
    const variable = variables.get(describePath(path))
    return variable === undefined ? source.locate(path, key) : `environment variable ${variable}`
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
