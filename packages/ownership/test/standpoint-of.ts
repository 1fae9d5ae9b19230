import type {
  Deploy,
  Lease,
  MemberRecord,
  MemberSeen,
  Move,
  OwnUnit,
  Run,
  Standpoint,
  Successor,
  Tenure,
  UnitHealth,
} from '../src/index.ts'
import { encodeUnits } from '../src/index.ts'

export const NOW_MS = 1_000_000
const AT = 1_700_000_000_000

export const WELL: UnitHealth = { connectedMs: NOW_MS - 60_000, confirmed: true }
export const FRESH: UnitHealth = { connectedMs: NOW_MS - 100, confirmed: false }
export const SICK: UnitHealth = { confirmed: false }

export const run = (replica: string, life = 'x'): Run => ({ replica, run: `${replica}-${life}` })

/** A replica of the first rollout, proven; `fatal`: units that it reports to be refused for good. */
export function member(replica: string, it: Partial<MemberRecord> & { fatal?: string[] } = {}): MemberSeen {
  const { fatal = [], ...rest } = it
  const reports = fatal.map((unit) => ({ unit, platform: 'slack', state: 'fatal', sinceAt: AT }))
  return {
    ...run(replica),
    deploy: 'first',
    draining: false,
    trial: 'passed',
    serves: ['acme', 'bastion'],
    fields: encodeUnits(reports),
    beat: 7,
    ...rest,
  }
}

export const lease = (unit: string, holder?: Run, it: Partial<Lease> = {}): Lease => ({
  unit,
  fence: 3,
  sinceAt: AT,
  onTrial: false,
  ...(holder ? { holder: { replica: holder.replica, run: holder.run } } : {}),
  ...it,
})

export const successor = ({ replica, run }: Run, phase: Successor['phase'] = 'asked') => ({
  successor: { replica, run, phase },
})

export const unit = (name: string, tenure: Tenure = { kind: 'none' }, provesBeside = false): OwnUnit => ({
  unit: name,
  connection: name.split('/')[0] ?? name,
  tenure,
  provesBeside,
})

export const held = (health: UnitHealth = WELL, onTrial = false, sinceMs = NOW_MS - 60_000): Tenure => ({
  kind: 'holding',
  fence: 3,
  sinceMs,
  onTrial,
  health,
})

const FIRST: Deploy = { id: 'first', sinceAt: AT - 9_000, strikeCount: 0, restUntilAt: 0 }
const SECOND: Deploy = { id: 'second', sinceAt: AT - 5_000, strikeCount: 0, restUntilAt: 0 }

export interface Scene {
  readonly me: MemberRecord
  readonly others?: readonly MemberSeen[]
  readonly leases?: readonly Lease[]
  readonly units: readonly OwnUnit[]
  /** For how long runs were seen still, by run. */
  readonly still?: Readonly<Record<string, number>>
  readonly freeMs?: number
  readonly settledMs?: number
  readonly backMs?: number
  /** The second rollout rests. */
  readonly resting?: boolean
  readonly deploys?: readonly Deploy[]
}

/** A standpoint at `NOW_MS`: everybody lives, and nothing was away. */
export function standpointOf(scene: Scene): Standpoint {
  const { me, others = [], leases = [], units, still = {} } = scene
  const rest = { ...SECOND, strikeCount: 1, restUntilAt: AT + 1 }
  return {
    me,
    nowMs: NOW_MS,
    picture: {
      at: AT,
      members: [...others, { ...me, beat: 7 }].sort((a, b) => (a.replica < b.replica ? -1 : 1)),
      leases,
      deploys: scene.deploys ?? [FIRST, scene.resting ? rest : SECOND],
    },
    stillMs: ({ run }) => still[run] ?? 0,
    beat: () => 7,
    deploySinceAt: () => undefined,
    freeMs: () => scene.freeMs ?? 0,
    settledMs: scene.settledMs ?? 0,
    backMs: scene.backMs ?? Number.POSITIVE_INFINITY,
    units,
    times: { leaseMs: 5_000, rebalanceAfterMs: 60_000 },
  }
}

/** `take acme`, one a move. */
export const told = (moves: readonly Move[]): string[] => moves.map(({ kind, unit }) => `${kind} ${unit}`)
