import type { DiscordSession } from '@holdfast/ownership'
import { ManualClock } from '@holdfast/runtime'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  createDiscordDriver,
  type DiscordDriverOptions,
  type ShardDriver,
} from '../../src/drivers/discord-driver.ts'
import { type IdentifyPermits, LocalPermits } from '../../src/drivers/permits.ts'
import { TokenCheck } from '../../src/drivers/token-check.ts'
import type { Room } from '../../src/ports.ts'
import { nextFence, World } from './world.ts'

const TOKEN = 'token-of-the-bot'
const RESUME_URL = 'wss://resume.example'
const GATEWAY_BOT = {
  url: 'wss://gateway.example',
  shards: 1,
  session_start_limit: { total: 1000, remaining: 900, reset_after: 60_000, max_concurrency: 1 },
}
const STORED: DiscordSession = {
  kind: 'discord',
  sessionId: 'session-stored',
  resumeUrl: RESUME_URL,
  sequence: 41,
  confirmedAt: Date.UTC(2025, 11, 31, 23, 59, 30),
  shard: [0, 1],
  applicationId: '100000000000000002',
  botUserId: '100000000000000001',
}

const always: IdentifyPermits = { acquire: async () => 'granted', announce: () => () => {} }
let world: World
/** Whether nobody wants anything. */
let unwanted = false
let driver: ShardDriver

async function startDriver(stored?: DiscordSession, own: Own = {}): Promise<void> {
  makeDriver(stored, own)
  await driver.start(nextFence())
  await world.settle()
}

type Own = Pick<
  Partial<DiscordDriverOptions>,
  'permits' | 'presence' | 'isOurs' | 'onFenced' | 'fetch' | 'room'
>

/** A driver in a new world, not started. */
function makeDriver(stored?: DiscordSession, own: Own = {}): void {
  world = new World(stored)
  world.answers.set('gateway/bot', GATEWAY_BOT)
  driver = createDiscordDriver({
    ...world.deps,
    connection: 'bastion',
    token: TOKEN,
    intents: 513,
    shard: [0, 1],
    apiUrl: 'https://discord.example/api/v10',
    permits: always,
    wanted: () => !unwanted,
    ...own,
  })
}

async function hello(): Promise<void> {
  world.socket.open()
  world.socket.says({ t: null, s: null, op: 10, d: { heartbeat_interval: 40_000 } })
  await world.settle()
}

function ready(sessionId = 'session-a'): void {
  dispatch(1, 'READY', {
    v: 10,
    session_id: sessionId,
    resume_gateway_url: RESUME_URL,
    user: { id: '100000000000000001' },
    application: { id: '100000000000000002' },
    guilds: [],
  })
}

function dispatch(sequence: number, type: string, data: unknown): void {
  world.socket.says(`{"t":"${type}","s":${sequence},"op":0,"d":${JSON.stringify(data)}}`)
}

function message(sequence: number): void {
  dispatch(sequence, 'MESSAGE_CREATE', {
    id: `9000000000000000${sequence}`,
    channel_id: '5',
    content: 'hush',
  })
}

async function connected(stored?: DiscordSession, own?: Own): Promise<void> {
  await startDriver(stored, own)
  await hello()
  if (stored) dispatch(stored.sequence + 1, 'RESUMED', {})
  else ready()
  await world.settle()
}

afterEach(async () => {
  unwanted = false
  const stopped = driver.stop(0)
  await world.settle()
  await world.advance(0)
  await stopped
  await world.settle()
  expect(world.clock.timerCount, 'timers left').toBe(0)
  expect(world.logText()).not.toContain(TOKEN)
  expect(world.logText()).not.toContain('hush')
})

