import { type Check, type Readiness, readinessOf } from '@holdfast/runtime'
import type { ConnectionStatus } from './ports.ts'

/** What the gateway knows of itself, from memory. */
export interface GatewayFacts {
  /** Where its life stands. Ready is only one that runs. */
  readonly phase: 'starting' | 'running' | 'stopping'
  /** Why Redis does not answer; nothing while it does. */
  readonly redisAway: string | undefined
  readonly overBound: boolean
  /** Why the journal takes nothing; nothing while it does. */
  readonly journalFailing: string | undefined
  /** Where it stands among the other gateways. */
  readonly ownership: Check
  /** The units that it owns. */
  readonly units: readonly ConnectionStatus[]
}

/**
 * Ready when it runs, Redis answers, it may count as a replica, and every unit that it owns is connected or broken beyond what
 * waiting could mend.
 */
export function judgeReadiness(facts: GatewayFacts): Readiness {
  return readinessOf([
    ...(facts.phase === 'running' ? [] : [failed('gateway', `it is ${facts.phase}`)]),
    facts.redisAway === undefined ? ok('redis') : failed('redis', facts.redisAway),
    facts.overBound
      ? failed('queue', 'as many events are unconfirmed as the bound allows: no more are taken')
      : ok('queue'),
    ...(facts.journalFailing === undefined ? [] : [degraded('journal', unwritable(facts.journalFailing))]),
    facts.ownership,
    ...facts.units.map(judgeUnit),
  ])
}

/** `acme-rtm`, or `bastion/0` for a shard. */
export function unitName(status: Pick<ConnectionStatus, 'connection' | 'shard'>): string {
  return status.shard === undefined ? status.connection : `${status.connection}/${status.shard}`
}

function judgeUnit(status: ConnectionStatus): Check {
  const name = unitName(status)
  switch (status.state) {
    case 'connected':
      return ok(name)
    case 'fatal':
      return degraded(name, status.why ?? 'stopped for good')
    case 'connecting':
    case 'waiting':
    case 'stopped':
      return failed(name, status.why ?? `it is ${status.state}`)
    default:
      return status.state satisfies never
  }
}

/** Redis goes first: while it answers nothing is missed by this. */
const unwritable = (why: string): string =>
  `it can not be written (${why}): while Redis is away, events wait in memory alone`

const ok = (name: string): Check => ({ name, status: 'ok' })
const degraded = (name: string, why: string): Check => ({ name, status: 'degraded', why })
const failed = (name: string, why: string): Check => ({ name, status: 'failed', why })
