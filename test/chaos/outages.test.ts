import { expect } from 'vitest'
import type { Allowances } from './allowances.ts'
import type { ChaosStage } from './chaos-stage.ts'
import { SHARD_COUNT } from './connections.ts'
import { gatewayAt, said, untilNoticed, withoutRedis } from './redis-away.ts'
import { type Scenario, scenario } from './scenario.ts'

/*
 * Redis is away for everybody. Sockets stay open and nothing moves; what comes meanwhile is kept in memory and on disk, or by
 * Slack, and follows in order. All the while, a gateway that runs says that it lives.
 */

type Outage = Omit<Scenario, 'promise' | 'pulse' | 'stage'> & Partial<Pick<Scenario, 'promise' | 'stage'>>

const outage = (declared: Outage) =>
  scenario({ promise: 'P8', ...declared, stage: { ownRedis: true, ...declared.stage }, pulse: true })

/** A gateway that ends and comes again: RTM repeats nothing, and Slack shows who has no socket as away. */
const ENDED: Allowances = { gaps: { rtm: 'must' }, cutOff: true, offline: { rtm: 1, socket: 1 } }

const beginCounts = (stage: ChaosStage, keys: readonly string[]) =>
  keys.map((key) => stage.notebook.read().filter((line) => line.what === 'begin' && line.key === key).length)

outage({
  name: 'Redis is killed and starts again from its append-only file',
  tier: 'short',
  allows: {},
  run: async (stage) => {
    const noticed = untilNoticed(gatewayAt(stage))
    await withoutRedis(stage, 'SIGKILL', () => noticed)
    await stage.flowing()
  },
})

outage({
  name: 'Redis is away for 8 s',
  tier: 'full',
  allows: {},
  run: async (stage) => {
    await withoutRedis(stage, 'SIGTERM', () => said(stage, 200))
    await stage.flowing()
  },
})

outage({
  name: 'Redis is away for 40 s under 50 events a second',
  tier: 'short',
  perSecond: 17,
  allows: {},
  run: async (stage) => {
    await withoutRedis(stage, 'SIGTERM', () => said(stage, 680))
    await stage.flowing()
  },
})

outage({
  name: 'Redis is away for 60 s',
  tier: 'full',
  allows: {},
  run: async (stage) => {
    await withoutRedis(stage, 'SIGTERM', () => said(stage, 1_500))
    await stage.flowing()
  },
})

outage({
  name: 'Redis is away three times in a row, each time killed',
  tier: 'full',
  allows: {},
  run: async (stage) => {
    for (let round = 0; round < 3; round += 1) {
      await withoutRedis(stage, 'SIGKILL', () => said(stage, 50))
      await stage.flowing()
    }
  },
})

outage({
  name: 'Redis is away and the gateway is killed: the next one on its disk has what came',
  tier: 'short',
  allows: ENDED,
  run: async (stage) => {
    await withoutRedis(stage, 'SIGKILL', async () => {
      await said(stage, 100)
      await stage.harm('SIGKILL for the gateway', () => gatewayAt(stage).kill())
      stage.launchGateway({ replicaId: 'gateway-1' })
      await said(stage, 50)
    })
    await gatewayAt(stage, 1).ready()
    await stage.flowing()
  },
})

outage({
  name: 'Redis is away and the gateway is killed again and again: the last one has what came to any of them',
  tier: 'full',
  allows: { ...ENDED, offline: { rtm: 3, socket: 3 } },
  run: async (stage) => {
    await withoutRedis(stage, 'SIGTERM', () => said(stage, 50))
    for (let round = 0; round < 3; round += 1) {
      await stage.flowing()
      await withoutRedis(stage, 'SIGTERM', async () => {
        await said(stage, 50)
        await stage.harm('SIGKILL for the gateway', () => gatewayAt(stage, round).kill())
        stage.launchGateway({ replicaId: 'gateway-1' })
      })
      await gatewayAt(stage, round + 1).ready()
    }
    await stage.flowing()
  },
})