describe('a Discord driver', () => {
  it('stores a session as soon as it has one: killed a moment later, it is resumed from its beginning', async () => {
    await startDriver()
    world.confirming = false
    await hello()
    ready()
    await world.settle()
    expect(world.store.last).toMatchObject({ kind: 'discord', sessionId: 'session-a', sequence: 0 })
  })

  it('asks for the address with the token, connects, identifies and publishes what comes', async () => {
    await connected()
    expect(world.calls[0]).toMatchObject({
      path: '/api/v10/gateway/bot',
      headers: { authorization: `Bot ${TOKEN}` },
    })
    expect(world.socket.url).toBe('wss://gateway.example/?v=10&encoding=json')
    expect(world.socket.frames[0]).toMatchObject({
      op: 2,
      d: { token: TOKEN, intents: 513, shard: [0, 1] },
    })
    message(2)
    expect(world.types).toEqual(['discord.READY', 'discord.MESSAGE_CREATE'])
    expect(world.counts.received).toEqual(['discord.READY', 'discord.MESSAGE_CREATE'])
    expect(driver.status()).toMatchObject({
      state: 'connected',
      shard: 0,
      sequence: { received: 2, confirmed: 2 },
    })
  })

  it('keeps the payload byte for byte', async () => {
    await connected()
    world.socket.says('{"t":"MESSAGE_CREATE","s":2,"op":0,"d":{"id":"77","n":18446744073709551615, "a" : 1}}')
    expect(world.published.at(-1)?.event.text).toContain('{"id":"77","n":18446744073709551615, "a" : 1}')
  })

  it('survives malformed frames and counts them', async () => {
    await connected()
    world.socket.says('{"op":')
    world.socket.says('{"t":"MESSAGE_CREATE","s":2,"op":0,"d":{"id":}')
    message(3)
    expect(world.counts.malformed).toBe(2)
    expect(driver.status().state).toBe('connected')
  })

  it('confirms what nobody wants without publishing it', async () => {
    world = new World()
    world.answers.set('gateway/bot', GATEWAY_BOT)
    const refused: string[] = []
    driver = createDiscordDriver({
      ...world.deps,
      connection: 'bastion',
      token: TOKEN,
      intents: 0,
      shard: [0, 1],
      apiUrl: 'https://discord.example/api/v10/',
      permits: always,
      wanted: (type) => {
        refused.push(type)
        return false
      },
    })
    await driver.start(nextFence())
    await world.settle()
    await hello()
    ready()
    expect(world.published).toEqual([])
    expect(refused).toEqual(['discord.READY'])
    expect(driver.status().sequence).toEqual({ received: 1, confirmed: 1 })
  })

  it('does not connect again after a fatal close, and says what to do', async () => {
    await connected()
    world.socket.drops(4014, 'Disallowed intent(s).')
    await world.advance(600_000)
    expect(world.sockets).toHaveLength(1)
    expect(driver.status()).toMatchObject({
      state: 'fatal',
      why: expect.stringContaining('developer portal'),
    })
    expect(world.lines.filter(({ message }) => message.includes('developer portal'))).toMatchObject([
      { level: 'error', fields: { from: 'connected', to: 'fatal' } },
    ])
  })

  it('tells every transition in one line', async () => {
    await connected()
    expect(world.lines.map((line) => line.fields)).toEqual([
      { connection: 'bastion', shard: 0, from: 'idle', to: 'locating' },
      { connection: 'bastion', shard: 0, from: 'locating', to: 'connecting' },
      { connection: 'bastion', shard: 0, from: 'connecting', to: 'awaitingHello' },
      { connection: 'bastion', shard: 0, from: 'awaitingHello', to: 'awaitingPermit' },
      { connection: 'bastion', shard: 0, from: 'awaitingPermit', to: 'identifying' },
      { connection: 'bastion', shard: 0, from: 'identifying', to: 'connected' },
    ])
    expect(world.counts.states).toEqual(['connecting', 'waiting', 'connecting', 'connected'])
  })

  it('withdraws its wish for a permit when the socket goes first', async () => {
    const wishes: AbortSignal[] = []
    const permits: IdentifyPermits = {
      acquire: ({ signal }) => {
        wishes.push(signal)
        return new Promise(() => {})
      },
      announce: () => () => {},
    }
    await startDriver(undefined, { permits })
    await hello()
    world.socket.drops(1006)
    expect(wishes.map((signal) => signal.aborted)).toEqual([true])
  })
})

