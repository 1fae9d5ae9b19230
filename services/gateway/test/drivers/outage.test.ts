import type { Checkpoint, DiscordSession, SlackRtmPresence } from '@holdfast/ownership'
import { afterEach, describe, expect, it } from 'vitest'
import { createDiscordDriver } from '../../src/drivers/discord-driver.ts'
import { createSlackRtmDriver } from '../../src/drivers/slack-rtm-driver.ts'
import { createSlackSocketModeDriver } from '../../src/drivers/slack-socket-mode-driver.ts'
import type { ConnectionDriver } from '../../src/ports.ts'
import { nextFence, World } from './world.ts'

/* What the drivers do while Redis is away: what the journal holds counts, and what nobody can hold is told. */

let world: World
let driver: ConnectionDriver
let fence: number

afterEach(async () => {
  const stopped = driver.stop(0)
  await world.settle()
  await world.advance(0)
  await stopped
  await world.settle()
  expect(world.clock.timerCount, 'timers left').toBe(0)
  expect(world.room.watcherCount, 'watchers left').toBe(0)
  expect(world.logText()).not.toContain('hush')
})

async function start(): Promise<void> {
  fence = nextFence()
  await driver.start(fence)
  await world.settle()
}

function redisGoes(): void {
  world.confirming = false
  world.store.answer = new Error('Redis is away')
}

describe('a Slack RTM driver', () => {
  const STORED: SlackRtmPresence = {
    ...{ kind: 'slack-rtm', teamId: 'T1', botUserId: 'UBOT', appId: 'A1' },
    caughtUpAt: Date.UTC(2025, 11, 31, 23, 59, 30),
  }

  function prepare(stored?: SlackRtmPresence): void {
    world = new World(stored)
    world.answers.set('api/auth.test', { ok: true, team_id: 'T1', user_id: 'UBOT', bot_id: 'B1' })
    world.answers.set('api/bots.info', { ok: true, bot: { app_id: 'A1' } })
    world.answers.set('api/rtm.connect', { ok: true, url: 'wss://rtm.example/1', self: { id: 'UBOT' } })
    driver = createSlackRtmDriver({
      ...{ ...world.deps, connection: 'acme', token: 'xoxb-secret', apiUrl: 'https://slack.example/api/' },
    })
  }

  async function connect(): Promise<void> {
    await start()
    world.socket.open()
    world.socket.says({ type: 'hello' })
    await world.settle()
  }

  function message(ts: string): void {
    world.socket.says({ type: 'message', channel: 'C1', user: 'U1', text: 'hush', ts })
  }

  /** A second passes and a ping is answered: nothing of before is missing. */
  async function prove(): Promise<void> {
    await world.advance(5_000)
    const ping = world.socket.frames.filter((frame) => frame.type === 'ping').at(-1)
    world.socket.says({ type: 'pong', reply_to: ping?.id })
    await world.advance(1_000)
  }

  const mark = () => world.marks.get('acme')
  const markedAt = () => (mark()?.checkpoint as SlackRtmPresence | undefined)?.caughtUpAt
  const gaps = () => world.events('holdfast.gap').map(({ data }) => data)

  it('leaves a mark that counts what the journal holds, and takes it back once the checkpoint is stored', async () => {
    prepare()
    await connect()
    redisGoes()
    const beforeAt = world.clock.wallAt()
    message('1.1')
    await prove()
    expect(markedAt() ?? 0, 'nothing has it yet').toBeLessThanOrEqual(beforeAt)
    world.published.at(-1)?.keep()
    expect(mark()).toMatchObject({ fence, checkpoint: { kind: 'slack-rtm' } })
    expect(markedAt()).toBeGreaterThan(beforeAt)
    const stored = () => world.store.last as SlackRtmPresence
    expect(stored().caughtUpAt).toBeLessThanOrEqual(beforeAt)
    world.store.answer = 'saved'
    world.published.at(-1)?.confirm()
    await world.advance(2_000)
    expect(stored().caughtUpAt).toBeGreaterThan(beforeAt)
    expect(mark()).toBeUndefined()
  })

  it('moves its mark on while nothing comes: a quiet time is no gap', async () => {
    prepare()
    await connect()
    redisGoes()
    await prove()
    const first = markedAt() ?? 0
    await prove()
    expect(markedAt()).toBeGreaterThan(first)
  })

  it.each([
    ['of the holder before, which nobody has served since', 1, true],
    ['of its own number', 0, true],
    ['of one before another', 2, false],
  ])('goes on from a mark %s: %#', async (_, behind, used) => {
    prepare(STORED)
    const caughtUpAt = STORED.caughtUpAt + 20_000
    const checkpoint: Checkpoint = { ...STORED, caughtUpAt }
    world.left.set('acme', { fence: nextFence() + 1 - behind, checkpoint })
    await connect()
    const from = new Date(used ? caughtUpAt : STORED.caughtUpAt).toISOString()
    expect(gaps()).toMatchObject([{ why: 'rtm-disconnected', from }])
  })

  it('goes on from what is stored where that knows more than the mark', async () => {
    prepare(STORED)
    const checkpoint: Checkpoint = { ...STORED, caughtUpAt: STORED.caughtUpAt - 60_000 }
    world.left.set('acme', { fence: nextFence(), checkpoint })
    await connect()
    expect(gaps()).toMatchObject([{ from: new Date(STORED.caughtUpAt).toISOString() }])
  })

  it('never counts a gap as kept: its history is owed until it is confirmed', async () => {
    prepare(STORED)
    redisGoes()
    await connect()
    message('1.1')
    for (const { keep } of world.published.slice(1)) keep()
    await prove()
    expect(markedAt()).toBe(STORED.caughtUpAt)
  })

  it('without room keeps its socket, drops and counts what comes, and announces it once there is room', async () => {
    prepare()
    await connect()
    message('1.1')
    await prove()
    world.room.turns(true)
    const fullAt = world.clock.wallAt()
    for (const ts of ['2.1', '2.2', '2.3']) message(ts)
    world.socket.says({ type: 'pong', reply_to: 99 })
    await prove()
    expect(world.types).toEqual(['slack.message'])
    expect(world.counts.dropped).toBe(3)
    expect(world.socket.closedWith).toBeUndefined()
    expect(world.lines.filter(({ level }) => level === 'error')).toHaveLength(1)
    const presence = world.store.last as SlackRtmPresence
    expect(presence.caughtUpAt, 'what was dropped is not behind it').toBeLessThan(fullAt)
    world.room.turns(false)
    expect(gaps()).toMatchObject([
      { why: 'journal-full', missedCount: 3, from: new Date(fullAt - 1_000).toISOString() },
    ])
    message('3.1')
    expect(world.types).toEqual(['slack.message', 'holdfast.gap', 'slack.message'])
    await prove()
    expect((world.store.last as SlackRtmPresence).caughtUpAt).toBeGreaterThan(fullAt)
  })

  it('announces nothing where nothing came while there was no room', async () => {
    prepare()
    await connect()
    world.room.turns(true)
    world.room.turns(false)
    expect(gaps()).toEqual([])
  })

  it('drops without counting what nobody wants', async () => {
    prepare()
    await connect()
    world.wanting = false
    world.room.turns(true)
    message('1.1')
    expect(world.counts.dropped).toBe(0)
  })
})

