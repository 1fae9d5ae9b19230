import { expect } from 'vitest'
import type { Allowances } from './allowances.ts'
import type { ChaosStage } from './chaos-stage.ts'
import { CONNECTIONS, TRANSPORTS } from './connections.ts'
import type { GatewayReplica } from './gateway-replica.ts'
import { holders, received, roll, taken, UNITS, untilHeld } from './holders.ts'
import { scenario } from './scenario.ts'
import { killing } from './taps/acts.ts'
import type { RedisRequest } from './taps/redis-request.ts'

/*
 * Gateways that die, freeze, come back and are replaced. What is planned costs nothing on any transport; a crash costs RTM a gap,
 * since it repeats nothing, and Slack shows a bot without a socket as away.
 */

const CRASH: Allowances = { gaps: { rtm: 'must' }, cutOff: true, offline: { rtm: 1, socket: 1 } }

const first = (stage: ChaosStage): GatewayReplica => at(stage, 0)

function at({ gateways }: ChaosStage, index: number): GatewayReplica {
  const gateway = gateways[index]
  if (!gateway) throw new Error(`there is no gateway ${index + 1}`)
  return gateway
}

/** One that holds everything, and another of the same deployment that holds nothing. */
async function startWithStandby(stage: ChaosStage): Promise<void> {
  await stage.startGateway({ replicaId: 'gateway-1' })
  await stage.startGateway({ replicaId: 'gateway-2' })
}

const kill = (stage: ChaosStage, gateway: GatewayReplica) => stage.harm('SIGKILL', () => gateway.kill())

scenario({
  name: 'a gateway is killed, and restarted: it takes its own leases at once',
  promise: 'P6',
  tier: 'full',
  allows: CRASH,
  run: async (stage) => {
    await kill(stage, first(stage))
    const next = await stage.startGateway({ replicaId: 'gateway-1' })
    await stage.flowing()
    expect(taken(next, 'restart')).toEqual(UNITS)
    expect(taken(next)).toEqual(UNITS)
  },
})

scenario({
  name: 'a gateway is killed beside a standby, which takes over',
  promise: 'P6',
  tier: 'short',
  allows: CRASH,
  begin: startWithStandby,
  run: async (stage) => {
    const standby = at(stage, 1)
    expect(taken(standby)).toEqual([])
    await kill(stage, first(stage))
    await untilHeld(standby)
    await stage.flowing()
    expect(taken(standby, 'still')).toEqual(UNITS)
  },
})

scenario({
  name: 'a gateway is killed and restarted at once beside a standby: it is itself again, and nothing moves',
  promise: 'P6',
  tier: 'full',
  allows: CRASH,
  begin: startWithStandby,
  run: async (stage) => {
    await kill(stage, first(stage))
    const next = await stage.startGateway({ replicaId: 'gateway-1' })
    await stage.flowing()
    expect(taken(next, 'restart')).toEqual(UNITS)
    expect(taken(at(stage, 1))).toEqual([])
  },
})

scenario({
  name: 'a gateway is replaced by a newer one that starts first',
  promise: 'P6',
  tier: 'short',
  allows: {},
  run: async (stage) => {
    const next = await roll(stage, first(stage), { replicaId: 'gateway-2', deployId: 'two' })
    await stage.flowing()
    expect(received(next)).toEqual(UNITS)
    expect(taken(next)).toEqual([])
    expect(received(first(stage))).toEqual([])
  },
})

scenario({
  name: 'a gateway drains to its standby, and ends',
  promise: 'P6',
  tier: 'full',
  allows: {},
  begin: startWithStandby,
  run: async (stage) => {
    const standby = at(stage, 1)
    expect(await stage.harm('SIGTERM', () => first(stage).stop())).toBe(0)
    await stage.flowing()
    expect(received(standby)).toEqual(UNITS)
    expect(taken(standby)).toEqual([])
  },
})

for (const badToken of CONNECTIONS) {
  scenario({
    name: `a roll to a configuration whose token for ${TRANSPORTS[badToken]} is wrong`,
    promise: 'P6',
    tier: badToken === 'discord' ? 'short' : 'full',
    allows: {},
    run: async (stage) => {
      const old = first(stage)
      const next = await stage.harm('roll', () =>
        stage.launchGateway({ replicaId: 'gateway-2', deployId: 'two', badToken }),
      )
      await next.says(({ msg }) => msg.startsWith('the trial failed'))
      await untilHeld(old)
      await stage.flowing()
      expect((await next.get('/readyz')).status).toBe(503)
      await old.ready()
      expect(await next.stop()).toBe(0)
      await untilHeld(old)
    },
  })
}

for (const connection of CONNECTIONS) {
  scenario({
    name: `a roll to a build that crashes at its first event of ${TRANSPORTS[connection]}, again and again`,
    promise: 'P6',
    tier: connection === 'discord' ? 'short' : 'full',
    // The unit on trial dies with the build, and those that had come with it; its former holder takes them back.
    allows: { ...CRASH, gaps: { rtm: 'may' } },
    run: async (stage) => {
      const old = first(stage)
      const broken = { replicaId: 'gateway-2', deployId: 'two' } as const
      const ofConnection = ({ args }: RedisRequest) =>
        args.some((arg) => arg.includes(`"connection":"${connection}"`))
      const taps = await stage.tap()
      const crashed = stage.launchGateway({ ...broken, taps })
      const point = { moment: 'before', script: 'enqueue' } as const
      await stage.harm('a broken build', () => taps.redis.at(point, killing(crashed.pid), ofConnection))
      await crashed.ended
      const again = stage.launchGateway(broken)
      await again.says(({ msg }) => msg === 'this gateway does not count as ready')
      await untilHeld(old)
      await stage.flowing()
      // Its deployment rests: the next of the same build is given nothing to break.
      expect((await again.get('/readyz')).status).toBe(503)
      expect(await again.count('holdfast_events_enqueued_total')).toBe(0)
      expect(await again.stop()).toBe(0)
    },
  })
}