describe('commands on the socket', () => {
  const presence = { since: null, activities: [], status: 'dnd', afk: false } as const
  const mute = { op: 4, d: { guild_id: '7', channel_id: null, self_mute: true, self_deaf: false } } as const
  const ops = () => world.socket.frames.map(({ op }) => op)

  async function startWithPresence(stored?: DiscordSession): Promise<void> {
    await startDriver(stored, { presence: presence as never })
    await hello()
  }

  it('wait for READY, then go; what was sent is not repeated on the next socket', async () => {
    await startDriver()
    const answer = driver.command(mute as never)
    await hello()
    expect(ops()).toEqual([2])
    ready()
    await world.settle()
    expect(ops()).toEqual([2, 4])
    expect(await answer).toEqual({ kind: 'sent' })
    world.socket.drops(1006)
    await world.advance(1_000)
    const next = driver.command(mute as never)
    await hello()
    dispatch(2, 'RESUMED', {})
    expect(await next).toEqual({ kind: 'sent' })
    expect(ops()).toEqual([6, 4])
  })

  it('never hold a heartbeat back', async () => {
    await connected()
    for (let count = 0; count < 500; count++) void driver.command(mute as never)
    await world.settle()
    const before = ops().length
    await world.advance(20_000)
    expect(ops().length).toBe(before + 1)
    expect(ops().at(-1)).toBe(1)
    expect(before).toBeLessThan(120)
  })

  it('tell the configured presence with the identify, and no second time', async () => {
    await startWithPresence()
    ready()
    expect(world.socket.frames).toMatchObject([{ op: 2, d: { presence } }])
  })

  it('tell the configured presence after the first RESUMED of a process, since the session keeps the old one', async () => {
    await startWithPresence(STORED)
    expect(ops()).toEqual([6])
    dispatch(42, 'RESUMED', {})
    await world.settle()
    expect(world.socket.frames).toMatchObject([{ op: 6 }, { op: 3, d: presence }])
    world.socket.drops(1006)
    await world.advance(1_000)
    await hello()
    dispatch(43, 'RESUMED', {})
    await world.settle()
    expect(ops()).toEqual([6])
  })

  it('are refused once the shard has stopped', async () => {
    await connected()
    await driver.stop(0)
    expect(await driver.command(mute as never)).toMatchObject({ kind: 'refused', why: 'told to stop' })
  })
})

describe('frames that nobody wants', () => {
  it('are never parsed', async () => {
    await startDriver()
    await hello()
    ready()
    const parse = vi.spyOn(JSON, 'parse')
    onTestFinished(() => parse.mockRestore())
    for (let sequence = 2; sequence < 1_002; sequence++)
      world.socket.says(`{"t":"PRESENCE_UPDATE","s":${sequence},"op":0,"d":{"user":{"id":"1"},"s":{"op":0}}}`)
    expect(driver.status().sequence?.received).toBe(1_001)
    expect(parse).toHaveBeenCalledTimes(1_000)
    parse.mockClear()
    unwanted = true
    for (let sequence = 1_002; sequence < 2_002; sequence++)
      world.socket.says(`{"t":"PRESENCE_UPDATE","s":${sequence},"op":0,"d":{"user":{"id":"1"},"s":{"op":0}}}`)
    expect(driver.status().sequence?.confirmed).toBe(2_001)
    expect(parse).not.toHaveBeenCalled()
  })
})

describe('the checkpoint', () => {
  it('holds the confirmed sequence, not the received one, within 200 ms', async () => {
    await connected()
    world.confirming = false
    message(2)
    message(3)
    message(4)
    world.published.at(-1)?.confirm()
    world.published.at(-3)?.confirm()
    await world.advance(200)
    expect(world.store.last).toMatchObject({ kind: 'discord', sessionId: 'session-a', sequence: 2 })
    world.published.at(-2)?.confirm()
    await world.advance(200)
    expect(world.store.last).toMatchObject({ sequence: 4, shard: [0, 1], resumeUrl: RESUME_URL })
  })

  it('is written once for many confirms', async () => {
    await connected()
    world.store.saved.length = 0
    for (let sequence = 2; sequence < 500; sequence++) message(sequence)
    await world.advance(200)
    expect(world.store.saved).toHaveLength(1)
    expect(world.store.last).toMatchObject({ sequence: 499 })
  })

  it('is tried again while the store fails, and told once', async () => {
    await connected()
    world.store.answer = new Error('Redis is away')
    message(2)
    await world.advance(200)
    await world.advance(200)
    world.store.answer = 'saved'
    await world.advance(200)
    expect(world.store.last).toMatchObject({ sequence: 2 })
    expect(world.lines.filter((line) => line.level === 'warn')).toHaveLength(1)
  })

  it('that is refused makes the driver let go of the shard, keeping the session', async () => {
    await connected()
    world.store.answer = 'refused'
    message(2)
    await world.advance(200)
    expect(world.socket.closedWith).toBe(4000)
    expect(driver.status()).toMatchObject({
      state: 'stopped',
      why: expect.stringContaining('another gateway'),
    })
    expect(world.lines.filter(({ message }) => message.includes('another gateway'))).toMatchObject([
      { level: 'warn' },
    ])
    await world.advance(600_000)
    expect(world.sockets).toHaveLength(1)
  })

  it('stays behind an event that has no confirm, over a resume', async () => {
    await connected()
    world.confirming = false
    message(2)
    world.socket.drops(4000)
    await world.advance(1_000)
    await hello()
    expect(world.socket.frames[0]).toMatchObject({ op: 6, d: { session_id: 'session-a', seq: 1 } })
    message(2)
    expect(world.events('discord.MESSAGE_CREATE').map((event) => event.delivery)).toEqual(['live', 'replay'])
    expect(new Set(world.published.slice(1).map(({ event }) => event.id)).size).toBe(1)
  })
})

