import { type ConnectionConfig, ManualClock, parseConfigText } from '@holdfast/runtime'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { compareConfigs } from '../src/config-change.ts'
import { type DriverFactory, Units } from '../src/units.ts'
import { FakeDriver } from './fake-driver.ts'
import { recordingLog } from './fixtures.ts'

let clock: ManualClock
let log: ReturnType<typeof recordingLog>
let made: { readonly connection: ConnectionConfig; readonly driver: FakeDriver }[]
let shown: string[]
let gone: string[]
let removed: string[]
beforeEach(() => {
  clock = new ManualClock()
  log = recordingLog()
  made = []
  shown = []
  gone = []
  removed = []
})

const add = (
  connection: ConnectionConfig,
  unit: Pick<ReturnType<FakeDriver['status']>, 'transport' | 'shard'>,
) => {
  const driver = new FakeDriver({ connection: connection.id, platform: connection.platform, ...unit })
  made.push({ connection, driver })
  return driver
}
const drivers: DriverFactory = {
  slackRtm: (connection) => add(connection, { transport: 'rtm' }),
  slackSocketMode: (connection) => add(connection, { transport: 'socket-mode' }),
  discord: (connection, shard) => add(connection, { transport: 'gateway', shard }),
}

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

/** Discord, asked how many shards a bot should have. */
const answers: typeof fetch = async () =>
  Response.json({
    url: 'wss://gateway.discord.gg',
    shards: 2,
    session_start_limit: { total: 1_000, remaining: 999, reset_after: 1, max_concurrency: 1 },
  })

const unitsOf = ({ connections }: ReturnType<typeof configOf>, options: Partial<DriverFactory> = {}) =>
  new Units(connections, {
    drivers: { ...drivers, ...options },
    metrics: {
      connection: (id) => void shown.push(id),
      forgetStates: (id) => void gone.push(id),
      forgetConnection: (id) => void removed.push(id),
    },
    clock,
    log,
    fence: async () => 1,
    fetch: answers,
  })
const driversOf = (id: string) =>
  made.filter(({ connection }) => connection.id === id).map(({ driver }) => driver)
const statesOf = (units: Units) => units.statuses().map(({ connection, state }) => `${connection} ${state}`)

describe('the units of sixty connections of all kinds', () => {
  async function started() {
    const before = configOf(TWENTY)
    const units = unitsOf(before)
    await units.start()
    return { before, units }
  }

  test('start and stop all together', async () => {
    const { units } = await started()
    expect(units.statuses()).toHaveLength(80)
    expect(new Set(units.statuses().map(({ state }) => state))).toEqual(new Set(['connected']))
    await units.stop(500)
    expect(made.map(({ driver }) => driver.graces)).toEqual(made.map(() => [500]))
  })

  test('a change leaves all untouched that it does not name', async () => {
    const { before, units } = await started()
    const names = [...TWENTY.slice(1), 'new']
    const after = configOf(names, (name) => (name === 'n1' ? 'renewed' : name))
    clock.advance(60_000)
    await units.change(compareConfigs(before, after), 500)

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
    expect(units.statuses()).toHaveLength(80)
    expect(statesOf(units).filter((each) => each.includes('-n0 '))).toEqual([])
    expect(new Set(units.statuses().map(({ state }) => state))).toEqual(new Set(['connected']))
    expect(shown.slice(0, 60)).toEqual(before.connections.map(({ id }) => id))
    expect(shown).toEqual(expect.arrayContaining(['rtm-new', 'socket-new', 'discord-new']))
    expect([...gone, ...removed].sort()).toEqual(touched.sort())
    expect(removed.sort()).toEqual(['discord-n0', 'rtm-n0', 'socket-n0'])
    expect(units.configuredAt('rtm-n1')).toBe(clock.wallAt())
    expect(units.configuredAt('rtm-n2')).toBe(clock.wallAt() - 60_000)
  })
})

