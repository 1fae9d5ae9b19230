import { kill } from 'node:process'
import { expect } from 'vitest'
import type { ChaosStage } from './chaos-stage.ts'
import type { GatewayReplica } from './gateway-replica.ts'

/** How Redis goes: asked to, writing what it holds; or at once, with what the append-only file has. */
type Ending = 'SIGTERM' | 'SIGKILL'

/** Redis is away while `meanwhile` runs; then it starts again on its data. Resolves when it answers. */
export async function withoutRedis(
  stage: ChaosStage,
  ending: Ending,
  meanwhile: () => Promise<unknown>,
): Promise<void> {
  const { redis } = stage
  const { pid, restart } = redis
  if (pid === undefined || restart === undefined) throw new Error('the scenario has no Redis of its own')
  await stage.harm(`${ending} for Redis`, () => kill(pid, ending))
  await expect.poll(() => redis.hasEnded, { timeout: 20_000, interval: 10 }).toBe(true)
  await meanwhile()
  await stage.harm('Redis starts again', restart)
}

/** Resolves when people have said so many more things to each connection since this call, in all. */
export async function said({ simulator: { record } }: ChaosStage, count: number): Promise<void> {
  let left = count * 3
  await record.until((entry) => {
    if (entry.kind === 'event' && entry.text?.startsWith('chaos #')) left -= 1
    return left <= 0
  }, record.end)
}

/** Resolves when a gateway has noticed that Redis is away, or takes no events, by what it says from this call on. */
export function untilNoticed(gateway: GatewayReplica): Promise<unknown> {
  return gateway.says(
    ({ msg }) => /^Redis (?:does not answer|refuses events)/.test(msg),
    gateway.lines.length,
  )
}

/** The gateway at this place in the order of their starts. */
export function gatewayAt({ gateways }: ChaosStage, index = 0): GatewayReplica {
  const gateway = gateways[index]
  if (!gateway) throw new Error(`there is no gateway ${index + 1}`)
  return gateway
}