describe('after a restart', () => {
  it('resumes the stored session at its own address without asking for anything', async () => {
    await startDriver(STORED)
    expect(world.calls).toEqual([])
    expect(world.socket.url).toBe(`${RESUME_URL}/?v=10&encoding=json`)
    await hello()
    expect(world.socket.frames).toEqual([
      { op: 6, d: { token: TOKEN, session_id: 'session-stored', seq: 41 } },
    ])
    message(42)
    expect(world.events('discord.MESSAGE_CREATE')[0]).toMatchObject({ delivery: 'replay' })
    expect(world.counts.gaps).toBe(0)
  })

  it('announces the gap of a lost session before READY, from the stored instant', async () => {
    await startDriver(STORED)
    await hello()
    world.socket.says({ op: 9, d: false })
    await world.advance(5_000)
    await hello()
    ready('session-b')
    expect(world.types).toEqual(['holdfast.gap', 'discord.READY'])
    expect(world.events('holdfast.gap')[0]?.data).toMatchObject({
      connection: 'bastion',
      shard: 0,
      why: 'session-lost',
      from: '2025-12-31T23:59:30.000Z',
      to: new Date(world.clock.wallAt()).toISOString(),
    })
    expect(world.counts.gaps).toBe(1)
    expect(world.gapLines).toMatchObject([{ level: 'warn', fields: { shard: 0, why: 'session-lost' } }])
    expect(driver.status()).toMatchObject({
      lastGap: { from: '2025-12-31T23:59:30.000Z', why: 'session-lost' },
    })
  })

  it('keeps the intents with the session, and announces the gap where the configuration has others', async () => {
    await connected()
    expect(world.store.last).toMatchObject({ sessionId: 'session-a', intents: 513 })
    await driver.stop(0)
    await startDriver({ ...STORED, intents: 1 })
    expect(world.lines.map(({ message }) => message)).toContain(
      'its session was made with intents 1, now `intents` come to 513',
    )
    await hello()
    ready('session-b')
    expect(world.types).toEqual(['holdfast.gap', 'discord.READY'])
  })

  it('stores nothing of the new session before the gap is confirmed', async () => {
    await startDriver({ ...STORED, shard: [0, 2] })
    world.confirming = false
    await hello()
    ready('session-b')
    const [gap, readyEvent] = world.published
    readyEvent?.confirm()
    await world.advance(1_000)
    expect(world.store.saved).toEqual([])
    gap?.confirm()
    await world.advance(200)
    expect(world.store.last).toMatchObject({ sessionId: 'session-b', sequence: 1 })
  })

  it('stores nothing of the new session before the last event of the lost one is confirmed', async () => {
    await connected()
    world.confirming = false
    message(2)
    const last = world.published.at(-1)
    await world.advance(1_000)
    const before = world.store.saved.length
    world.socket.drops(4007)
    await world.advance(5_000)
    await hello()
    ready('session-b')
    for (const { event, confirm } of world.published.slice(-2)) {
      expect(['holdfast.gap', 'discord.READY']).toContain(event.type)
      confirm()
    }
    await world.advance(1_000)
    expect(world.store.saved).toHaveLength(before)
    last?.confirm()
    await world.advance(200)
    expect(world.store.last).toMatchObject({ sessionId: 'session-b', sequence: 1 })
  })

  it('announces no gap at its first start ever', async () => {
    await connected()
    expect(world.types).not.toContain('holdfast.gap')
  })
})

