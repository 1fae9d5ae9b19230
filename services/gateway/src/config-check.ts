import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { pid, version } from 'node:process'
import { parsePattern } from '@holdfast/events'
import type { FixedSubscription } from '@holdfast/queue'
import { type Config, type ConfigProblem, ProblemError, Secret } from '@holdfast/runtime'
import { canInflate } from './drivers/inflater.ts'
import { readVersion } from './version.ts'

/**
 * What the configuration's own schema can't know: that a gateway needs a connection, how event patterns are written, and
 * what the Node that runs it can do.
 *
 * @throws {ProblemError} `no-connections`, `bad-config`
 */
export function checkConfig(config: Config): void {
  if (config.connections.length === 0)
    throw new ProblemError(
      'no-connections',
      'no connections are configured: name some in holdfast.yaml, or set DISCORD_TOKEN or SLACK_BOT_TOKEN',
    )
  const problems = problemsOf(config)
  if (problems.length > 0)
    throw new ProblemError('bad-config', problems.map(({ message }) => message).join('\n'))
}

/** The part of it that stands at some place of the file: whoever has read it can say where. */
export function problemsOf(config: Config, inflates = canInflate): ConfigProblem[] {
  return [...badPatterns(config), ...unreadableCompressions(config, inflates)]
}

function badPatterns({ subscriptions }: Config): ConfigProblem[] {
  return subscriptions.flatMap(({ name, events }, index) =>
    events.flatMap((text, event) => {
      const parsed = parsePattern(text)
      if (parsed.ok) return []
      const path = ['subscriptions', index, 'events', event]
      return [{ path, message: `subscription "${name}": ${parsed.problem}` }]
    }),
  )
}

function unreadableCompressions({ connections }: Config, inflates: typeof canInflate): ConfigProblem[] {
  return connections.flatMap((each, index) => {
    if (each.platform !== 'discord' || each.compress === 'none' || inflates(each.compress)) return []
    const path = ['connections', index, 'compress']
    const message = `connection "${each.id}": Node ${version} can not read ${each.compress}: set \`compress: zlib-stream\`, or run Node 22.15 or newer`
    return [{ path, message }]
  })
}

/** The subscriptions of the configuration file as the registry takes them. */
export function fixedSubscriptions(config: Config): FixedSubscription[] {
  return config.subscriptions.map(({ events, ...rest }) => ({ ...rest, patterns: events }))
}

/** Stable over restarts where the host's name and the process id are, as they are in a container. */
export function replicaIdOf(config: Config): string {
  return config.gateway.replicaId ?? `${hostname()}-${pid}`
}

/**
 * What is rolled out, where nobody has named it: this version with this configuration. Two replicas of the same need no
 * trial to stand in for each other; another version or configuration does. Credentials show in it only as a digest.
 */
export function deployIdOf(config: Config): string {
  if (config.gateway.deployId !== undefined) return config.gateway.deployId
  const { connections, subscriptions, redis } = config
  const plain = JSON.stringify(revealed({ connections, subscriptions, prefix: redis.prefix }))
  return `${readVersion()}-${createHash('sha256').update(plain).digest('hex').slice(0, 8)}`
}

/** A `Secret` shows nothing of itself, so that two would look the same. */
function revealed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal()
  if (Array.isArray(value)) return value.map(revealed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, revealed(field)]))
}
