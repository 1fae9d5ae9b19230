import { expect } from 'vitest'
import type { Allowances } from './allowances.ts'
import type { ChaosStage } from './chaos-stage.ts'
import { CONNECTIONS, type ConnectionName, TRANSPORTS } from './connections.ts'
import type { GatewayReplica } from './gateway-replica.ts'
import { scenario } from './scenario.ts'
import { startTapped, tapped } from './tapped.ts'
import { killing } from './taps/acts.ts'
import type { RedisRequest } from './taps/redis-request.ts'

/*
 * A gateway dies at the very points at which responsibility for an event passes on: from the platform to Redis, and back to the
 * platform as an acknowledgement or a checkpoint.
 */

/** What a killed gateway costs: RTM repeats nothing, and Slack shows who has no socket as away. */
const KILLED: Allowances = { gaps: { rtm: 'must' }, cutOff: true, offline: { rtm: 1, socket: 1 } }

const replicaId = 'gateway-1'

/** A batch that holds an event of this connection. */
const of =
  (connection: ConnectionName) =>
  ({ args }: RedisRequest) =>
    args.some((arg) => arg.includes(`"connection":"${connection}"`))

/** Resolves when the gateway is gone and another has its place. */
async function replace(stage: ChaosStage, gateway: GatewayReplica): Promise<GatewayReplica> {
  await gateway.ended
  const next = await stage.startGateway({ replicaId })
  await stage.flowing()
  return next
}

for (const connection of CONNECTIONS) {
  scenario({
    name: `a gateway is killed before it hands an event of ${TRANSPORTS[connection]} to Redis`,
    promise: 'P6',
    tier: connection === 'discord' ? 'short' : 'full',
    allows: KILLED,
    begin: startTapped,
    run: async (stage) => {
      const { gateway, taps } = tapped(stage)
      const point = { moment: 'before', script: 'enqueue' } as const
      await stage.harm('SIGKILL', () => taps.redis.at(point, killing(gateway.pid), of(connection)))
      await replace(stage, gateway)
    },
  })

  scenario({
    name: `a gateway is killed after Redis has an event of ${TRANSPORTS[connection]} and before it knows`,
    promise: 'P2',
    tier: 'full',
    allows: KILLED,
    begin: startTapped,
    run: async (stage) => {
      const { gateway, taps } = tapped(stage)
      const point = { moment: 'executed', script: 'enqueue' } as const
      await stage.harm('SIGKILL', () => taps.redis.at(point, killing(gateway.pid), of(connection)))
      const next = await replace(stage, gateway)
      // What the dead one had brought to Redis came again, and was recognised: no platform but RTM forgets it.
      if (connection !== 'rtm') expect(await next.count('holdfast_events_duplicate_total')).toBeGreaterThan(0)
    },
  })
}

scenario({
  name: 'a gateway is killed after an event is confirmed and before its acknowledgement reaches Slack',
  promise: 'P1',
  tier: 'short',
  allows: KILLED,
  begin: startTapped,
  run: async (stage) => {
    const { gateway, taps } = tapped(stage)
    const since = stage.simulator.record.end
    const said = await stage.harm('SIGKILL', () =>
      taps.platform.beforeSaid(
        'an acknowledgement',
        ({ text }) => text.includes('"envelope_id"'),
        killing(gateway.pid),
      ),
    )
    const next = await replace(stage, gateway)
    const { envelope_id: id }: { envelope_id: string } = JSON.parse(said.text)
    const { record } = stage.simulator
    const subjectOf = () => record.of('envelope', since).find(({ envelope }) => envelope === id)?.subject
    await record.until(
      (entry) => entry.kind === 'envelope' && entry.subject === subjectOf() && entry.what === 'acknowledged',
      since,
    )
    expect(await next.count('holdfast_events_duplicate_total')).toBeGreaterThan(0)
  },
})

scenario({
  name: 'a gateway is killed after events of Discord are confirmed and before the checkpoint says so',
  promise: 'P2',
  tier: 'full',
  allows: KILLED,
  begin: startTapped,
  run: async (stage) => {
    const { gateway, taps } = tapped(stage)
    const point = { moment: 'before', script: 'write checkpoint' } as const
    const ofShard = ({ args }: RedisRequest) => args.some((arg) => arg.includes(':checkpoint:discord/'))
    await stage.harm('SIGKILL', () => taps.redis.at(point, killing(gateway.pid), ofShard))
    const next = await replace(stage, gateway)
    expect(await next.count('holdfast_events_duplicate_total')).toBeGreaterThan(0)
  },
})

scenario({
  name: 'a gateway’s way to Redis is cut between the doing and the reply, again and again',
  promise: 'P2',
  tier: 'full',
  allows: {},
  begin: startTapped,
  run: async (stage) => {
    const { taps } = tapped(stage)
    for (let round = 0; round < 10; round++) {
      const point = { moment: round % 2 === 0 ? 'executed' : 'before', script: 'enqueue' } as const
      await stage.harm('connection cut', () => taps.redis.at(point, () => 'cut'))
      await stage.flowing()
    }
  },
})
