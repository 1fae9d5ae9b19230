import type { Register } from '@holdfast/runtime'
import type { ConnectionMetrics, ConnectionStatus } from '../ports.ts'

const STATES: readonly ConnectionStatus['state'][] = [
  'connecting',
  'connected',
  'waiting',
  'stopped',
  'fatal',
]

/** Which connections are shown. */
export interface ShownConnections {
  /** It is one of the configuration: its gaps are shown, 0 until there is one. Changes nothing of one that is shown. */
  connection(connection: string): void
  /** Shows no state of the connection any more: its units are gone, or about to be made anew. */
  forgetStates(connection: string): void
  /** Shows nothing of the connection any more but what was received: the configuration does not name it. */
  forgetConnection(connection: string): void
}

type Taken = Pick<ConnectionMetrics, 'received' | 'malformed' | 'gap' | 'dropped' | 'withheld'>
type Identifying = Pick<ConnectionMetrics, 'identified' | 'identifyBreaker' | 'deaf'>
type Standing = Pick<ConnectionMetrics, 'state'>

/** Takes back what is shown of a connection. */
interface Forgetting {
  forget(connection: string): void
}

/** What is shown of each connection, its shards one by one. */
export function connectionMetrics(register: Register): ConnectionMetrics & ShownConnections {
  const { connection, forget: forgetGaps, ...taken } = takenMetrics(register)
  const { forget: forgetIdentifies, ...identifying } = identifyMetrics(register)
  const { forget: forgetStates, ...standing } = stateMetrics(register)
  return {
    ...taken,
    ...identifying,
    ...standing,
    connection,
    forgetStates,
    forgetConnection(gone) {
      for (const forget of [forgetStates, forgetGaps, forgetIdentifies]) forget(gone)
    },
  }
}

function takenMetrics(register: Register): Taken & Pick<ShownConnections, 'connection'> & Forgetting {
  const perConnection = (name: string, help: string) => register.counter(name, help, ['connection'])
  const received = register.counter('holdfast_events_received_total', 'Events read from a socket.', [
    'platform',
    'connection',
    'type',
  ])
  const malformed = perConnection('holdfast_frames_malformed_total', 'Frames that could not be read.')
  const gaps = perConnection('holdfast_gaps_total', 'Gaps announced as holdfast.gap events.')
  const dropped = perConnection(
    'holdfast_events_dropped_total',
    'Events of RTM that came while nothing more could be held; a gap tells of them.',
  )
  const withheld = perConnection(
    'holdfast_envelopes_withheld_total',
    'Envelopes of Socket Mode that were left to Slack while nothing more could be held.',
  )
  return {
    received: (platform, connection, type) => received.inc({ platform, connection, type }),
    malformed: (connection) => malformed.inc({ connection }),
    gap: (connection) => gaps.inc({ connection }),
    dropped: (connection) => dropped.inc({ connection }),
    withheld: (connection) => withheld.inc({ connection }),
    // An alert on a rise sees the first gap only if there was a 0 before it.
    connection: (connection) => gaps.inc({ connection }, 0),
    forget(connection) {
      for (const metric of [malformed, gaps, dropped, withheld]) metric.remove({ connection })
    },
  }
}

function identifyMetrics(register: Register): Identifying & Forgetting {
  const identifies = register.counter('holdfast_identifies_total', 'New sessions asked of Discord.', [
    'connection',
  ])
  const breakers = register.gauge(
    'holdfast_identify_breaker',
    '1 while identifies are held back because there were too many, else 0.',
    ['connection'],
  )
  const deaf = register.counter(
    'holdfast_deaf_shards_total',
    'How often a shard that heard nothing while others of its bot did was resumed or begun anew.',
    ['connection', 'shard'],
  )
  const deafShards = new ShownShards()
  return {
    identified: (connection) => identifies.inc({ connection }),
    identifyBreaker: (connection, holds) => breakers.set({ connection }, holds ? 1 : 0),
    deaf(connection, shard) {
      deafShards.add(connection, shard)
      deaf.inc({ connection, shard })
    },
    forget(connection) {
      identifies.remove({ connection })
      breakers.remove({ connection })
      for (const shard of deafShards.take(connection)) deaf.remove({ connection, shard })
    },
  }
}

function stateMetrics(register: Register): Standing & Forgetting {
  const states = register.gauge('holdfast_connection_state', '1 for the state that it is in, 0 for others.', [
    'connection',
    'shard',
    'state',
  ])
  const shards = new ShownShards()
  return {
    state(connection, ofShard, state) {
      const shard = ofShard ?? ''
      shards.add(connection, shard)
      for (const each of STATES) states.set({ connection, shard, state: each }, each === state ? 1 : 0)
    },
    forget(connection) {
      for (const shard of shards.take(connection))
        for (const state of STATES) states.remove({ connection, shard, state })
    },
  }
}

/** Which shards are shown, by connection: what is to be taken back must be named one by one. '' where it has none. */
class ShownShards {
  readonly #shards = new Map<string, Set<number | ''>>()

  add(connection: string, shard: number | ''): void {
    this.#shards.set(connection, (this.#shards.get(connection) ?? new Set()).add(shard))
  }

  /** Those that are shown; shown no more. */
  take(connection: string): Iterable<number | ''> {
    const shards = this.#shards.get(connection) ?? []
    this.#shards.delete(connection)
    return shards
  }
}