describe('a Discord driver', () => {
  const STORED: DiscordSession = {
    ...{ kind: 'discord', sessionId: 's1', resumeUrl: 'wss://resume.example', sequence: 41 },
    ...{ confirmedAt: Date.UTC(2025, 11, 31), shard: [0, 1], applicationId: '102', botUserId: '101' },
  }

  function prepare(stored: DiscordSession): void {
    world = new World(stored)
    driver = createDiscordDriver({
      ...{ ...world.deps, connection: 'bastion', token: 'secret', intents: 513, shard: [0, 1] },
      apiUrl: 'https://discord.example/api/v10',
      permits: { acquire: async () => 'granted', announce: () => () => {} },
    })
  }

  function dispatch(sequence: number, type = 'MESSAGE_CREATE'): void {
    const data = { id: `90000000000000${sequence}`, channel_id: '5', content: 'hush' }
    world.socket.says({ op: 0, s: sequence, t: type, d: data })
  }

  async function hello(): Promise<void> {
    world.socket.open()
    world.socket.says({ op: 10, s: null, t: null, d: { heartbeat_interval: 40_000 } })
    await world.settle()
  }

  async function resume(): Promise<void> {
    await start()
    await hello()
    world.socket.says({ op: 0, s: 42, t: 'RESUMED', d: {} })
    await world.settle()
  }

  const askedFor = () => world.socket.frames.find(({ op }) => op === 6)?.d as { seq: number } | undefined
  const marked = () => world.marks.get('bastion/0')?.checkpoint as DiscordSession | undefined

  it('resumes from what is confirmed or kept without a hole, for Discord’s own buffer is short', async () => {
    prepare(STORED)
    await resume()
    await world.advance(1_000)
    redisGoes()
    for (const sequence of [43, 44, 45, 46]) dispatch(sequence)
    const [first, second, , fourth] = world.published.slice(-4)
    for (const event of [first, second, fourth]) event?.keep()
    world.socket.drops(1006)
    while (world.sockets.length < 2) await world.advance(100)
    await hello()
    expect(askedFor()?.seq).toBe(44)
    expect(marked()?.sequence).toBe(44)
    expect(world.store.last, 'what is stored is confirmed').toMatchObject({ sequence: 42 })
  })

  it('goes on from the mark of an earlier process', async () => {
    prepare(STORED)
    world.left.set('bastion/0', { fence: nextFence(), checkpoint: { ...STORED, sequence: 57 } })
    await start()
    await hello()
    expect(askedFor()?.seq).toBe(57)
  })

  it('stores nothing beyond what Redis has until it has all that came before the mark', async () => {
    prepare(STORED)
    const mark = { ...STORED, sequence: 57 }
    world.left.set('bastion/0', { fence: nextFence(), checkpoint: mark })
    let replay = () => {}
    world.replayed = new Promise((resolve) => {
      replay = resolve
    })
    await start()
    await hello()
    world.socket.says({ op: 0, s: 57, t: 'RESUMED', d: {} })
    await world.settle()
    dispatch(58)
    await world.advance(5_000)
    expect(world.store.saved).toEqual([])
    expect(marked(), 'for the next on this disk').toMatchObject({ sequence: 58 })
    replay()
    await world.settle()
    expect(world.store.last).toMatchObject({ sequence: 58 })
    expect(marked()).toBeUndefined()
  })

  it('waits within its grace for confirms of what is kept, then leaves it to the journal and its mark', async () => {
    prepare(STORED)
    await resume()
    redisGoes()
    dispatch(43)
    world.published.at(-1)?.keep()
    let ended = false
    const stopped = driver.stop(3_000).then(() => {
      ended = true
    })
    await world.advance(2_900)
    expect(ended).toBe(false)
    await world.advance(200)
    await stopped
    expect(marked()?.sequence).toBe(43)
  })

  it('ends its drain as soon as what is kept is confirmed too', async () => {
    prepare(STORED)
    await resume()
    world.confirming = false
    dispatch(43)
    world.published.at(-1)?.keep()
    const stopped = driver.stop(3_000)
    await world.settle()
    world.published.at(-1)?.confirm()
    await stopped
    expect(world.store.last).toMatchObject({ sequence: 43 })
  })
})

