import fc from 'fast-check'
import type { Fitness } from './plan-replica.ts'
import type { PlanWorld } from './plan-world.ts'

/** Something that happens to one replica, or to all. */
export type Happening =
  | { readonly kind: 'start'; readonly replica: string; readonly deploy: string }
  | { readonly kind: 'crash' | 'drain'; readonly replica: string }
  | { readonly kind: 'freeze'; readonly replica: string; readonly ms: number }
  | { readonly kind: 'outage' | 'lossy' | 'wait'; readonly ms: number }

/** What a rollout can't do, and with which connection. */
export interface Flaw {
  readonly fitness: Fitness
  readonly connection: string
}

export const flaws: fc.Arbitrary<Flaw> = fc.record({
  fitness: fc.constantFrom<Fitness>('mute', 'stuck', 'fatal', 'deadly'),
  connection: fc.constantFrom('acme', 'bastion', 'crew'),
})

export const seeds = fc.noBias(fc.nat(999_999))
export const shortMs = fc.integer({ min: 1, max: 15 }).map((seconds) => seconds * 1_000)

/** Up to so many happenings to these replicas, which may be started as any of the rollouts. */
export function histories(
  replicas: readonly string[],
  deploys: readonly string[],
  maxLength: number,
): fc.Arbitrary<Happening[]> {
  const replica = fc.constantFrom(...replicas)
  const one = fc.oneof(
    fc.record({ kind: fc.constant('start' as const), replica, deploy: fc.constantFrom(...deploys) }),
    fc.record({ kind: fc.constantFrom('crash' as const, 'drain' as const), replica }),
    fc.record({ kind: fc.constant('freeze' as const), replica, ms: shortMs }),
    fc.record({ kind: fc.constantFrom('outage' as const, 'lossy' as const, 'wait' as const), ms: shortMs }),
  )
  return fc.noBias(fc.array(one, { maxLength, size: 'max' }))
}

/** Lets it happen, and some time after it. */
export async function happen(world: PlanWorld, it: Happening): Promise<void> {
  const one = 'replica' in it ? world.live.find(({ id }) => id.replica === it.replica) : undefined
  switch (it.kind) {
    case 'start':
      world.add(it.replica, it.deploy)
      break
    case 'crash':
      if (one) one.state = 'dead'
      break
    case 'drain':
      if (one) one.draining = true
      break
    case 'freeze':
      if (one) world.freeze(one, it.ms)
      break
    case 'outage':
      world.outage(it.ms)
      break
    case 'lossy':
      world.lossy(true)
      break
    case 'wait':
      break
    default:
      it satisfies never
  }
  await world.pass('ms' in it ? it.ms : 1_500)
  world.lossy(false)
}
