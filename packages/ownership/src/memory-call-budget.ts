import type { Clock } from '@holdfast/runtime'
import type { CallBudget, CallRate } from './ports.ts'

interface Bucket {
  /** Calls that could be made at `atMs`; it refills from there. */
  level: number
  atMs: number
  blockedUntilMs: number
}

/** A budget of this process alone: behaves as the one in Redis, and forgets everything with the process. */
export function createMemoryCallBudget(clock: Pick<Clock, 'monotonicMs'>): CallBudget {
  const buckets = new Map<string, Bucket>()

  function filled(key: string, { burst, everyMs }: CallRate): Bucket {
    const nowMs = clock.monotonicMs()
    const { level, atMs, blockedUntilMs } = buckets.get(key) ?? {
      level: burst,
      atMs: nowMs,
      blockedUntilMs: 0,
    }
    const bucket = { level: Math.min(burst, level + (nowMs - atMs) / everyMs), atMs: nowMs, blockedUntilMs }
    buckets.set(key, bucket)
    return bucket
  }

  return {
    async take(key, rate) {
      const bucket = filled(key, rate)
      const blockedMs = bucket.blockedUntilMs - bucket.atMs
      const waitMs = Math.max(blockedMs, bucket.level < 1 ? (1 - bucket.level) * rate.everyMs : 0)
      if (waitMs > 0) return { kind: 'spent', waitMs: Math.ceil(waitMs) }
      bucket.level -= 1
      return { kind: 'granted' }
    },
    async block(key, ms) {
      const nowMs = clock.monotonicMs()
      const bucket = buckets.get(key) ?? { level: 0, atMs: nowMs, blockedUntilMs: 0 }
      buckets.set(key, { ...bucket, blockedUntilMs: Math.max(bucket.blockedUntilMs, nowMs + ms) })
    },
  }
}
