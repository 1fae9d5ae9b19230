import type { ShardState } from '@holdfast/protocol'
import type { ConnectionStatus } from '../ports.ts'

/** How the states of a shard look from outside. */
export const SHARD_LOOKS: Readonly<Record<ShardState['kind'], ConnectionStatus['state']>> = {
  idle: 'stopped',
  locating: 'connecting',
  connecting: 'connecting',
  awaitingHello: 'connecting',
  awaitingPermit: 'waiting',
  identifying: 'connecting',
  resuming: 'connecting',
  connected: 'connected',
  backingOff: 'waiting',
  holding: 'waiting',
  draining: 'waiting',
  drained: 'waiting',
  stopped: 'stopped',
  fatal: 'fatal',
}
