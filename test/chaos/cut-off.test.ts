import { expect } from 'vitest'
import type { ChaosStage } from './chaos-stage.ts'
import { holders, untilHeld } from './holders.ts'
import { gatewayAt, said, untilNoticed } from './redis-away.ts'
import { type Scenario, scenario } from './scenario.ts'
import { hireTapped, startTapped, startTappedWithStandby, tapped } from './tapped.ts'
import type { Verdict } from './taps/point.ts'
import type { RedisTap } from './taps/redis-tap.ts'

/*
 * One process can't reach Redis while others can, or hears nothing of it although nobody hangs up, or everything takes its time.
 */

type CutOff = Omit<Scenario, 'promise' | 'pulse'> & Partial<Pick<Scenario, 'promise'>>

const cutOff = (declared: CutOff) => scenario({ promise: 'P8', ...declared, pulse: true })

cutOff({
  name: 'a gateway is cut off from Redis and comes back, and no other is there',
  tier: 'full',
  allows: {},
  begin: startTapped,
  run: async (stage) => {
    const { gateway, taps } = tapped(stage)
    const noticed = untilNoticed(gateway)
    await stage.harm('cut off', () => taps.redis.cut())
    await noticed
    await said(stage, 200)
    await stage.harm('mended', () => taps.redis.mend())
    await stage.flowing()
  },
})

cutOff({
  name: 'a gateway is cut off from Redis while another can reach it, and comes back',
  tier: 'short',
  allows: { gaps: { rtm: 'may' }, cutOff: true },
  begin: startTappedWithStandby,
  run: async (stage) => {
    const { gateway, taps } = tapped(stage)
    const other = gatewayAt(stage, 1)
    await stage.harm('cut off', () => taps.redis.cut())
    await untilHeld(other)
    await stage.flowing()
    await stage.harm('mended', () => taps.redis.mend())
    await expect
      .poll(async () => [...new Set((await holders(gateway)).values())], { timeout: 60_000 })
      .toEqual([other.replicaId])
    await stage.flowing()
  },
})

cutOff({
  name: 'a worker is cut off from Redis in the middle of its handlers, and comes back',
  promise: 'P3',
  tier: 'short',
  allows: {},
  run: async (stage) => {
    const { worker, tap } = await hireTapped(stage)
    await stage.handled(30)
    await stage.unheard(worker.pid, async () => {
      await stage.harm('cut off', () => tap.cut())
      await said(stage, 200)
      await stage.flowing()
      await stage.harm('mended', () => tap.mend())
    })
    await said(stage, 100)
    await stage.flowing()
  },
})

cutOff({
  name: 'a worker is cut off from Redis in the middle of long handlers: another one ends them',
  promise: 'P3',
  tier: 'full',
  workers: 1,
  allows: {},
  run: async (stage) => {
    const { worker, tap } = await hireTapped(stage)
    const keys = await longFor(stage, () => stage.notebook.openOf(worker.pid))
    await stage.unheard(worker.pid, async () => {
      await stage.harm('cut off', () => tap.cut())
      for (const key of keys) await stage.notebook.untilNoted('end', key)
      await stage.harm('mended', () => tap.mend())
    })
    await stage.flowing()
  },
})

for (const whole of [false, true]) {
  const what = whole
    ? 'hears nothing of Redis any more'
    : 'hears nothing on its connections to Redis any more'
  const freeze = (tap: RedisTap) => (whole ? tap.freeze() : tap.freezeOpen())

  cutOff({
    name: `a gateway ${what}, and nobody hangs up`,
    tier: whole ? 'full' : 'short',
    allows: {},
    begin: startTapped,
    run: async (stage) => {
      const { gateway, taps } = tapped(stage)
      const noticed = untilNoticed(gateway)
      await stage.harm('half-open', () => freeze(taps.redis))
      await noticed
      if (whole) await stage.harm('thawed', () => taps.redis.thaw())
      await stage.flowing()
    },
  })

  cutOff({
    name: `a worker ${what}, and nobody hangs up`,
    promise: 'P3',
    tier: 'full',
    allows: {},
    run: async (stage) => {
      const { worker, tap } = await hireTapped(stage)
      await stage.handled(30)
      await stage.unheard(worker.pid, async () => {
        await stage.harm('half-open', () => freeze(tap))
        await said(stage, 300)
        await stage.flowing()
        if (whole) await stage.harm('thawed', () => tap.thaw())
      })
      await said(stage, 300)
      await stage.flowing()
    },
  })
}

