/** One thing that readiness depends on, and how it is. */
export interface Check {
  /** `redis`, `queue`, or a unit: `acme-rtm`, `bastion/0`. */
  readonly name: string
  /** `degraded` is broken for good until a person acts (a revoked token): told, but it does not block a rollout. */
  readonly status: 'ok' | 'degraded' | 'failed'
  /** One sentence. */
  readonly why?: string
}

/** What `/readyz` answers. */
export interface Readiness {
  readonly status: 'ready' | 'degraded' | 'unready'
  readonly checks: readonly Check[]
}

/** Ready unless a check failed; `degraded` where the worst of them is. */
export function readinessOf(checks: readonly Check[]): Readiness {
  const has = (status: Check['status']) => checks.some((check) => check.status === status)
  return { status: has('failed') ? 'unready' : has('degraded') ? 'degraded' : 'ready', checks }
}