scenario({
  name: 'a gateway stands still for longer than its lease: when it wakes up, nothing of it gets through',
  promise: 'P6',
  tier: 'full',
  allows: CRASH,
  begin: async (stage) => {
    await stage.startGateway({ replicaId: 'gateway-1', taps: await stage.tap() })
    await stage.startGateway({ replicaId: 'gateway-2' })
  },
  run: async (stage) => {
    const [frozen, other] = [first(stage), at(stage, 1)]
    const since = frozen.lines.length
    const through: string[] = []
    await stage.freeze(frozen, async () => {
      await untilHeld(other)
      await stage.flowing()
      frozen.taps?.redis.onReply(({ script }, reply) => {
        // `:2` is what an earlier try of the same call had brought to Redis, before it stood still.
        const isThrough = script === 'enqueue' ? /^:1\r$/m.test(reply) : reply !== ':0\r\n'
        if (script === 'enqueue' || script === 'write checkpoint') through.push(...(isThrough ? [reply] : []))
      })
    })
    await frozen.says(({ msg }) => msg === 'let go of the unit', since)
    await stage.flowing()
    await frozen.ready()
    expect(through).toEqual([])
    const seenByFrozen = async () => {
      const held = await holders(frozen)
      return UNITS.map((unit) => held.get(unit))
    }
    await expect.poll(seenByFrozen, { timeout: 60_000 }).toEqual(UNITS.map(() => other.replicaId))
    expect(taken(frozen)).toEqual(UNITS)
    expect(taken(other, 'still')).toEqual(UNITS)
  },
})

scenario({
  name: 'two gateways start at the same moment: each unit is taken once',
  promise: 'P6',
  tier: 'full',
  allows: {},
  gateways: 2,
  run: async (stage) => {
    expect(stage.gateways.flatMap((gateway) => taken(gateway)).sort()).toEqual(UNITS)
    await stage.flowing()
  },
})

scenario({
  name: 'one of three gateways is killed: the others take what it held, each unit once',
  promise: 'P6',
  tier: 'full',
  allows: { ...CRASH, gaps: { rtm: 'may' } },
  gateways: 3,
  run: async (stage) => {
    const [victim, ...others] = [...stage.gateways].sort((a, b) => taken(b).length - taken(a).length)
    if (!victim) throw new Error('nobody holds anything')
    const lost = taken(victim)
    expect(lost.length).toBeGreaterThan(0)
    await kill(stage, victim)
    const retaken = () => others.flatMap((gateway) => taken(gateway, 'still')).sort()
    await expect.poll(retaken, { timeout: 30_000 }).toEqual(lost)
    await stage.flowing()
  },
})

scenario({
  name: 'three replacements in a row, on all transports',
  promise: 'P6',
  tier: 'full',
  allows: {},
  run: async (stage) => {
    let serving = first(stage)
    for (let round = 2; round <= 4; round += 1) {
      serving = await roll(stage, serving, { replicaId: `gateway-${round}`, deployId: `deploy-${round}` })
      await stage.flowing()
      expect(received(serving)).toEqual(UNITS)
    }
  },
})

/** Slack allows so few addresses that its connections stay with a gateway of their own. */
function startApart(connections: readonly ('socket' | 'discord')[]) {
  const others = CONNECTIONS.filter((name) => !(connections as readonly string[]).includes(name))
  return (stage: ChaosStage) =>
    Promise.all([
      stage.startGateway({ replicaId: 'gateway-1', connections }),
      stage.startGateway({ replicaId: 'apart', connections: others }),
    ])
}

async function rollTimes(
  stage: ChaosStage,
  count: number,
  connections: readonly ('socket' | 'discord')[],
): Promise<void> {
  const units = UNITS.filter((unit) => connections.some((name) => unit.startsWith(name)))
  let serving = first(stage)
  for (let round = 1; round <= count; round += 1) {
    const [replicaId, deployId] = [`round-${round}`, `deploy-${round}`]
    serving = await roll(stage, serving, { replicaId, deployId, connections })
    expect(received(serving), replicaId).toEqual(units)
    expect(taken(serving), replicaId).toEqual([])
  }
  await stage.flowing()
}

scenario({
  name: 'twenty replacements in a row on Discord: one identify for each shard, and never offline',
  promise: 'P6',
  tier: 'full',
  allows: {},
  stage: { timesQueue: true },
  begin: startApart(['discord']),
  run: (stage) => rollTimes(stage, 20, ['discord']),
})

scenario({
  name: 'eight replacements in a row on Socket Mode and Discord',
  promise: 'P6',
  tier: 'full',
  allows: {},
  stage: { timesQueue: true },
  begin: startApart(['socket', 'discord']),
  run: (stage) => rollTimes(stage, 8, ['socket', 'discord']),
})
