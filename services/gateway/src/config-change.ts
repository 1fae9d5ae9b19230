import { type Config, type ConnectionConfig, Secret } from '@holdfast/runtime'

/** What is different about connections, each told apart by its id. */
export interface ConnectionChange {
  readonly added: readonly ConnectionConfig[]
  readonly removed: readonly ConnectionConfig[]
  /** With their new settings. */
  readonly changed: readonly ConnectionConfig[]
}

/** What is different about a configuration. */
export interface ConfigChange extends ConnectionChange {
  readonly subscriptionsChanged: boolean
  /** Blocks that differ and can't change while a gateway runs. */
  readonly needRestart: readonly string[]
}

/** What a gateway is built on. `console` is nothing to it. */
const FIXED_BLOCKS = ['redis', 'http', 'gateway', 'log'] as const

/** Compares by value, credentials included. The order of connections means nothing. */
export function compareConfigs(before: Config, after: Config): ConfigChange {
  const known = new Map(before.connections.map((each) => [each.id, each]))
  const named = new Set(after.connections.map(({ id }) => id))
  return {
    added: after.connections.filter(({ id }) => !known.has(id)),
    removed: before.connections.filter(({ id }) => !named.has(id)),
    changed: after.connections.filter((each) => {
      const previous = known.get(each.id)
      return previous !== undefined && !isSame(previous, each)
    }),
    subscriptionsChanged: !isSame(before.subscriptions, after.subscriptions),
    needRestart: FIXED_BLOCKS.filter((block) => !isSame(before[block], after[block])),
  }
}

/** A `Secret` shows nothing of itself, so no comparison of the platform's own sees that two differ. */
function isSame(one: unknown, other: unknown): boolean {
  if (one instanceof Secret && other instanceof Secret) return one.reveal() === other.reveal()
  if (!isRecord(one) || !isRecord(other)) return Object.is(one, other)
  const keys = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...keys].every((key) => isSame(one[key], other[key]))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
