import type { FleetNode } from '@holdfast/local-redis'
import { expect } from 'vitest'
import type { ChaosStage } from './chaos-stage.ts'
import { gatewayAt, said } from './redis-away.ts'
import { scenario } from './scenario.ts'

/*
 * Redis is more than one server. When another takes the place of the master, what the lost one had confirmed and not passed on is added
 * again by the gateway; what survived is recognised, and what was answered already looks for its answer first.
 */

/** How often the first gateway added an event again that the new master did not have. */
const readded = (stage: ChaosStage) => gatewayAt(stage).count('holdfast_events_readded_total')

/** The node dies with what its replica did not get. */
async function dieAhead(stage: ChaosStage, node: FleetNode, replica: FleetNode): Promise<void> {
  await stage.forgetting(async () => {
    await replica.fallBehind()
    await said(stage, 75)
    await stage.harm('SIGKILL for the master', () => node.kill())
  })
}

scenario({
  name: 'the master of a Sentinel fleet is killed: its replica takes over',
  promise: 'P8',
  tier: 'short',
  allows: {},
  stage: { redis: 'sentinel' },
  run: async (stage) => {
    const master = await stage.sentinel.master()
    await stage.harm('SIGKILL for the master', () => master.kill())
    await stage.sentinel.untilMasterChanged(master)
    await stage.flowing()
  },
})

scenario({
  name: 'the master of a Sentinel fleet is killed while its replica lags: what it had confirmed is added again',
  promise: 'P8',
  tier: 'full',
  allows: {},
  stage: { redis: 'sentinel' },
  run: async (stage) => {
    const { sentinel } = stage
    const [master, replica] = [await sentinel.master(), await sentinel.replica()]
    await dieAhead(stage, master, replica)
    await sentinel.untilMasterChanged(master)
    await stage.flowing()
    expect(await readded(stage)).toBeGreaterThan(0)
  },
})

scenario({
  name: 'the master of a Sentinel fleet is killed, comes back as a replica, and takes over in turn when the other is killed',
  promise: 'P8',
  tier: 'full',
  allows: {},
  stage: { redis: 'sentinel' },
  run: async (stage) => {
    const { sentinel } = stage
    for (let round = 0; round < 2; round += 1) {
      const master = await sentinel.master()
      await stage.harm('SIGKILL for the master', () => master.kill())
      await sentinel.untilMasterChanged(master)
      await stage.flowing()
      await master.restart()
      await sentinel.untilReplicated()
    }
  },
})

scenario({
  name: 'an operator makes the replica of a Sentinel fleet the master',
  promise: 'P8',
  tier: 'full',
  allows: {},
  stage: { redis: 'sentinel' },
  run: async (stage) => {
    // Sentinel demotes the old master after it has made the new one: what that one takes meanwhile is lost with it.
    await stage.forgetting(async () => {
      await stage.harm('fail-over', () => stage.sentinel.failOver())
      await stage.sentinel.untilReplicated()
    })
    await stage.flowing()
  },
})

scenario({
  name: 'the master of a Sentinel fleet freezes: its replica takes over, and the frozen one wakes up as what it is no more',
  promise: 'P8',
  tier: 'full',
  allows: {},
  stage: { redis: 'sentinel' },
  run: async (stage) => {
    const { sentinel } = stage
    const master = await sentinel.master()
    await stage.harm('SIGSTOP for the master', () => master.freeze())
    await sentinel.untilMasterChanged(master)
    await stage.flowing()
    await stage.harm('SIGCONT', () => master.thaw())
    await sentinel.untilReplicated()
    await stage.flowing()
  },
})

scenario({
  name: 'the node of a Cluster that has everything is killed: its replica takes over, and it comes back as a replica',
  promise: 'P8',
  tier: 'short',
  allows: {},
  stage: { redis: 'cluster' },
  run: async (stage) => {
    const { cluster } = stage
    const owner = await cluster.ownerOf(stage.prefix)
    await stage.harm('SIGKILL for the node', () => owner.kill())
    await stage.flowing()
    await stage.harm('it comes back', () => owner.restart())
    await cluster.untilHealthy()
    await stage.flowing()
    expect(await cluster.ownerOf(stage.prefix)).not.toBe(owner)
  },
})

scenario({
  name: 'the node of a Cluster that has everything is killed while its replica lags: what it had confirmed is added again',
  promise: 'P8',
  tier: 'full',
  allows: {},
  stage: { redis: 'cluster' },
  run: async (stage) => {
    const { cluster } = stage
    const owner = await cluster.ownerOf(stage.prefix)
    const replica = await cluster.replicaOf(owner)
    await dieAhead(stage, owner, replica)
    await stage.flowing()
    expect(await readded(stage)).toBeGreaterThan(0)
  },
})

scenario({
  name: 'nodes of a Cluster that have nothing of it are killed and come back',
  promise: 'P8',
  tier: 'full',
  allows: {},
  stage: { redis: 'cluster' },
  run: async (stage) => {
    const { cluster } = stage
    const owner = await cluster.ownerOf(stage.prefix)
    const replica = await cluster.replicaOf(owner)
    const other = cluster.nodes.find((node) => node !== owner && node !== replica)
    await stage.harm('SIGKILL for another node', () => other?.kill())
    await said(stage, 50)
    await other?.restart()
    await cluster.untilHealthy()
    await stage.harm('fail-over', () => cluster.failOver(replica))
    await stage.flowing()
  },
})
