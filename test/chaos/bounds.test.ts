import { join } from 'node:path'
import { expect } from 'vitest'
import type { Allowances } from './allowances.ts'
import type { ChaosStage } from './chaos-stage.ts'
import { botsOf, SHARD_COUNT } from './connections.ts'
import { Disk } from './disk.ts'
import { gatewayAt, said, withoutRedis } from './redis-away.ts'
import { scenario } from './scenario.ts'

/*
 * Redis is away until a gateway can hold no more, in memory or on its disk. Each transport has its own way out: Discord's sockets close and
 * are resumed, Slack's Socket Mode delivers again what is not taken, and what RTM drops is a gap that history fills in.
 */

const replicaId = 'gateway-1'
const BOUND = 200

/** Resolves when so many sockets of Discord were closed by the bot so that they can be resumed, since then. */
async function discordLeft({ simulator, notebook, at }: ChaosStage, since: number): Promise<void> {
  const { discord } = botsOf(at)
  const left = () =>
    simulator.record
      .of('socket', since)
      .filter(
        ({ what, by, code, bot }) => what === 'closed' && by === 'bot' && code === 4000 && bot === discord,
      )
  await notebook.until(() => left().length >= SHARD_COUNT, 'every shard closing its socket')
}

/** Redis is away until the gateway can hold no more, and while `meanwhile` runs. */
async function withoutRoom(stage: ChaosStage, meanwhile: () => Promise<unknown>): Promise<void> {
  const since = stage.simulator.record.end
  await withoutRedis(stage, 'SIGTERM', async () => {
    await discordLeft(stage, since)
    await meanwhile()
  })
}

const startSmall = (stage: ChaosStage) =>
  stage.startGateway({ replicaId, settings: [`maxUnconfirmedCount: ${BOUND}`] })

scenario({
  name: 'Redis is away until the gateway can hold no more: Discord is resumed, Slack repeats, history has what RTM dropped',
  promise: 'P8',
  tier: 'short',
  pulse: true,
  allows: { gaps: { rtm: 'must' } },
  stage: { ownRedis: true },
  begin: startSmall,
  run: async (stage) => {
    await withoutRoom(stage, () => said(stage, 100))
    await stage.flowing()
    expect(await gatewayAt(stage).count('holdfast_events_dropped_total')).toBeGreaterThan(0)
  },
})

/** A gateway that ends and comes again. */
const ENDED: Allowances = { gaps: { rtm: 'must' }, cutOff: true, offline: { rtm: 1, socket: 1 } }

scenario({
  name: 'a gateway that can hold no more is killed while Redis is away, and started again',
  promise: 'P8',
  tier: 'full',
  pulse: true,
  allows: ENDED,
  stage: { ownRedis: true },
  begin: startSmall,
  run: async (stage) => {
    await withoutRoom(stage, async () => {
      await said(stage, 50)
      await stage.harm('SIGKILL', () => gatewayAt(stage).kill())
      stage.launchGateway({ replicaId, settings: [`maxUnconfirmedCount: ${BOUND}`] })
      await said(stage, 50)
    })
    await gatewayAt(stage, 1).ready()
    await stage.flowing()
  },
})

/** The disk of the first gateway. */
const diskOf = ({ folder }: ChaosStage) => new Disk(join(folder, `disk-${replicaId}`))
const startOnDisk = (stage: ChaosStage) => stage.startGateway({ replicaId, env: diskOf(stage).env })

scenario({
  name: 'the disk of the gateway is full while Redis is away: memory has what the journal can not take',
  promise: 'P8',
  tier: 'short',
  pulse: true,
  allows: {},
  stage: { ownRedis: true },
  begin: startOnDisk,
  run: async (stage) => {
    const told = gatewayAt(stage).says(({ msg }) => msg.includes('ENOSPC'))
    await stage.harm('the disk is full', () => diskOf(stage).fill())
    await withoutRedis(stage, 'SIGTERM', async () => {
      await told
      await said(stage, 75)
    })
    await stage.flowing()
    diskOf(stage).free()
    await stage.flowing()
  },
})

scenario({
  name: 'the disk of the gateway is full and has space again while Redis is away, and the gateway is killed',
  promise: 'P8',
  tier: 'full',
  pulse: true,
  allows: ENDED,
  stage: { ownRedis: true },
  begin: startOnDisk,
  run: async (stage) => {
    const disk = diskOf(stage)
    const gateway = gatewayAt(stage)
    await withoutRedis(stage, 'SIGTERM', async () => {
      await said(stage, 25)
      await stage.harm('the disk is full', () => disk.fill())
      await gateway.says(({ msg }) => msg.includes('ENOSPC'))
      await said(stage, 25)
      await stage.harm('the disk has space', () => disk.free())
      await gateway.says(({ msg }) => msg.startsWith('the journal can be written again'))
      await said(stage, 50)
      await stage.harm('SIGKILL', () => gateway.kill())
      stage.launchGateway({ replicaId, env: disk.env })
      await said(stage, 25)
    })
    await gatewayAt(stage, 1).ready()
    await stage.flowing()
  },
})
