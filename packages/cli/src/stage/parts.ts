import type { LocalRedis } from '@holdfast/local-redis'
import type { StagePart } from '@holdfast/simulator'
import type { Crew } from '../demo/crew.ts'
import type { GatewayProcess } from '../demo/gateway-process.ts'

/** What runs behind the platforms. */
export interface Running {
  readonly redis: Pick<LocalRedis, 'pid' | 'isPaused' | 'hasEnded'>
  readonly gateway: Pick<GatewayProcess, 'child' | 'state'>
  readonly crew: Pick<Crew, 'members'>
}

/** All processes, as the page shows them: Redis where it is ours, the gateway, the workers and the last that went. */
export function partsOf({ redis, gateway, crew }: Running): readonly StagePart[] {
  return [
    ...(redis.pid === undefined
      ? []
      : [{ name: 'redis', kind: 'redis' as const, pid: redis.pid, state: redisState(redis) }]),
    { name: 'gateway', kind: 'gateway', pid: gateway.child?.pid ?? 0, state: gateway.state },
    ...crew.members.map(({ child, generation, state }) => ({
      name: child.name.replace('-', ' '),
      kind: 'worker' as const,
      pid: child.pid,
      state,
      version: `v${generation}`,
    })),
  ]
}

function redisState({ isPaused, hasEnded }: Running['redis']): StagePart['state'] {
  if (hasEnded) return 'ended'
  return isPaused ? 'paused' : 'up'
}
