import { type DiscordConfig, ManualClock, parseConfigText } from '@holdfast/runtime'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { DiscordShards } from '../src/discord-shards.ts'
import { FakeDriver } from './fake-driver.ts'
import { recordingLog, unitTools } from './fixtures.ts'

let clock: ManualClock
let log: ReturnType<typeof recordingLog>
let made: { shard: number; count: number }[]
let knownCount: number

beforeEach(() => {
  clock = new ManualClock()
  log = recordingLog()
  made = []
  knownCount = 0
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
      made.push({ shard, count })
      return driver
    },
  }
  return new DiscordShards({
    connection: config.connections[0] as DiscordConfig,
    drivers,
    clock,
    log,
    fetch,
    onKnown: () => {
      knownCount += 1
    },
  })
}

/** The units, each with its driver made. */
function unitsOf(group: DiscordShards): string[] {
  for (const { makeDriver } of group.candidates) makeDriver(unitTools)
  return group.candidates.map(({ unit }) => unit)
}

const gatewayBot = (shards: number, max_concurrency = 1) =>
  Response.json({
    url: 'wss://gateway.discord.gg',
    shards,
    session_start_limit: { total: 1_000, remaining: 999, reset_after: 1, max_concurrency },
  })

const unreachable: typeof fetch = () => Promise.reject(new TypeError('fetch failed'))

describe('the shards of a Discord connection', () => {
  test('are as many as configured, in order, where Discord has nothing against it', async () => {
    const group = shardsOf('3', async () => gatewayBot(2))
    await group.start()
    expect(log.lines).toEqual([])
    expect(unitsOf(group)).toEqual(['bastion/0', 'bastion/1', 'bastion/2'])
    expect(made).toEqual([0, 1, 2].map((shard) => ({ shard, count: 3 })))
    expect([group.statuses(), knownCount]).toEqual([[], 1])
  })

  test('are as many as configured where Discord does not answer, which is told', async () => {
    const group = shardsOf('3')
    await group.start()
    expect(group.candidates).toHaveLength(3)
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
    expect(group.candidates).toMatchObject([{ unit: 'bastion/0', shard: 0 }])
  })

  test('are none where a large bot’s number is no multiple of Discord’s: fatal before any identify, and told once', async () => {
    const group = shardsOf('20', async () => gatewayBot(16, 16))
    await group.start()
    expect([group.candidates, knownCount]).toEqual([[], 0])
    const why = expect.stringContaining('set it to 32 or 48')
    expect(group.statuses()).toMatchObject([{ connection: 'bastion', state: 'fatal', why }])
    expect(log.lines).toMatchObject([{ level: 'error', message: why }])
  })

  test('are as many as Discord says when set to auto', async () => {
    const group = shardsOf('auto', async () => gatewayBot(2))
    await group.start()
    await vi.waitFor(() => expect(knownCount).toBe(1))
    expect(unitsOf(group)).toHaveLength(2)
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
    await vi.waitFor(() => expect(group.candidates).toMatchObject([{ unit: 'bastion/0' }]))
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
    await group.stop()
    await started
    expect([aborted, group.candidates]).toEqual([true, []])
    expect(clock.timerCount).toBe(0)
  })

  test('stop while Discord is still being asked', async () => {
    const group = shardsOf('auto')
    await group.start()
    await vi.waitFor(() => expect(log.lines).toHaveLength(1))
    await group.stop()
    expect(group.statuses()).toMatchObject([{ state: 'stopped' }])
    expect(group.candidates).toEqual([])
    expect(clock.timerCount).toBe(0)
  })
})