describe('the instant of the checkpoint', () => {
  it('is that of a heartbeat whose answer came, once all that came before is confirmed', async () => {
    await connected()
    await world.advance(20_000)
    const sentAt = world.clock.wallAt()
    world.confirming = false
    message(2)
    await world.advance(3_000)
    world.socket.says({ op: 11 })
    await world.advance(200)
    expect(Number((world.store.last as DiscordSession).confirmedAt)).toBeLessThan(sentAt - 1_000)
    world.published.at(-1)?.confirm()
    await world.advance(200)
    expect((world.store.last as DiscordSession).confirmedAt).toBe(sentAt - 1_000)
  })
})

describe('a wall clock that is set', () => {
  const HOUR_MS = 3_600_000

  it.each([
    ['ahead', HOUR_MS],
    ['back', -HOUR_MS],
  ])('an hour %s makes no gap longer or shorter', async (_, ms) => {
    await connected()
    await world.advance(20_000)
    world.socket.says({ op: 11 })
    world.clock.setWallAhead(ms)
    await world.advance(5_000)
    world.socket.says({ t: null, s: null, op: 9, d: false })
    await world.advance(5_000)
    await hello()
    const now = world.clock.wallAt()
    ready('session-b')
    const [gap] = world.events('holdfast.gap').map(({ data }) => data as { from: string; to: string })
    expect(Date.parse(gap?.to ?? '')).toBe(now)
    // From the heartbeat that was answered, less what the fan-out may take.
    expect(now - Date.parse(gap?.from ?? '')).toBe(11_000)
  })

  it('is what the next checkpoint goes by', async () => {
    await connected()
    await world.advance(20_000)
    world.clock.setWallAhead(-HOUR_MS)
    world.socket.says({ op: 11 })
    await world.advance(200)
    expect((world.store.last as DiscordSession).confirmedAt).toBe(world.clock.wallAt() - 1_200)
  })
})

describe('the instant during a replay', () => {
  it('does not move by a heartbeat that is answered before everything missed has come again', async () => {
    await startDriver(STORED)
    await hello()
    await world.advance(20_000)
    world.socket.says({ op: 11 })
    message(42)
    await world.advance(200)
    expect(world.store.last).toMatchObject({ sequence: 42, confirmedAt: STORED.confirmedAt })
  })
})

describe('stop', () => {
  it('takes no more, waits for confirms, writes the checkpoint, then closes with 4000', async () => {
    await connected()
    world.confirming = false
    message(2)
    const stopped = driver.stop(5_000)
    await world.settle()
    message(3)
    expect(world.types.filter((type) => type === 'discord.MESSAGE_CREATE')).toHaveLength(1)
    expect(world.socket.closedWith).toBeUndefined()
    world.published.at(-1)?.confirm()
    await stopped
    expect(world.store.last).toMatchObject({ sequence: 2 })
    expect(world.socket.closedWith).toBe(4000)
    expect(driver.status().state).toBe('stopped')
  })

  it('does not wait longer than its grace', async () => {
    await connected()
    world.confirming = false
    message(2)
    const stopped = driver.stop(5_000)
    await world.settle()
    await world.advance(5_000)
    await stopped
    expect(world.store.last).toMatchObject({ sequence: 1 })
    expect(world.socket.closedWith).toBe(4000)
  })

  it('ends also when another gateway takes the shard over while it drains', async () => {
    await connected()
    message(2)
    world.confirming = false
    message(3)
    const stopped = driver.stop(60_000)
    await world.settle()
    world.store.answer = 'refused'
    await world.advance(200)
    await stopped
    expect(driver.status()).toMatchObject({
      state: 'stopped',
      why: expect.stringContaining('another gateway'),
    })
  })

  it('may come before start, twice, and while connecting', async () => {
    await startDriver()
    const [first, second] = [driver.stop(1_000), driver.stop(1_000)]
    await first
    await second
    expect(world.socket.closedWith).toBe(4000)
    await driver.start(nextFence())
    expect(world.sockets).toHaveLength(1)
  })
})

