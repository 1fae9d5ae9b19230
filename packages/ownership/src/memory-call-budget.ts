import type { Clock } from '@holdfast/runtime'
import type { CallBudget } from './ports.ts'

interface Bucket {
  /** When all calls may be made again; each call moves it by the rate's `everyMs`. */
  readonly fullMs: number
  readonly blockedUntilMs: number
}

const UNTOUCHED: Bucket = { fullMs: 0, blockedUntilMs: 0 }

/** A budget of this process alone: behaves as the one in Redis, and forgets everything with the process. */
export function createMemoryCallBudget(clock: Pick<Clock, 'monotonicMs'>): CallBudget {
  const buckets = new Map<string, Bucket>()
  const bucketOf = (key: string) => buckets.get(key) ?? UNTOUCHED

  return {
    async take(key, { burst, everyMs }) {
      const nowMs = clock.monotonicMs()
      const { fullMs, blockedUntilMs } = bucketOf(key)
      const spentMs = Math.min(Math.max(fullMs - nowMs, 0), burst * everyMs)
      const waitMs = Math.max(blockedUntilMs - nowMs, spentMs - (burst - 1) * everyMs)
      if (waitMs > 0) return { kind: 'spent', waitMs: Math.ceil(waitMs) }
      buckets.set(key, { fullMs: nowMs + spentMs + everyMs, blockedUntilMs })
      return { kind: 'granted' }
    },
    async block(key, ms) {
      const { fullMs, blockedUntilMs } = bucketOf(key)
      buckets.set(key, { fullMs, blockedUntilMs: Math.max(blockedUntilMs, clock.monotonicMs() + ms) })
    },
  }
}
