import { type DiscordConfig, ManualClock, parseConfigText } from '@holdfast/runtime'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { DiscordShards } from '../src/discord-shards.ts'
import { FakeDriver } from './fake-driver.ts'
import { recordingLog } from './fixtures.ts'

let clock: ManualClock
let log: ReturnType<typeof recordingLog>
let made: { driver: FakeDriver; count: number }[]
/** Runs within the start of each shard. */
let onStart: (shard: number) => Promise<void>

beforeEach(() => {
  clock = new ManualClock()
  log = recordingLog()
  made = []
  onStart = async () => {}
})

function shardsOf(shards: string, fetch: typeof globalThis.fetch = unreachable): DiscordShards {
  const config = parseConfigText(
    `connections: [{ id: bastion, platform: discord, token: abc, shards: ${shards} }]`,
  )
  const drivers = {
    discord(connection: DiscordConfig, shard: number, count: number) {
      const driver = new FakeDriver({
        connection: connection.id,
        platform: 'discord',
        transport: 'gateway',
        shard,
      })
      driver.onStart = () => onStart(shard)
      made.push({ driver, count })
      return driver
    },
  }
  return new DiscordShards({
    connection: config.connections[0] as DiscordConfig,
    drivers,
    clock,
    log,
    fetch,
    fence: async () => 1,
  })
}

const gatewayBot = (shards: number, max_concurrency = 1) =>
  Response.json({
    url: 'wss://gateway.discord.gg',
    shards,
    session_start_limit: { total: 1_000, remaining: 999, reset_after: 1, max_concurrency },
  })

const unreachable: typeof fetch = () => Promise.reject(new TypeError('fetch failed'))

describe('the shards of a Discord connection', () => {
  test('are as many as configured, started in order, where Discord has nothing against it', async () => {
    const group = shardsOf('3', async () => gatewayBot(2))
    await group.start()
    expect(log.lines).toEqual([])
    expect(made.map(({ driver, count }) => [driver.status().shard, driver.status().state, count])).toEqual([
      [0, 'connected', 3],
      [1, 'connected', 3],
      [2, 'connected', 3],
    ])
    expect(group.statuses()).toHaveLength(3)
  })

  test('are as many as configured where Discord does not answer, which is told', async () => {
    const group = shardsOf('3')
    await group.start()
    expect(group.statuses()).toHaveLength(3)
    expect(log.lines).toMatchObject([
      { level: 'warn', message: expect.stringContaining('going on with the configured number, 3') },
    ])
  })

  test('wait no longer than 3 s for the check of a configured number', async () => {
    const hanging: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) =>
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)),
      )
    const group = shardsOf('1', hanging)
    const started = group.start()
    expect(group.statuses()).toMatchObject([{ state: 'connecting', why: expect.stringContaining('asking') }])
    clock.advance(3_000)
    await started
    expect(group.statuses()).toMatchObject([{ shard: 0 }])
  })

  test('are none where a large bot’s number is no multiple of Discord’s: fatal before any identify, and told once', async () => {
    const group = shardsOf('20', async () => gatewayBot(16, 16))
    await group.start()
    expect(made).toEqual([])
    const why = expect.stringContaining('set it to 32 or 48')
    expect(group.statuses()).toMatchObject([{ connection: 'bastion', state: 'fatal', why }])
    expect(log.lines).toMatchObject([{ level: 'error', message: why }])
  })

  test('are as many as Discord says when set to auto', async () => {
    const group = shardsOf('auto', async () => gatewayBot(2))
    await group.start()
    await vi.waitFor(() => expect(group.statuses()).toHaveLength(2))
    expect(made.map(({ count }) => count)).toEqual([2, 2])
  })

  test('are waited for, with a reason to show, until Discord answers', async () => {
    const answers = [unreachable, unreachable, async () => gatewayBot(1)]
    const group = shardsOf('auto', (...args) => (answers.shift() ?? unreachable)(...args))
    await group.start()
    for (const waitMs of [750, 1_500]) {
      await vi.waitFor(() => expect(log.lines.length).toBe(waitMs === 750 ? 1 : 2))
      expect(group.statuses()).toMatchObject([
        { connection: 'bastion', state: 'connecting', why: expect.stringContaining('asking again in') },
      ])
      clock.advance(waitMs)
    }
    await vi.waitFor(() => expect(group.statuses()).toMatchObject([{ shard: 0, state: 'connected' }]))
  })

  test('are let go of and tried again where Redis refuses one of them after Discord has told their number', async () => {
    const refusals = [new Error('NOREPLICAS Not enough good replicas to write.')]
    onStart = async (shard) => {
      const refusal = shard === 1 ? refusals.shift() : undefined
      if (refusal) throw refusal
    }
    const group = shardsOf('auto', async () => gatewayBot(2))
    await group.start()
    await vi.waitFor(() => expect(log.lines).toHaveLength(1))
    const why = expect.stringMatching(
      /^its shards could not be started \(NOREPLICAS .*\); asking again in 1 s$/,
    )
    expect(log.lines).toMatchObject([{ level: 'warn', message: why }])
    expect(group.statuses()).toMatchObject([{ connection: 'bastion', state: 'connecting', why }])
    expect(made.map(({ driver }) => driver.graces)).toEqual([[0], [0]])

    clock.advance(1_000)
    await vi.waitFor(() =>
      expect(group.statuses()).toMatchObject([{ state: 'connected' }, { state: 'connected' }]),
    )
    expect(made).toHaveLength(4)
  })

  test('never come when Discord refuses the token, which is fatal and told once', async () => {
    const group = shardsOf('auto', async () => new Response('', { status: 401 }))
    await group.start()
    await vi.waitFor(() => expect(group.statuses()).toMatchObject([{ state: 'fatal' }]))
    expect(log.lines).toMatchObject([
      { level: 'error', message: expect.stringContaining('refuses the token') },
    ])
    expect(clock.timerCount).toBe(0)
  })

  test('stop while a configured number is being checked', async () => {
    let aborted = false
    const group = shardsOf('2', (_, init) => {
      init?.signal?.addEventListener('abort', () => {
        aborted = true
      })
      return new Promise((_resolve, reject) =>
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)),
      )
    })
    const started = group.start()
    await group.stop(5_000)
    await started
    expect([aborted, made]).toEqual([true, []])
    expect(clock.timerCount).toBe(0)
  })

  test('are all stopped, each with the grace', async () => {
    const group = shardsOf('2')
    await group.start()
    await Promise.all([group.stop(5_000), group.stop(5_000)])
    expect(made.map(({ driver }) => driver.graces)).toEqual([[5_000], [5_000]])
  })

  test('stop while Discord is still being asked', async () => {
    const group = shardsOf('auto')
    await group.start()
    await vi.waitFor(() => expect(log.lines).toHaveLength(1))
    await group.stop(5_000)
    expect(group.statuses()).toMatchObject([{ state: 'stopped' }])
    expect(made).toEqual([])
    expect(clock.timerCount).toBe(0)
  })
})
