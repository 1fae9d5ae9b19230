import { type Readiness, readinessOf } from '@holdfast/runtime'
import type { Known } from './routes.ts'

/**
 * Ready from the first picture on. While Redis is away it is degraded and still serves: its page is where people look to
 * see that Redis is away.
 */
export function judgeReadiness({ picture, redis }: Known): Readiness {
  if (!picture) return readinessOf([{ name: 'console', status: 'failed', why: 'it is starting' }])
  if (redis.state === 'answers') return readinessOf([{ name: 'redis', status: 'ok' }])
  const seconds = Math.round(redis.pictureAgeMs / 1_000)
  const why = `Redis is away (${redis.why}); the last picture is ${seconds} s old`
  return readinessOf([{ name: 'redis', status: 'degraded', why }])
}
