import type { FleetStanding, ReplicaStanding, UnitStanding } from '@holdfast/ownership'

/** What is another than before, one line for each change: replicas first, since units move because of them. */
export function changesBetween(before: FleetStanding, after: FleetStanding): string[] {
  return [
    ...eachOf(before.replicas, after.replicas, ({ replica }) => replica, replicaChange),
    ...eachOf(before.units, after.units, ({ unit }) => unit, unitChange),
    ...eachOf(
      before.resting,
      after.resting,
      ({ deploy }) => deploy,
      (old, now, deploy) => restingChange(old?.untilAt, now?.untilAt, deploy),
    ),
  ]
}

function eachOf<Item>(
  before: readonly Item[],
  after: readonly Item[],
  nameOf: (item: Item) => string,
  describe: (before: Item | undefined, after: Item | undefined, name: string) => string[],
): string[] {
  const [old, now] = [before, after].map((items) => new Map(items.map((item) => [nameOf(item), item])))
  const names = new Set([...before, ...after].map(nameOf))
  return [...names].flatMap((name) => describe(old?.get(name), now?.get(name), name))
}

function replicaChange(
  before: ReplicaStanding | undefined,
  after: ReplicaStanding | undefined,
  replica: string,
): string[] {
  if (!after) return [`${replica} is gone`]
  if (!before) return [`${replica} has come${deployOf(after)}: ${after.state}`]
  if (before.run !== after.run) return [`${replica} has started anew: ${after.state}`]
  return before.state === after.state ? [] : [`${replica} is ${after.state}${whyOf(after)}`]
}

function unitChange(
  before: UnitStanding | undefined,
  after: UnitStanding | undefined,
  unit: string,
): string[] {
  if (!after) return [`${unit} is not wanted any more`]
  return [
    ...ownerChange(before, after),
    ...(before?.state === after.state || after.state === 'free'
      ? []
      : [`${unit} is ${after.state}${whyOf(after)}`]),
    ...handoverChange(before, after),
  ]
}

function ownerChange(before: UnitStanding | undefined, { unit, owner, fence }: UnitStanding): string[] {
  if (before?.owner === owner && before?.fence === fence) return []
  const under = fence === undefined ? '' : ` (fence ${fence})`
  if (owner === undefined)
    return [`${unit} is free${before?.owner === undefined ? '' : `: ${before.owner} had it`}`]
  return [`${unit}: ${before?.owner ?? 'free'} → ${owner}${under}`]
}

function handoverChange(before: UnitStanding | undefined, { unit, owner, handover }: UnitStanding): string[] {
  if (before?.handover?.to === handover?.to && before?.handover?.phase === handover?.phase) return []
  if (handover) return [`${unit}: ${owner ?? 'free'} → ${handover.to}, ${handover.phase}`]
  return before?.owner === owner ? [`${unit} stays at ${owner ?? 'nobody'}`] : []
}

function restingChange(before: number | undefined, after: number | undefined, deploy: string): string[] {
  if (before === after) return []
  return [
    after === undefined ? `deploy ${deploy} rests no more` : `deploy ${deploy} failed a trial and rests`,
  ]
}

const deployOf = ({ deploy }: ReplicaStanding): string => (deploy === undefined ? '' : ` (deploy ${deploy})`)
const whyOf = ({ why }: { readonly why?: string }): string => (why === undefined ? '' : `: ${why}`)
