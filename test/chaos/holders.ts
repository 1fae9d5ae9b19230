import { sleep, systemClock } from '@holdfast/runtime'
import { expect } from 'vitest'
import type { ChaosStage } from './chaos-stage.ts'
import { SHARD_COUNT } from './connections.ts'
import type { GatewayReplica, LogLine } from './gateway-replica.ts'
import { readFences } from './redis-look.ts'
import { replace } from './roll.ts'

/** All units of the stage, sorted. */
export const UNITS: readonly string[] = [
  ...Array.from({ length: SHARD_COUNT }, (_, shard) => `discord/${shard}`),
  'rtm',
  'socket',
]

const LOOK_MS = 50
const PATIENCE_MS = 60_000

const unitsOf = (lines: readonly LogLine[]) => lines.map(({ unit = '?' }) => unit).sort()

/** Units that a gateway took without their holder's word, sorted; for this reason, or any. */
export function taken({ lines }: GatewayReplica, reason?: 'free' | 'still' | 'restart'): readonly string[] {
  return unitsOf(
    lines.filter((line) => line.msg === 'took the unit' && (reason ?? line.reason) === line.reason),
  )
}

/** Units that were handed over to a gateway, sorted, each as often as it was. */
export function received({ lines }: GatewayReplica): readonly string[] {
  return unitsOf(lines.filter(({ msg }) => msg.startsWith('the unit was handed over in ')))
}

/** Who holds each unit, as one gateway sees it. */
export async function holders(gateway: GatewayReplica): Promise<ReadonlyMap<string, string>> {
  const { connections }: { connections: { unit: string; owner?: string }[] } = JSON.parse(
    (await gateway.get('/v1/connections')).text,
  )
  return new Map(connections.flatMap(({ unit, owner }) => (owner === undefined ? [] : [[unit, owner]])))
}

/** Resolves when this gateway holds these units. Rejects where it does not come to that. */
export async function untilHeld(gateway: GatewayReplica, units: readonly string[] = UNITS): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + PATIENCE_MS
  for (;;) {
    const held = await holders(gateway)
    if (units.every((unit) => held.get(unit) === gateway.replicaId)) return
    if (systemClock.monotonicMs() > deadlineMs)
      throw new Error(`${gateway.replicaId} does not hold ${units.join(', ')}: ${JSON.stringify([...held])}`)
    await sleep(systemClock, LOOK_MS)
  }
}

/**
 * Another deploy comes, becomes ready, and the former one gets SIGTERM. Resolves with the new one; rejects where the old ends
 * uncleanly, or a unit changed its holder other than once.
 */
export async function roll(
  stage: ChaosStage,
  old: GatewayReplica,
  options: Parameters<ChaosStage['startGateway']>[0],
): Promise<GatewayReplica> {
  return stage.harm(`roll to ${options.deployId}`, async () => {
    const fences = () => readFences(stage.redis.url, stage.prefix, UNITS)
    const before = await fences()
    const { next, roll } = await replace(old, () => stage.startGateway(options))
    stage.rolls.push(roll)
    const moved = received(next)
    const once = UNITS.map((unit) => [unit, (before[unit] ?? 0) + (moved.includes(unit) ? 1 : 0)])
    expect(await fences(), 'fencing numbers').toEqual(Object.fromEntries(once))
    return next
  })
}