describe('where there is no room for what Redis has not taken', () => {
  it('closes its socket so that the session stays, says why it waits, and resumes from what is confirmed', async () => {
    const room = new FakeRoom()
    await connected(undefined, { room })
    world.confirming = false
    message(2)
    room.fill(true)
    expect(world.socket.closedWith).toBe(4000)
    expect(driver.status()).toMatchObject({
      state: 'waiting',
      why: expect.stringContaining('there is no room'),
    })
    world.published.at(-1)?.confirm()
    room.fill(false)
    await world.advance(500)
    await hello()
    expect(world.socket.frames.at(-1)).toMatchObject({ op: 6, d: { session_id: 'session-a', seq: 2 } })
    expect(world.counts.identifies).toBe(1)
  })

  it('announces the gap of a session that Discord gave up meanwhile', async () => {
    const room = new FakeRoom()
    await connected(undefined, { room })
    room.fill(true)
    await world.advance(120_000)
    expect(world.sockets).toHaveLength(1)
    room.fill(false)
    await world.advance(500)
    await hello()
    world.socket.says({ t: null, s: null, op: 9, d: false })
    await world.advance(5_000)
    await hello()
    ready('session-b')
    expect(world.events('holdfast.gap')).toMatchObject([{ data: { why: 'session-lost' } }])
  })

  it('begins no socket, and takes note of room that came without a word', async () => {
    const room = new FakeRoom()
    room.full = true
    await startDriver(undefined, { room })
    expect(world.sockets).toHaveLength(0)
    expect(world.calls).toHaveLength(0)
    room.full = false
    await world.advance(15_000)
    await world.advance(5_000)
    expect(world.sockets).toHaveLength(1)
  })

  it('listens to nobody any more once it has stopped', async () => {
    const room = new FakeRoom()
    await connected(undefined, { room })
    expect(room.watchers.size).toBe(1)
    await driver.stop(0)
    expect(room.watchers.size).toBe(0)
  })
})

/** Room that the test gives and takes. */
class FakeRoom implements Room {
  full = false
  readonly watchers = new Set<(full: boolean) => void>()

  watch(onChange: (full: boolean) => void): () => void {
    this.watchers.add(onChange)
    return () => this.watchers.delete(onChange)
  }

  fill(full: boolean): void {
    this.full = full
    for (const tell of this.watchers) tell(full)
  }
}

describe('beside the holder of the shard', () => {
  it('has arrived once Discord takes the token, without a socket and without the session', async () => {
    makeDriver(STORED)
    expect(await driver.arrive(7)).toEqual({ kind: 'arrived' })
    driver.proceed()
    expect(world.calls.map(({ path }) => path)).toEqual(['/api/v10/gateway/bot'])
    expect(world.sockets).toEqual([])
    expect(world.store.saved).toEqual([])
  })

  it('can’t arrive with a token that Discord refuses, and says what to do', async () => {
    makeDriver(STORED)
    world.answers.set('gateway/bot', 401)
    expect(await driver.arrive(7)).toEqual({
      kind: 'failed',
      why: expect.stringContaining('Discord refuses the token (401)'),
    })
  })

  it.each([429, 500, 503])(
    'has arrived where Discord answers %i: an outage of its REST API holds up nobody',
    async (status) => {
      makeDriver(STORED)
      world.answers.set('gateway/bot', status)
      expect(await driver.arrive(7)).toEqual({ kind: 'arrived' })
    },
  )

  it('has arrived where Discord does not answer within 3 s', async () => {
    makeDriver(STORED, {
      fetch: (_url, init) =>
        new Promise((_, reject) =>
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)),
        ),
    })
    const arrived = driver.arrive(7)
    await world.advance(3_000)
    expect(await arrived).toEqual({ kind: 'arrived' })
  })

  it('asks once for all shards of a bot', async () => {
    makeDriver()
    const api = { apiUrl: 'https://discord.example/api/v10', token: TOKEN, fetch: world.fetch }
    const check = new TokenCheck(api, world.clock)
    world.answers.set('gateway/bot', 401)
    const whys = await Promise.all(Array.from({ length: 100 }, () => check.refusal()))
    expect(new Set(whys).size).toBe(1)
    expect(world.calls).toHaveLength(1)
    world.answers.set('gateway/bot', GATEWAY_BOT)
    await world.advance(10_000)
    expect(await check.refusal()).toBeUndefined()
    expect(world.calls).toHaveLength(2)
  })

  it('resumes from the checkpoint that the holder has written last, once the shard is its own', async () => {
    makeDriver(STORED)
    await driver.arrive(7)
    world.store.stored = { ...STORED, sessionId: 'session-later', sequence: 99 }
    await driver.own(8)
    await hello()
    expect(world.socket.frames).toEqual([
      { op: 6, d: { token: TOKEN, session_id: 'session-later', seq: 99 } },
    ])
    dispatch(100, 'RESUMED', {})
    expect(world.published[0]?.origin.lease).toMatchObject({ unit: 'bastion/0', fence: 8 })
  })
})