outage({
  name: 'Redis is away and the gateway is asked to end: the next one on its disk has what came',
  tier: 'full',
  allows: ENDED,
  run: async (stage) => {
    await withoutRedis(stage, 'SIGTERM', async () => {
      await said(stage, 100)
      expect(await stage.harm('SIGTERM for the gateway', () => gatewayAt(stage).stop())).toBe(0)
      stage.launchGateway({ replicaId: 'gateway-1' })
    })
    await gatewayAt(stage, 1).ready()
    await stage.flowing()
  },
})

outage({
  name: 'Redis is away while the sockets of Discord are cut: they resume from what the gateway holds',
  tier: 'full',
  allows: {},
  run: async (stage) => {
    await withoutRedis(stage, 'SIGTERM', async () => {
      await said(stage, 100)
      await stage.fault({ fault: 'drop-sockets', platform: 'discord' })
      const since = stage.simulator.record.of('resume').length
      await stage.notebook.until(
        () => stage.simulator.record.of('resume').length >= since + SHARD_COUNT,
        'the resume of every shard',
      )
      await said(stage, 100)
    })
    await stage.flowing()
  },
})

outage({
  name: 'a new version of the workers is rolled out while Redis is away',
  promise: 'P3',
  tier: 'full',
  allows: {},
  run: async (stage) => {
    let rolled: Promise<unknown> = Promise.resolve()
    await withoutRedis(stage, 'SIGTERM', async () => {
      await said(stage, 25)
      rolled = stage.bots.roll()
      await said(stage, 100)
    })
    await rolled
    await stage.flowing()
  },
})

outage({
  name: 'a handler runs through an outage of 8 s, and runs once',
  promise: 'P3',
  tier: 'full',
  allows: {},
  run: async (stage) => {
    const keys = stage.talk.sayToAll('long', { ms: 12_000 })
    for (const key of keys) await stage.notebook.untilNoted('begin', key)
    await withoutRedis(stage, 'SIGKILL', () => said(stage, 200))
    for (const key of keys) await stage.notebook.untilNoted('end', key)
    expect(beginCounts(stage, keys)).toEqual(keys.map(() => 1))
    await stage.flowing()
  },
})

outage({
  name: 'handlers run through an outage longer than their locks, and run once',
  promise: 'P3',
  tier: 'full',
  allows: {},
  run: async (stage) => {
    const during = stage.talk.sayToAll('long', { ms: 25_000 })
    const beyond = stage.talk.sayToAll('long', { ms: 60_000, turn: 0 })
    for (const key of [...during, ...beyond]) await stage.notebook.untilNoted('begin', key)
    await withoutRedis(stage, 'SIGTERM', () => said(stage, 1_000))
    for (const key of [...during, ...beyond]) await stage.notebook.untilNoted('end', key)
    expect(beginCounts(stage, [...during, ...beyond])).toEqual([...during, ...beyond].map(() => 1))
    await stage.flowing()
  },
})

outage({
  name: 'slash commands through an outage: each is acknowledged in 3 s, and handled once',
  promise: 'P1',
  tier: 'full',
  allows: {},
  run: async (stage) => {
    const keys: string[] = []
    await withoutRedis(stage, 'SIGTERM', async () => {
      for (let round = 0; round < 5; round += 1) {
        keys.push(stage.talk.command())
        await said(stage, 25)
      }
      await said(stage, 100)
    })
    for (const key of keys) await stage.notebook.untilNoted('end', key)
    expect(beginCounts(stage, keys)).toEqual(keys.map(() => 1))
    const answers = stage.simulator.record.of('envelope').filter(({ type }) => type === 'slash_commands')
    const ends = answers.filter(({ what }) => what !== 'sent').map(({ what }) => what)
    expect(ends).toEqual(keys.map(() => 'acknowledged'))
    await stage.flowing()
  },
})
