import { createMemoryLeaseStore } from '@holdfast/ownership'
import { ManualClock, parseConfigText } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { compareConfigs } from '../src/config-change.ts'
import type { FakeDriver } from './fake-driver.ts'
import { pass, Replica, type ReplicaOptions } from './replica.ts'

let clock: ManualClock
let replica: Replica
beforeEach(() => {
  clock = new ManualClock()
})
afterEach(() => replica.ownership.stop(() => 0))

/** Of each kind as many; `token` is part of all their tokens. */
function configOf(names: readonly string[], token: (name: string) => string = (name) => name) {
  const lines = names.flatMap((name) => [
    `  - { id: rtm-${name}, platform: slack, transport: rtm, botToken: xoxb-rtm-${token(name)} }`,
    `  - { id: socket-${name}, platform: slack, transport: socket-mode, appToken: xapp-${token(name)}, botToken: xoxb-${token(name)} }`,
    `  - { id: discord-${name}, platform: discord, token: ${token(name)}, shards: 2 }`,
  ])
  return parseConfigText(['connections:', ...lines].join('\n'))
}
const TWENTY = Array.from({ length: 20 }, (_, n) => `n${n}`)

/** One gateway, alone. */
async function start({ connections }: ReturnType<typeof configOf>, onDriver?: ReplicaOptions['onDriver']) {
  const leases = createMemoryLeaseStore(clock)
  replica = new Replica({ leases, clock, connections, ...(onDriver && { onDriver }) })
  await replica.ownership.start()
  return replica.units
}

/** What a reload does. */
async function change(...[before, after]: Parameters<typeof compareConfigs>): Promise<void> {
  await replica.units.change(compareConfigs(before, after), 500)
  await replica.ownership.settle()
}

const driverOf = (id: string): FakeDriver => {
  const [driver] = replica.driversOf(id)
  if (!driver) throw new Error('no driver was made')
  return driver
}

describe('the units of sixty connections of all kinds', () => {
  test('start and stop all together', async () => {
    const units = await start(configOf(TWENTY))
    expect(units.statuses()).toHaveLength(80)
    expect(new Set(units.statuses().map(({ state }) => state))).toEqual(new Set(['connected']))
    await units.stop(500)
    expect(replica.made.map(({ driver }) => driver.graces)).toEqual(replica.made.map(() => [500]))
  })

  test('a change leaves all untouched that it does not name', async () => {
    const before = configOf(TWENTY)
    const units = await start(before)
    const names = [...TWENTY.slice(1), 'new']
    const after = configOf(names, (name) => (name === 'n1' ? 'renewed' : name))
    await pass(clock, 10_000)
    await change(before, after)

    const { made, shown, gone, removed } = replica
    const touched = ['rtm', 'socket', 'discord'].flatMap((kind) => [`${kind}-n0`, `${kind}-n1`])
    for (const { connection, driver } of made.slice(0, 80))
      expect(driver.graces, connection.id).toEqual(touched.includes(connection.id) ? [500] : [])
    expect(
      made
        .slice(80)
        .map(({ connection }) => connection.id)
        .sort(),
    ).toEqual(
      [
        ...['rtm-new', 'socket-new', 'discord-new', 'discord-new'],
        ...['rtm-n1', 'socket-n1', 'discord-n1', 'discord-n1'],
      ].sort(),
    )
    expect(replica.serving).toHaveLength(80)
    expect(replica.serving.filter((each) => /-n0[ /]/.test(each))).toEqual([])
    expect(new Set(units.statuses().map(({ state }) => state))).toEqual(new Set(['connected']))
    expect(shown.slice(0, 60)).toEqual(before.connections.map(({ id }) => id))
    expect(shown).toEqual(expect.arrayContaining(['rtm-new', 'socket-new', 'discord-new']))
    expect([...gone, ...removed].sort()).toEqual(touched.sort())
    expect(removed.sort()).toEqual(['discord-n0', 'rtm-n0', 'socket-n0'])
    expect(units.configuredAt('rtm-n1')).toBe(clock.wallAt())
    expect(units.configuredAt('rtm-n2')).toBe(clock.wallAt() - 10_000)
  })
})

