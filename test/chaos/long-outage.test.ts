import { said, withoutRedis } from './redis-away.ts'
import { scenario } from './scenario.ts'

/*
 * An outage as long as it takes somebody to wake up. In a file of its own, so that others run beside it.
 */

const MINUTES = 10
const PER_SECOND = 17
const SAID_COUNT = MINUTES * 60 * PER_SECOND
/** What came to all three connections meanwhile is worked off in so many portions, each waited for by itself. */
const PORTION_COUNT = 10

scenario({
  name: 'Redis is away for 10 min under 50 events a second',
  promise: 'P8',
  tier: 'full',
  perSecond: PER_SECOND,
  patienceMs: 3 * MINUTES * 60_000,
  pulse: true,
  allows: {},
  stage: { ownRedis: true },
  run: async (stage) => {
    await withoutRedis(stage, 'SIGTERM', () => said(stage, SAID_COUNT))
    for (let portion = 0; portion < PORTION_COUNT; portion += 1)
      await stage.handled((3 * SAID_COUNT) / PORTION_COUNT)
    await stage.flowing()
  },
})