describe('a Socket Mode driver', () => {
  async function connect(): Promise<void> {
    world = new World()
    world.answers.set('api/auth.test', { ok: true, team_id: 'T1', user_id: 'UBOT', bot_id: 'B1' })
    world.answers.set('api/apps.connections.open', { ok: true, url: 'wss://link.example/?ticket=1' })
    driver = createSlackSocketModeDriver({
      ...{ ...world.deps, connection: 'acme', appToken: 'xapp-1', botToken: 'xoxb-1', sockets: 1 },
      apiUrl: 'https://slack.example/api/',
    })
    await start()
    world.socket.open()
    world.socket.says({ type: 'hello', num_connections: 1, connection_info: { app_id: 'A1' } })
    await world.settle()
  }

  function message(ts: string): void {
    const event = { type: 'message', channel: 'C1', user: 'U1', text: 'hush', ts }
    const payload = { type: 'event_callback', team_id: 'T1', event_id: `Ev${ts}`, event }
    world.socket.says({ envelope_id: `e-${ts}`, type: 'events_api', payload, retry_attempt: 0 })
  }

  /** Slack pings its sockets. */
  async function passes(minutes: number): Promise<void> {
    for (let tick = 0; tick < minutes * 6; tick++) {
      world.socket.lives()
      await world.advance(10_000)
    }
  }

  it('without room acknowledges what nobody wants', async () => {
    await connect()
    world.wanting = false
    world.room.turns(true)
    message('1.1')
    expect(world.socket.frames).toEqual([{ envelope_id: 'e-1.1' }])
    expect([world.published, world.counts.withheld]).toEqual([[], 0])
  })

  it.each([
    [4, []],
    [6, [{ why: 'journal-full' }]],
  ])('without room for %d min announces only what Slack repeats no more', async (minutes, gaps) => {
    await connect()
    world.room.turns(true)
    message('1.1')
    await passes(minutes)
    expect([world.published, world.counts.withheld]).toEqual([[], 1])
    world.room.turns(false)
    expect(world.events('holdfast.gap').map(({ data }) => data)).toMatchObject(gaps)
  })

  it('where room comes and goes announces what found none each time, once Slack repeats it no more', async () => {
    await connect()
    world.room.turns(true)
    for (const ts of ['1.1', '1.2']) message(ts)
    const from = new Date(world.clock.wallAt()).toISOString()
    for (let minute = 0; minute < 5; minute += 1) {
      world.room.turns(false)
      await passes(1)
      world.room.turns(true)
      message('1.1')
    }
    world.room.turns(false)
    message('1.2')
    expect(world.types).toEqual(['slack.message'])
    await passes(1)
    expect(world.events('holdfast.gap').map(({ data }) => data)).toMatchObject([
      { why: 'journal-full', from, to: from },
    ])
    await passes(10)
    expect(world.events('holdfast.gap')).toHaveLength(1)
  })

  it('where all that found no room comes again when there is some announces nothing', async () => {
    await connect()
    world.room.turns(true)
    message('1.1')
    world.room.turns(false)
    await passes(1)
    message('1.1')
    await passes(10)
    expect(world.types).toEqual(['slack.message'])
  })
})
