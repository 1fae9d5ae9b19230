import type { FleetStanding, ReplicaStanding, RestingDeploy, UnitStanding } from '@holdfast/ownership'
import { table } from '../table.ts'
import { clockTime, duration } from './instants.ts'

const NOTHING = '–'

/** Replicas, units and resting deploys as lines: aligned, and readable without colour. */
export function fleetTable({ at, replicas, units, resting }: FleetStanding): string[] {
  return [
    ...table(
      ['REPLICA', 'STATE', 'UNITS', 'DEPLOY', 'VERSION', 'UP', 'WHY'],
      replicas.map((each) => replicaRow(each, at)),
    ),
    ...table(
      ['UNIT', 'OWNER', 'STATE', 'FOR', 'FENCE', 'HAND-OVER', 'WHY'],
      units.map((each) => unitRow(each, at)),
    ),
    ...table(
      ['RESTING DEPLOY', 'FAILED', 'UNTIL'],
      resting.map((each) => restingRow(each, at)),
    ),
  ]
}

function replicaRow(
  { replica, state, heldCount, deploy, version, startedAt, why }: ReplicaStanding,
  at: number,
) {
  const up = startedAt === undefined ? NOTHING : duration(at - startedAt)
  return [replica, state, String(heldCount), deploy ?? NOTHING, version ?? NOTHING, up, why ?? '']
}

function unitRow({ unit, owner, state, sinceAt, fence, handover, onTrial, why }: UnitStanding, at: number) {
  return [
    unit,
    owner ?? NOTHING,
    onTrial ? `${state}, on trial` : state,
    sinceAt === 0 ? NOTHING : duration(at - sinceAt),
    fence === undefined ? NOTHING : String(fence),
    handover ? `→ ${handover.to}, ${handover.phase}` : '',
    why ?? '',
  ]
}

function restingRow({ deploy, strikeCount, untilAt }: RestingDeploy, at: number) {
  const times = strikeCount === 1 ? 'once' : `${strikeCount} times`
  return [deploy, times, `${clockTime(untilAt)}, in ${duration(untilAt - at)}`]
}