describe('a shard that yields', () => {
  it('has confirmed what came, written it, and closed so that the session stays, before it says so', async () => {
    await connected()
    world.confirming = false
    message(2)
    const lingering = world.socket
    lingering.lingers = true
    let yielded: string | undefined
    void driver.yield(5_000).then((how) => {
      yielded = how
    })
    await world.settle()
    message(3)
    expect(lingering.closedWith).toBeUndefined()
    world.published.at(-1)?.confirm()
    await world.settle()
    expect(world.store.last).toMatchObject({ sequence: 2 })
    expect(lingering.closedWith).toBe(4000)
    expect(yielded).toBeUndefined()
    lingering.drops(4000)
    await world.settle()
    expect(yielded).toBe('closed')
  })

  it('is resumed by a new driver under the same number where nobody took it', async () => {
    await connected()
    message(2)
    await driver.yield(5_000)
    const stored = world.store.last as DiscordSession
    const publishedBefore = world.published.map(({ event }) => event.id)
    const fence = world.published[0]?.origin.lease?.fence ?? 0
    makeDriver(stored)
    await driver.start(fence)
    await world.settle()
    await hello()
    expect(world.socket.frames).toMatchObject([{ op: 6, d: { session_id: 'session-a', seq: 2 } }])
    message(3)
    dispatch(4, 'RESUMED', {})
    await world.advance(200)
    expect(world.types).toEqual(['discord.MESSAGE_CREATE', 'discord.RESUMED'])
    expect(publishedBefore).not.toContain(world.published[0]?.event.id)
    expect(world.store.last).toMatchObject({ sessionId: 'session-a', sequence: 4 })
    expect(driver.status().state).toBe('connected')
  })
})

describe('an owner that was frozen while another took its shard', () => {
  const refusing: IdentifyPermits = {
    acquire: () => Promise.reject(new Error('no permit may be asked for')),
    announce: () => () => {},
  }

  function thawed() {
    const fencedBy = { count: 0 }
    return { fencedBy, own: { isOurs: async () => false, onFenced: () => void fencedBy.count++ } }
  }

  it('lets go, calmly and once, when its events come out as fenced: no identify, no gap, nothing stored', async () => {
    const { fencedBy, own } = thawed()
    await connected(STORED, { ...own, permits: refusing })
    world.confirming = false
    message(43)
    message(44)
    world.socket.drops(4000, 'resumed elsewhere')
    const savedBefore = world.store.saved.length
    world.store.answer = 'refused'
    for (const { origin } of world.published.slice(-2)) origin.lease?.onFenced()
    expect(fencedBy.count).toBe(2)
    await world.advance(600_000)
    expect(world.sockets).toHaveLength(1)
    expect(world.types).not.toContain('holdfast.gap')
    expect(world.store.saved).toHaveLength(savedBefore)
    expect(driver.status().state).toBe('stopped')
    expect(world.lines.filter(({ level }) => level !== 'info')).toMatchObject([
      { level: 'warn', message: expect.stringContaining('another gateway has taken it over') },
    ])
  })

  it('spends no permit and never identifies, also where Discord has ended its session', async () => {
    const { fencedBy, own } = thawed()
    const limit = { total: 1_000, remaining: 900, resetAfterMs: 60_000, maxConcurrency: 1 }
    const spent: string[] = []
    const permits = new LocalPermits({
      clock: new ManualClock(),
      log: { info() {}, warn() {}, error() {} },
      calls: {
        take: async (key) => {
          spent.push(key)
          return { kind: 'granted' }
        },
      },
      key: 'bastion',
      readLimit: async () => limit,
    })
    await connected(STORED, { ...own, permits })
    world.socket.says({ op: 9, d: false })
    await world.advance(10_000)
    await hello()
    await world.settle()
    expect(spent).toEqual([])
    expect(world.sockets.flatMap(({ frames }) => frames.map(({ op }) => op))).toEqual([6])
    expect(world.types).not.toContain('holdfast.gap')
    expect(fencedBy.count).toBe(1)
    expect(driver.status()).toMatchObject({
      state: 'stopped',
      why: expect.stringContaining('another gateway'),
    })
    expect(world.socket.closedWith).toBe(4000)
  })
})
