import { join } from 'node:path'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type FleetNode, startCluster, startSentinelFleet } from '../src/index.ts'

/** The folder that the project's own runs use, so that the package is fetched once. */
const folder = join(import.meta.dirname, '../../../.holdfast/redis')

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The nodes of a fleet, and that none of them outlives it. */
function goneAfter(fleet: { stop(): Promise<void> }, nodes: readonly FleetNode[]): void {
  onTestFinished(async () => {
    const pids = nodes.map(({ pid }) => pid)
    await fleet.stop()
    expect(pids.filter(isAlive)).toEqual([])
  })
}

describe('a Sentinel fleet', () => {
  async function start(options: { password?: string; sentinelPassword?: string } = {}) {
    const fleet = await startSentinelFleet({ folder, ...options })
    goneAfter(fleet, [...fleet.nodes, ...fleet.sentinels])
    return fleet
  }

  test('writes everything down, drops nothing when full, and replicates', async () => {
    const fleet = await start()
    const [master, replica] = [await fleet.master(), await fleet.replica()]
    expect(await master.ask('CONFIG', 'GET', 'appendonly')).toEqual(['appendonly', 'yes'])
    expect(await master.ask('CONFIG', 'GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction'])
    await master.ask('SET', 'said', 'once')
    await fleet.untilReplicated()
    expect(await replica.ask('GET', 'said')).toBe('once')
    await expect(replica.ask('SET', 'said', 'twice')).rejects.toThrow('READONLY')
  })

  test('promotes the replica when the master is killed, and takes the dead one back as a replica', async () => {
    const fleet = await start()
    const [former, replica] = [await fleet.master(), await fleet.replica()]
    await former.ask('SET', 'said', 'before')
    await fleet.untilReplicated()
    await former.kill()
    expect(former.isRunning).toBe(false)
    expect(await fleet.untilMasterChanged(former)).toBe(replica)
    await replica.ask('SET', 'said', 'after')
    await former.restart()
    await fleet.untilReplicated()
    expect(await former.ask('GET', 'said')).toBe('after')
  })

  test('promotes also a replica that fell behind: what came meanwhile is lost', async () => {
    const fleet = await start()
    const [former, replica] = [await fleet.master(), await fleet.replica()]
    await replica.fallBehind()
    await former.ask('SET', 'said', 'in vain')
    await former.kill()
    expect(await fleet.untilMasterChanged(former)).toBe(replica)
    expect(await replica.ask('GET', 'said')).toBeNull()
  })

  test('can be told to fail over with passwords on, the former master alive and read-only', async () => {
    const fleet = await start({ password: 'of data', sentinelPassword: 'of-sentinels' })
    const former = await fleet.master()
    const next = await fleet.failOver()
    expect(next).not.toBe(former)
    await fleet.untilReplicated()
    await expect(former.ask('SET', 'a', 'b')).rejects.toThrow('READONLY')
    const stranger = new Redis(next.port, next.host, { retryStrategy: null })
    stranger.on('error', () => {})
    onTestFinished(() => stranger.disconnect())
    await expect(stranger.get('a')).rejects.toThrow('NOAUTH')
  })

  test('can have its master frozen and thawed', async () => {
    const fleet = await start()
    const former = await fleet.master()
    former.freeze()
    expect(former.isFrozen).toBe(true)
    const next = await fleet.untilMasterChanged(former)
    former.thaw()
    await fleet.untilReplicated()
    expect(await fleet.master()).toBe(next)
  })
})

describe('a cluster', () => {
  async function start() {
    const cluster = await startCluster({ folder })
    goneAfter(cluster, cluster.nodes)
    return cluster
  }

  test('has six nodes, each key with one owner that takes it', async () => {
    const cluster = await start()
    const owners = await Promise.all(['{a}', '{b}', '{c}'].map((key) => cluster.ownerOf(key)))
    expect(new Set(owners).size).toBe(3)
    const [a, b] = owners
    expect(await a?.ask('SET', '{a}', '1')).toBe('OK')
    await expect(b?.ask('SET', '{a}', '1')).rejects.toThrow('MOVED')
  })

  test('lets the replica of a killed master take over, and takes the dead one back', async () => {
    const cluster = await start()
    const former = await cluster.ownerOf('{a}')
    const replica = await cluster.replicaOf(former)
    await former.kill()
    await cluster.untilHealthy()
    expect(await cluster.ownerOf('{a}')).toBe(replica)
    await former.restart()
    await cluster.untilHealthy()
    expect(await cluster.replicaOf(replica)).toBe(former)
    await cluster.failOver(former)
    expect(await cluster.ownerOf('{a}')).toBe(former)
  })
})