cutOff({
  name: 'the only worker hears nothing on its connections to Redis any more, and nobody hangs up',
  promise: 'P3',
  tier: 'full',
  workers: 1,
  allows: {},
  run: async (stage) => {
    const [other] = stage.bots.running
    const { worker, tap } = await hireTapped(stage)
    await stage.bots.stop(other ? [other] : [])
    await stage.handled(30)
    await stage.unheard(worker.pid, async () => {
      await stage.harm('half-open', () => tap.freezeOpen())
      await stage.flowing()
    })
  },
})

for (const [position, place] of [
  ['first', 1],
  ['second', 2],
  ['last', 4],
] as const) {
  cutOff({
    name: `a gateway is cut off between the doing and the reply of the ${position} of four batches on their way`,
    promise: 'P2',
    tier: position === 'second' ? 'short' : 'full',
    allows: {},
    begin: startTapped,
    run: async (stage) => {
      const { taps } = tapped(stage)
      for (let round = 0; round < 3; round += 1) {
        await stage.harm('connection cut', () => cutAtReply(taps.redis, place))
        await stage.flowing()
      }
    },
  })

  cutOff({
    name: `a gateway is cut off before Redis has the ${position} of four batches on their way`,
    promise: 'P2',
    tier: 'full',
    allows: {},
    begin: startTapped,
    run: async (stage) => {
      const { taps } = tapped(stage)
      for (let round = 0; round < 3; round += 1) {
        await stage.harm('connection cut', () => cutBefore(taps.redis, place))
        await stage.flowing()
      }
    },
  })
}

cutOff({
  name: 'every command of every process to Redis takes 200 ms longer',
  tier: 'full',
  workers: 0,
  perSecond: 2,
  allows: {},
  begin: async (stage) => {
    const workers = [await hireTapped(stage), await hireTapped(stage)]
    await startTapped(stage)
    for (const { tap } of workers) tap.slow(200)
    tapped(stage).taps.redis.slow(200)
  },
  run: async (stage) => {
    await stage.harm('slow', () => said(stage, 40))
    await stage.flowing()
  },
})

cutOff({
  name: 'the sockets of both platforms fall silent, and nobody hangs up',
  promise: 'P7',
  tier: 'full',
  // A client that loses all of its connections needs a minute to have others: longer than Slack's scaled patience.
  stage: { limits: { slack: { eventRetriesMs: [0, 6_000, 90_000] } } },
  allows: { gaps: { rtm: 'must' }, cutOff: true, offline: { rtm: 1, socket: 1 } },
  begin: startTapped,
  run: async (stage) => {
    const { gateway, taps } = tapped(stage)
    await stage.deafen(gateway, async () => {
      taps.platform.freezeOpen()
      await stage.flowing()
    })
  },
})

/** A long handler for each connection, all in one worker: says more until it has one of each. */
async function longFor(stage: ChaosStage, open: () => ReadonlySet<string>): Promise<readonly string[]> {
  const keys = stage.talk.sayToAll('long', { ms: 8_000 })
  for (const key of keys) await stage.notebook.untilNoted('begin', key)
  const own = [...open()].filter((key) => keys.includes(key))
  return own.length > 0 ? own : longFor(stage, open)
}

/** Ends the connection when the reply of a batch is on its way, at this place of four that Redis has all executed. */
async function cutAtReply(tap: RedisTap, place: number): Promise<void> {
  const executed = { moment: 'executed', script: 'enqueue' } as const
  const others = { timeout: 30_000, interval: 5 }
  let sinceCount = 0
  const acts = Array.from({ length: place }, (_, index) => async (): Promise<Verdict> => {
    if (index === 0) {
      sinceCount = tap.count('enqueue')
      await expect.poll(() => tap.count('enqueue') - sinceCount, others).toBeGreaterThanOrEqual(3)
    }
    return index === place - 1 ? 'cut' : 'on'
  })
  await Promise.all(acts.map((act) => tap.at(executed, act)))
}

/** Ends the connection before a batch reaches Redis, at this place of four; those before it are executed and not answered. */
async function cutBefore(tap: RedisTap, place: number): Promise<void> {
  let cut = () => {}
  const isCut = new Promise<Verdict>((resolve) => {
    cut = () => resolve('cut')
  })
  const first = place > 1 && tap.at({ moment: 'executed', script: 'enqueue' }, () => isCut)
  const acts = Array.from({ length: place }, (_, index) => (): Verdict => {
    if (index < place - 1) return 'on'
    cut()
    return 'cut'
  })
  await Promise.all([first, ...acts.map((act) => tap.at({ moment: 'before', script: 'enqueue' }, act))])
}
