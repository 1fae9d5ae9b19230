import type { BotProcess } from './bot-process.ts'
import type { ChaosStage } from './chaos-stage.ts'
import type { GatewayReplica } from './gateway-replica.ts'
import { gatewayAt } from './redis-away.ts'
import type { RedisTap } from './taps/redis-tap.ts'
import type { Taps } from './taps/taps.ts'

export interface TappedWorker {
  readonly worker: BotProcess
  /** Its way to Redis. */
  readonly tap: RedisTap
}

/** One more worker, behind a tap, `env` over the others' environment; resolves when it takes jobs. */
export async function hireTapped(
  stage: ChaosStage,
  env: Readonly<Record<string, string>> = {},
): Promise<TappedWorker> {
  const { redis: tap } = await stage.tap()
  const [worker] = await stage.bots.hire(1, { ...env, REDIS_URL: tap.url })
  if (!worker) throw new Error('nobody was hired')
  return { worker, tap }
}

/** A gateway behind taps; resolves when it is ready. */
export async function startTapped(stage: ChaosStage): Promise<void> {
  await stage.startGateway({ replicaId: 'gateway-1', taps: await stage.tap() })
}

/** A gateway behind taps, which holds everything, and a standby that reaches all by itself. */
export async function startTappedWithStandby(stage: ChaosStage): Promise<void> {
  await startTapped(stage)
  await stage.startGateway({ replicaId: 'gateway-2' })
}

/** The first gateway, which runs behind taps. */
export function tapped(stage: ChaosStage): { readonly gateway: GatewayReplica; readonly taps: Taps } {
  const gateway = gatewayAt(stage)
  if (!gateway.taps) throw new Error('the gateway runs behind no taps')
  return { gateway, taps: gateway.taps }
}
