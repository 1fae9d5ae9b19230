import { createMemoryCallBudget, createMemoryCheckpointStore } from '@holdfast/ownership'
import { ManualClock, systemClock } from '@holdfast/runtime'
import { createSimulator, makeDiscordPopulation, type Simulator } from '@holdfast/simulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDiscordDriver, type ShardDriver } from '../services/gateway/src/drivers/discord-driver.ts'
import { ShardHearings } from '../services/gateway/src/drivers/shard-hearings.ts'
import type { Publish } from '../services/gateway/src/ports.ts'
import { recordingLog } from '../services/gateway/test/fixtures.ts'

/*
 * Two shards of one bot over real sockets, of which one goes deaf. Only the judgement has a clock that the test turns: it needs minutes
 * of what is usual.
 */

/** Guilds, their messages, and what they say. */
const INTENTS = 1 | (1 << 9) | (1 << 15)
const TICK_MS = 10_000
const nothing = () => {}

let simulator: Simulator
let addresses: Awaited<ReturnType<Simulator['start']>>
let drivers: readonly ShardDriver[]
let clock: ManualClock
let log: ReturnType<typeof recordingLog>
/** What each shard has published, in order: texts of messages, and gaps by why. */
let published: string[][]
let deafCount: number
let identifyCount: number

beforeEach(async () => {
  const population = makeDiscordPopulation({ guilds: 2, channels: 1, bots: 1 })
  simulator = createSimulator({ limits: 'demo', discord: { population } })
  addresses = await simulator.start()
  clock = new ManualClock()
  log = recordingLog()
  published = [[], []]
  deafCount = 0
  identifyCount = 0
  const hearings = new ShardHearings(clock)
  drivers = [0, 1].map((shard) => makeDriver(shard, hearings))
  for (const [shard, driver] of drivers.entries()) {
    await driver.start(1)
    await connected(shard)
  }
  identifyCount = 0
})

afterEach(async () => {
  await Promise.all(drivers.map((driver) => driver.stop(0)))
  await simulator.stop()
  expect(clock.timerCount, 'timers left').toBe(0)
})

function makeDriver(shard: number, hearings: ShardHearings): ShardDriver {
  const publish: Publish = ({ text }, _origin, onConfirmed) => {
    const { type, data } = JSON.parse(text)
    if (type === 'discord.MESSAGE_CREATE') published[shard]?.push(data.content)
    if (type === 'holdfast.gap') published[shard]?.push(`gap ${data.why}`)
    onConfirmed()
  }
  return createDiscordDriver({
    publish,
    wanted: () => true,
    checkpoints: createMemoryCheckpointStore(),
    budget: createMemoryCallBudget(systemClock),
    journal: { keep: () => Promise.reject(new Error('no disk here')) },
    metrics: {
      received: nothing,
      malformed: nothing,
      gap: nothing,
      identified: () => identifyCount++,
      dropped: nothing,
      withheld: nothing,
      deaf: () => deafCount++,
      identifyBreaker: nothing,
      state: nothing,
    },
    clock: systemClock,
    log,
    fetch,
    connection: 'bastion',
    apiUrl: addresses.discordApiUrl,
    token: addresses.discord.bots[0]?.token ?? '',
    intents: INTENTS,
    shard: [shard, 2],
    permits: { acquire: async () => 'granted', announce: () => nothing },
    hearings,
  })
}

const connected = (shard: number) =>
  expect.poll(() => drivers[shard]?.status().state, { timeout: 10_000, interval: 1 }).toBe('connected')

let said = 0
/** Somebody says so much in the guild of each shard, and ten seconds go by. Answers what was said. */
async function tick(deaf?: number): Promise<string[]> {
  const lines = Array.from({ length: 6 }, () => `line ${said++}`)
  // The first guild is on shard 1, the second one on shard 0.
  for (const [shard, { id }] of addresses.discord.channels.toReversed().entries()) {
    const before = published[shard]?.length ?? 0
    for (const text of lines) simulator.discord.say({ channel: id, user: userId(), text })
    if (shard !== deaf) await expect.poll(() => published[shard]?.length, { interval: 1 }).toBe(before + 6)
  }
  clock.advance(TICK_MS)
  return lines
}

const userId = () => addresses.discord.users[0]?.id ?? ''

async function ticks(count: number, deaf?: number): Promise<string[]> {
  const lines: string[] = []
  for (let each = 0; each < count; each++) lines.push(...(await tick(deaf)))
  return lines
}

describe('a deaf shard beside one that hears', () => {
  it('is noticed after a minute and resumed, and what it missed comes once and in order', async () => {
    await ticks(62)
    simulator.fault({ fault: 'deaf', platform: 'discord', shard: 1 })
    published[1]?.splice(0)
    const missed = await ticks(5, 1)
    expect(deafCount).toBe(0)
    missed.push(...(await tick(1)))
    expect(deafCount).toBe(1)
    await expect.poll(() => published[1]).toEqual(missed)
    await connected(1)
    expect(simulator.record.of('resume')).toMatchObject([{ outcome: 'resumed' }])
    expect(identifyCount).toBe(0)
    const lines = log.lines.filter(({ message }) => message.startsWith('deaf: it has heard nothing since '))
    expect(lines).toMatchObject([{ level: 'warn', fields: { connection: 'bastion', shard: 1 } }])
    const heard = await ticks(40)
    expect(published[1]).toEqual([...missed, ...heard])
    expect(deafCount).toBe(1)
  })

  it('is resumed twice, five minutes apart; if it stays deaf it begins anew, and the time is a gap', async () => {
    await ticks(62)
    simulator.fault({ fault: 'deaf', platform: 'discord', shard: 1, count: 5, lost: true })
    published[1]?.splice(0)
    const whenDeaf = async (count: number) => {
      for (let passed = 0; passed < 40 && deafCount < count; passed++) await tick(1)
      expect(deafCount).toBe(count)
    }
    await whenDeaf(1)
    await expect.poll(() => simulator.record.of('resume').length, { timeout: 10_000 }).toBe(1)
    await connected(1)
    await ticks(29, 1)
    expect(deafCount).toBe(1)
    await whenDeaf(2)
    await expect.poll(() => simulator.record.of('resume').length, { timeout: 10_000 }).toBe(2)
    await connected(1)
    expect(identifyCount).toBe(0)
    await whenDeaf(3)
    await expect.poll(() => identifyCount, { timeout: 10_000 }).toBe(1)
    await connected(1)
    await expect.poll(() => published[1]).toEqual(['gap deaf'])
    await ticks(2)
    expect(published[1]).toHaveLength(13)
  }, 60_000)

  it('is left alone where the other one is as silent', async () => {
    await ticks(62)
    simulator.fault({ fault: 'deaf', platform: 'discord' })
    for (let passed = 0; passed < 60; passed++) clock.advance(TICK_MS)
    expect(deafCount).toBe(0)
  })
})