describe('a change of connections', () => {
  test('starts a changed connection anew under its lease, with its new settings, once the old one is closed', async () => {
    const order: string[] = []
    const before = configOf(['a'])
    await start(before, ({ connection, driver }) => {
      if (connection.id !== 'rtm-a' || connection.platform !== 'slack') return
      const made = `made with ${connection.botToken.reveal()}`
      driver.onStart = async (fence) => void order.push(`${made}, number ${fence}`)
      driver.onStop = async () => void order.push('stopped')
    })
    await change(
      before,
      configOf(['a'], () => 'renewed'),
    )
    expect(order).toEqual([
      'made with xoxb-rtm-a, number 1',
      'stopped',
      'made with xoxb-rtm-renewed, number 1',
    ])
  })

  test('lets go of shards that a bot has no more, and takes those that it has now', async () => {
    const withShards = (shards: number) =>
      parseConfigText(`connections: [{ id: a, platform: discord, token: abc, shards: ${shards} }]`)
    await start(withShards(3))
    await change(withShards(3), withShards(1))
    expect(replica.serving).toEqual(['a/0 connected'])
    await change(withShards(1), withShards(2))
    expect(replica.serving).toEqual(['a/0 connected', 'a/1 connected'])
  })

  test('never connects a bot twice that moves from one connection to another', async () => {
    const before = parseConfigText('connections: [{ id: a, platform: discord, token: abc, shards: 1 }]')
    const after = parseConfigText('connections: [{ id: b, platform: discord, token: abc, shards: 1 }]')
    await start(before)
    const old = driverOf('a')
    let close = () => {}
    old.onStop = () => new Promise((resolve) => (close = resolve))
    const changed = change(before, after)
    await expect.poll(() => old.graces).toEqual([500])
    expect([replica.driversOf('b'), replica.serving]).toEqual([[], []])
    close()
    await changed
    expect(replica.serving).toEqual(['b/0 connected'])
  })

  test('a stop waits for what is being removed, and starts nothing any more', async () => {
    const before = configOf(['a'])
    const units = await start(before)
    let close = () => {}
    const closed = new Promise<void>((resolve) => (close = resolve))
    driverOf('rtm-a').onStop = () => closed
    const changed = units.change(compareConfigs(before, configOf(['b'])), 500)
    await expect.poll(() => driverOf('rtm-a').graces).toEqual([500])
    const stopped = vi.fn()
    const stopping = units.stop(200).then(stopped)
    // Everything that does not wait for the driver has happened by then.
    await new Promise(setImmediate)
    expect(stopped).not.toHaveBeenCalled()
    close()
    await Promise.all([changed, stopping])
    expect(replica.driversOf('rtm-b')).toEqual([])
  })

  test('a stop does not wait for longer than its grace for one that waits for Redis to begin with', async () => {
    const before = configOf(['a'])
    const units = await start(before, ({ connection, driver }) => {
      if (connection.id !== 'rtm-b') return
      driver.onStart = () => new Promise(() => {})
      driver.onStop = () => new Promise(() => {})
    })
    void change(before, configOf(['a', 'b']))
    await expect.poll(() => replica.driversOf('rtm-b')).toHaveLength(1)
    const stopped = vi.fn()
    const stopping = units.stop(500).then(stopped)
    await new Promise(setImmediate)
    clock.advance(499)
    await new Promise(setImmediate)
    expect(stopped).not.toHaveBeenCalled()
    clock.advance(1)
    await stopping
  })

  test('a restart takes only what it names, with the settings and the time that it has, once it is closed', async () => {
    const units = await start(configOf(['a', 'b']))
    const refused = driverOf('rtm-a')
    const [, shard] = replica.driversOf('discord-b')
    if (!shard) throw new Error('no driver was made')
    for (const driver of [refused, shard]) driver.state = 'fatal'
    expect(units.fatal()).toEqual(['rtm-a', 'discord-b'])
    let close = () => {}
    refused.onStop = () => new Promise((resolve) => (close = resolve))
    const configuredAt = clock.wallAt()
    await pass(clock, 10_000)

    const restarted = units.restart(units.fatal(), 500)
    await expect.poll(() => refused.graces).toEqual([500])
    expect(replica.driversOf('rtm-a')).toHaveLength(1)
    close()
    await restarted

    const { made, gone } = replica
    const restartedIds = made.slice(8).map(({ connection }) => connection.id)
    expect(restartedIds.sort()).toEqual(['discord-b', 'discord-b', 'rtm-a'])
    const untouched = made.slice(0, 8).filter(({ connection }) => !restartedIds.includes(connection.id))
    expect(untouched.map(({ driver }) => driver.graces)).toEqual(untouched.map(() => []))
    expect([units.fatal(), units.configuredAt('rtm-a')]).toEqual([[], configuredAt])
    expect(gone.sort()).toEqual(['discord-b', 'rtm-a'])
  })

  test('a stop during a restart starts nothing any more', async () => {
    const units = await start(configOf(['a']))
    let close = () => {}
    const closed = new Promise<void>((resolve) => (close = resolve))
    driverOf('rtm-a').onStop = () => closed
    const restarted = units.restart(['rtm-a'], 500)
    const stopping = units.stop(200)
    close()
    await Promise.all([restarted, stopping])
    expect(replica.driversOf('rtm-a')).toHaveLength(1)
  })

  test('one that can not be started is told and tried again, and the others go on', async () => {
    let refusals = 1
    await start(configOf(['a']), ({ connection, driver }) => {
      driver.onStart = async () => {
        if (connection.id === 'rtm-a' && refusals-- > 0) throw new Error('OOM command not allowed')
      }
    })
    expect(replica.log.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { fields: { connection: 'rtm-a' }, message: expect.stringContaining('OOM command not allowed') },
    ])
    expect(replica.serving).toEqual([
      ...['rtm-a waiting', 'socket-a connected'],
      ...['discord-a/0 connected', 'discord-a/1 connected'],
    ])
    await pass(clock, 1_000)
    expect(replica.serving).toContain('rtm-a connected')
  })

  test('one that can not be started with what has changed is tried again under the same number', async () => {
    const before = configOf(['a'])
    const fences: number[] = []
    let refusals = 2
    await start(before, ({ connection, driver }) => {
      driver.onStart = async (fence) => {
        if (connection.id !== 'rtm-b') return
        fences.push(fence)
        if (refusals-- > 0) throw new Error('LOADING Redis is loading the dataset in memory')
      }
    })
    await change(before, configOf(['a', 'b']))
    expect(replica.serving).toContain('rtm-b waiting')
    await pass(clock, 3_000)
    expect(replica.serving).toContain('rtm-b connected')
    expect(fences).toEqual([1, 1, 1])
  })
})
