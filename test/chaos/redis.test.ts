import type { ChaosStage } from './chaos-stage.ts'
import { scenario } from './scenario.ts'

/*
 * Redis goes away while everything else works on. Sockets stay open and nothing moves: what comes meanwhile is kept in
 * memory, or by Slack, and follows in order.
 */

/** Resolves when the gateway has noticed, by what it says from now on. */
function untilNoticed({ gateways }: ChaosStage): Promise<unknown> {
  const [gateway] = gateways
  if (!gateway) throw new Error('no gateway runs')
  return gateway.says(({ msg }) => msg.startsWith('Redis does not answer'), gateway.lines.length)
}

scenario({
  name: 'Redis is stopped and started again',
  promise: 'P8',
  tier: 'short',
  allows: {},
  stage: { ownRedis: true },
  run: async (stage) => {
    const noticed = untilNoticed(stage)
    await stage.harm('Redis restarts', () => stage.redis.restart?.())
    await noticed
    await stage.flowing()
  },
})

scenario({
  name: 'Redis freezes until the gateway gives it up, and goes on',
  promise: 'P8',
  tier: 'full',
  allows: {},
  stage: { ownRedis: true },
  run: async (stage) => {
    const noticed = untilNoticed(stage)
    await stage.harm('Redis freezes', () => stage.redis.pause?.())
    await noticed
    stage.redis.resume?.()
    await stage.flowing()
  },
})

scenario({
  name: 'Redis is restarted while a worker dies in the middle of its handlers',
  promise: 'P8',
  tier: 'full',
  allows: {},
  stage: { ownRedis: true },
  run: async (stage) => {
    await stage.harm('Redis restarts, a worker dies', () =>
      Promise.all([stage.redis.restart?.(), stage.bots.killBusy()]),
    )
    await stage.flowing()
  },
})
