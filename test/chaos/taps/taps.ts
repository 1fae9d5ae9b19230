import { PlatformTap } from './platform-tap.ts'
import { RedisTap } from './redis-tap.ts'

/** All ways of one process to the world. */
export interface Taps {
  readonly redis: RedisTap
  readonly platform: PlatformTap
}

/** @param simulatorUrl of both platforms */
export async function openTaps(redisUrl: string, simulatorUrl: string): Promise<Taps> {
  return { redis: await RedisTap.to(redisUrl), platform: await PlatformTap.to(simulatorUrl) }
}

export function closeTaps({ redis, platform }: Taps): void {
  redis.close()
  platform.close()
}