describe('a change of connections', () => {
  test('starts a changed connection anew, with its new settings, once the old one is closed', async () => {
    const order: string[] = []
    const before = configOf(['a'])
    const units = unitsOf(before, {
      slackRtm(connection) {
        order.push(`made with ${connection.botToken.reveal()}`)
        const driver = add(connection, { transport: 'rtm' })
        driver.onStop = async () => void order.push('stopped')
        return driver
      },
    })
    await units.start()
    await units.change(
      compareConfigs(
        before,
        configOf(['a'], () => 'renewed'),
      ),
      500,
    )
    expect(order).toEqual(['made with xoxb-rtm-a', 'stopped', 'made with xoxb-rtm-renewed'])
  })

  test('never connects a bot twice that moves from one connection to another', async () => {
    const before = parseConfigText('connections: [{ id: a, platform: discord, token: abc, shards: 1 }]')
    const after = parseConfigText('connections: [{ id: b, platform: discord, token: abc, shards: 1 }]')
    const units = unitsOf(before)
    await units.start()
    let close = () => {}
    const [old] = driversOf('a')
    if (!old) throw new Error('no driver was made')
    old.onStop = () => new Promise((resolve) => (close = resolve))
    const changed = units.change(compareConfigs(before, after), 500)
    await expect.poll(() => old.graces).toEqual([500])
    expect([driversOf('b'), statesOf(units)]).toEqual([[], []])
    close()
    await changed
    expect(statesOf(units)).toEqual(['b connected'])
  })

  test('a stop waits for what is being removed, and starts nothing any more', async () => {
    const before = configOf(['a'])
    const units = unitsOf(before)
    await units.start()
    let close = () => {}
    const closed = new Promise<void>((resolve) => (close = resolve))
    for (const driver of driversOf('rtm-a')) driver.onStop = () => closed
    const changed = units.change(compareConfigs(before, configOf(['b'])), 500)
    await expect.poll(() => driversOf('rtm-a')[0]?.graces).toEqual([500])
    const stopped = vi.fn()
    const stopping = units.stop(200).then(stopped)
    // Everything that does not wait for the driver has happened by then.
    await new Promise(setImmediate)
    expect(stopped).not.toHaveBeenCalled()
    close()
    await Promise.all([changed, stopping])
    expect(driversOf('rtm-b')).toEqual([])
  })

  test('a stop does not wait for longer than its grace for one that waits for Redis to begin with', async () => {
    const before = configOf(['a'])
    const units = unitsOf(before, {
      slackRtm(connection) {
        const driver = add(connection, { transport: 'rtm' })
        if (connection.id === 'rtm-b') {
          driver.start = () => new Promise(() => {})
          driver.onStop = () => new Promise(() => {})
        }
        return driver
      },
    })
    void units.change(compareConfigs(before, configOf(['a', 'b'])), 500)
    await expect.poll(() => driversOf('socket-b')).toHaveLength(1)
    const stopped = vi.fn()
    const stopping = units.stop(500).then(stopped)
    await expect.poll(() => driversOf('rtm-b')[0]?.graces).toEqual([500])
    clock.advance(499)
    await new Promise(setImmediate)
    expect(stopped).not.toHaveBeenCalled()
    clock.advance(1)
    await stopping
  })

  test('a restart takes only what it names, with the settings and the time that it has, once it is closed', async () => {
    const units = unitsOf(configOf(['a', 'b']))
    await units.start()
    const [refused] = driversOf('rtm-a')
    const [, shard] = driversOf('discord-b')
    if (!refused || !shard) throw new Error('no driver was made')
    for (const driver of [refused, shard]) driver.state = 'fatal'
    expect(units.fatal()).toEqual(['rtm-a', 'discord-b'])
    let close = () => {}
    refused.onStop = () => new Promise((resolve) => (close = resolve))
    const configuredAt = clock.wallAt()
    clock.advance(60_000)

    const restarted = units.restart(units.fatal(), 500)
    await expect.poll(() => refused.graces).toEqual([500])
    expect(driversOf('rtm-a')).toHaveLength(1)
    close()
    await restarted

    const restartedIds = made.slice(8).map(({ connection }) => connection.id)
    expect(restartedIds.sort()).toEqual(['discord-b', 'discord-b', 'rtm-a'])
    const untouched = made.slice(0, 8).filter(({ connection }) => !restartedIds.includes(connection.id))
    expect(untouched.map(({ driver }) => driver.graces)).toEqual(untouched.map(() => []))
    expect([units.fatal(), units.configuredAt('rtm-a')]).toEqual([[], configuredAt])
    expect(gone.sort()).toEqual(['discord-b', 'rtm-a'])
  })

  test('a stop during a restart starts nothing any more', async () => {
    const units = unitsOf(configOf(['a']))
    await units.start()
    let close = () => {}
    const closed = new Promise<void>((resolve) => (close = resolve))
    for (const driver of driversOf('rtm-a')) driver.onStop = () => closed
    const restarted = units.restart(['rtm-a'], 500)
    const stopping = units.stop(200)
    close()
    await Promise.all([restarted, stopping])
    expect(driversOf('rtm-a')).toHaveLength(1)
  })

  test('one that can not be started is told, and the others go on', async () => {
    const before = configOf(['a'])
    const units = unitsOf(before, {
      slackRtm(connection) {
        const driver = add(connection, { transport: 'rtm' })
        driver.start = () => Promise.reject(new Error('OOM command not allowed'))
        return driver
      },
    })
    await units.change(compareConfigs(before, configOf(['a', 'b'])), 500)
    expect(log.lines).toMatchObject([
      { level: 'error', fields: { connection: 'rtm-b', error: 'OOM command not allowed' } },
    ])
    expect(statesOf(units)).toEqual(expect.arrayContaining(['socket-b connected', 'discord-b connected']))
  })
})
