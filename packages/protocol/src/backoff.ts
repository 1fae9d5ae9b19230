/**
 * How long to wait before the next attempt. The first wait after a healthy connection is drawn from `firstMs`; every
 * later one doubles from `baseMs` up to `capMs`, between half and all of it, so that many shards do not return at once.
 */
export interface BackoffRule {
  readonly firstMs: readonly [from: number, to: number]
  readonly baseMs: number
  readonly capMs: number
}

/** Milliseconds to wait after `attemptCount` attempts in vain since the last healthy connection. Never above the rule's cap. */
export function backoffMs(rule: BackoffRule, attemptCount: number, random: number): number {
  if (attemptCount <= 0) {
    const [from, to] = rule.firstMs
    return Math.round(from + (to - from) * random)
  }
  const spanMs = Math.min(rule.capMs, rule.baseMs * 2 ** (attemptCount - 1))
  return Math.round(spanMs * (0.5 + random / 2))
}
