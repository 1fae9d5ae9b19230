import { gatewayAt, said } from './redis-away.ts'
import { scenario } from './scenario.ts'

/*
 * A shard that is deaf shows only beside a peer that hears, and only once it is known what both usually hear: so this takes its time.
 */

const PER_SECOND = 4
const USUAL_MINUTES = 11

scenario({
  name: 'a shard goes deaf: it is noticed by what its peer hears, and resumed',
  promise: 'P7',
  tier: 'full',
  allows: {},
  perSecond: PER_SECOND,
  patienceMs: 1_200_000,
  run: async (stage) => {
    await said(stage, USUAL_MINUTES * 60 * PER_SECOND)
    const told = gatewayAt(stage).says(({ msg }) => msg.startsWith('deaf: '), 0, 180_000)
    await stage.harm('a shard goes deaf', () =>
      stage.simulator.fault({ fault: 'deaf', platform: 'discord', shard: 1 }),
    )
    await told
    await stage.flowing()
  },
})
