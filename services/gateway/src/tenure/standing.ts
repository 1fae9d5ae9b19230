import type { Run, TrialVerdict } from '@holdfast/ownership'
import type { Check } from '@holdfast/runtime'

/** Where a replica stands among the others. */
export interface Standing {
  readonly run: Run
  /** A later process is the replica now. */
  readonly replaced: boolean
  readonly draining: boolean
  /** Units that it holds. */
  readonly heldCount: number
  /** How its trial stands; nothing before the first picture. */
  readonly verdict: TrialVerdict | undefined
  /** Units that it could serve, and that no replica serves of which it has seen that it lives. */
  readonly unserved: readonly string[]
}

/** Whether the replica may count as one: it has shown that it serves, or needs not to, and all units are served by somebody. */
export function judgeOwnership(standing: Standing): Check {
  const why = whyNot(standing)
  return why === undefined
    ? { name: 'ownership', status: 'ok' }
    : { name: 'ownership', status: 'failed', why }
}

function whyNot({ run, replaced, draining, heldCount, verdict, unserved }: Standing): string | undefined {
  if (replaced)
    return `replaced: another gateway has started as replica ${run.replica}, and this one has let go of everything`
  if (draining) return heldCount > 0 ? `draining: ${heldCount} units are still held` : 'drained'
  switch (verdict?.kind) {
    case undefined:
      return 'the other gateways are not known yet'
    case 'open':
      return `on trial: ${verdict.why}`
    case 'failed':
      return `the trial failed: ${verdict.why}`
    case 'none':
    case 'passed':
      return unserved.length > 0 ? `nobody is seen to serve ${unserved.join(', ')} yet` : undefined
    default:
      return verdict satisfies never
  }
}
