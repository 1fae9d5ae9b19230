import { absences } from '@holdfast/simulator'
import { expect } from 'vitest'
import type { ChaosStage } from './chaos-stage.ts'
import { received, roll, taken, UNITS } from './holders.ts'
import { scenario } from './scenario.ts'

/*
 * What a rolling replacement costs, in figures: another deploy starts first, becomes ready, takes over, and only then the
 * former one is ended. The table is in docs/delivery.md.
 */

/** To each of three connections. */
const PER_SECOND = 67
/** From these the figures of a quiet stage come. */
const BEFORE_COUNT = 2_000

/** No Slack bot was ever without a socket, and each shard exactly once in each roll. */
function expectNoneAway(stage: ChaosStage, rollCount: number): void {
  const away = absences(stage.simulator.record.read({ limit: Number.POSITIVE_INFINITY }).entries)
  expect(away.filter(({ platform }) => platform === 'slack')).toEqual([])
  const shards = away.flatMap(({ shard }) => (shard === undefined ? [] : [`discord/${shard}`])).sort()
  const isShard = (unit: string) => unit.startsWith('discord/')
  expect(shards).toEqual(
    UNITS.filter(isShard).flatMap((unit) => Array.from({ length: rollCount }, () => unit)),
  )
}

scenario({
  name: 'three replacements under 200 events a second, on all transports',
  promise: 'P6',
  tier: 'full',
  allows: {},
  perSecond: PER_SECOND,
  stage: { timesQueue: true },
  run: async (stage) => {
    let [serving] = stage.gateways
    await stage.handled(BEFORE_COUNT)
    for (let round = 1; round <= 3 && serving; round += 1) {
      serving = await roll(stage, serving, { replicaId: `round-${round}`, deployId: `deploy-${round}` })
      await stage.flowing()
      expect(received(serving)).toEqual(UNITS)
      expect(taken(serving)).toEqual([])
    }
    expectNoneAway(stage, 3)
  },
})
