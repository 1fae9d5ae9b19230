import type { SlackSocketPresence } from '@holdfast/ownership'
import { afterEach, describe, expect, it } from 'vitest'
import { createSlackSocketModeDriver } from '../../src/drivers/slack-socket-mode-driver.ts'
import type { ConnectionDriver } from '../../src/ports.ts'
import { type FakeSocket, nextFence, World } from './world.ts'

const APP_TOKEN = 'xapp-secret'
const BOT_TOKEN = 'xoxb-secret'
const MINUTE_MS = 60_000

let world: World
let driver: ConnectionDriver

/** An earlier run of the same app, `ms` before this one. */
const storedBefore = (ms: number, appId = 'A1'): SlackSocketPresence => ({
  kind: 'slack-socket-mode',
  appId,
  teamId: 'T1',
  heardAt: new World().clock.wallAt() - ms,
})

function prepare({ sockets = 1, stored }: { sockets?: number; stored?: SlackSocketPresence } = {}): void {
  world = new World(stored)
  world.answers.set('api/auth.test', { ok: true, team_id: 'T1', user_id: 'UBOT', bot_id: 'B1' })
  world.answers.set('api/apps.connections.open', { ok: true, url: 'wss://link.example/?ticket=1' })
  driver = createSlackSocketModeDriver({
    ...world.deps,
    connection: 'acme',
    appToken: APP_TOKEN,
    botToken: BOT_TOKEN,
    apiUrl: 'https://slack.example/api/',
    sockets,
  })
}

async function start(): Promise<void> {
  await driver.start(nextFence())
  await world.settle()
}

function hello(socket: FakeSocket, socketCount = 1, appId = 'A1'): void {
  socket.open()
  socket.says({
    type: 'hello',
    num_connections: socketCount,
    connection_info: { app_id: appId },
    debug_info: { host: 'applink-1', approximate_connection_time: 18_060 },
  })
}

async function connected(options: Parameters<typeof prepare>[0] = {}): Promise<void> {
  prepare(options)
  await start()
  for (const socket of world.sockets) hello(socket, world.sockets.length)
}

function envelope(type: string, payload: unknown, fields: object = {}): object {
  const common = { accepts_response_payload: false, retry_attempt: 0, retry_reason: '' }
  return { envelope_id: 'e1', type, payload, ...common, ...fields }
}

function message(ts: string, fields: object = {}): object {
  const event = { type: 'message', channel: 'C1', user: 'U1', text: 'hush', ts }
  const callback = { type: 'event_callback', team_id: 'T1', event_id: `Ev${ts}`, event }
  return envelope('events_api', callback, { envelope_id: `e-${ts}`, ...fields })
}

const command = () =>
  envelope('slash_commands', { command: '/tides', team_id: 'T1', channel_id: 'C1', trigger_id: '1.2' })

const acknowledged = (socket = world.socket) => socket.frames.map(({ envelope_id: id }) => id)
const presence = () => world.store.last as SlackSocketPresence

function journaled(): string[] {
  const kept: string[] = []
  world.journal.keep = async ({ type }) => {
    kept.push(type)
    return { settle() {} }
  }
  return kept
}

afterEach(async () => {
  const stopped = driver.stop(0)
  await world.settle()
  await world.advance(0)
  await stopped
  await world.settle()
  expect(world.clock.timerCount, 'timers left').toBe(0)
  for (const secret of [APP_TOKEN, BOT_TOKEN, 'hush']) expect(world.logText()).not.toContain(secret)
})

describe('a Socket Mode driver', () => {
  it('learns the workspace with the bot token, opens its sockets with the app token, and publishes what comes', async () => {
    await connected({ sockets: 2 })
    expect(world.calls.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/api/auth.test', `Bearer ${BOT_TOKEN}`],
      ['/api/apps.connections.open', `Bearer ${APP_TOKEN}`],
      ['/api/apps.connections.open', `Bearer ${APP_TOKEN}`],
    ])
    world.sockets[0]?.says(message('1.1'))
    world.sockets[1]?.says(command())
    expect(world.types).toEqual(['slack.message', 'slack.slash_commands'])
    expect(world.events('slack.message')[0]).toMatchObject({
      id: 'slack~A1~message~T1~C1~1.1',
      workspace: 'T1',
      subject: 'T1/C1',
      delivery: 'live',
    })
    expect(world.counts.received).toEqual(world.types)
    expect(driver.status()).toMatchObject({
      transport: 'socket-mode',
      state: 'connected',
      sockets: { open: 2, wanted: 2 },
    })
  })

  it('acknowledges on the socket an envelope came on, when its event is confirmed and not before', async () => {
    await connected({ sockets: 2 })
    world.confirming = false
    const [one, other] = world.sockets as [FakeSocket, FakeSocket]
    one.says(message('1.1'))
    other.says(message('1.2'))
    expect([...one.sent, ...other.sent]).toEqual([])
    world.published[1]?.confirm()
    expect([acknowledged(one), acknowledged(other)]).toEqual([[], ['e-1.2']])
    world.published[0]?.confirm()
    expect([acknowledged(one), acknowledged(other)]).toEqual([['e-1.1'], ['e-1.2']])
  })

  it('says of what Slack delivers again that it is that', async () => {
    await connected()
    world.socket.says(message('1.1', { retry_attempt: 1, retry_reason: 'timeout' }))
    expect(world.events('slack.message')[0]).toMatchObject({ delivery: 'retry' })
  })

  it('acknowledges a slash command once the journal has it, when Redis takes too long', async () => {
    await connected()
    const kept = journaled()
    world.confirming = false
    world.socket.says(command())
    world.socket.says(message('1.1'))
    await world.advance(2_500)
    expect(kept).toEqual(['slack.slash_commands'])
    expect(acknowledged()).toEqual(['e1'])
  })

  it('leaves a slash command unacknowledged and says so when there is no journal either', async () => {
    await connected()
    world.confirming = false
    world.socket.says(command())
    await world.advance(2_500)
    expect(acknowledged()).toEqual([])
    expect(world.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { fields: { type: 'slack.slash_commands' }, message: expect.stringContaining('journal') },
    ])
  })

  it('queues envelopes of a type that it does not know', async () => {
    await connected()
    world.socket.says(envelope('telepathy', { thought: 'hush' }))
    expect(world.types).toEqual(['slack.envelope.telepathy'])
    expect(acknowledged()).toEqual(['e1'])
    expect(world.counts.malformed).toBe(0)
  })

  it.each([
    ['events_api', { type: 'event_callback' }],
    ['interactive', ['no object']],
    ['slash_commands', {}],
    ['events_api', undefined],
  ])(
    'counts a payload of %s that is not understood, and queues it as the envelope that it is',
    async (type, payload) => {
      await connected()
      world.confirming = false
      world.socket.says(envelope(type, payload))
      expect(world.types).toEqual([`slack.envelope.${type}`])
      expect(world.counts.malformed).toBe(1)
      expect(acknowledged()).toEqual([])
      world.published[0]?.confirm()
      expect(acknowledged()).toEqual(['e1'])
    },
  )

  it('acknowledges at once what is no event', async () => {
    await connected()
    world.socket.says(envelope('events_api', { type: 'url_verification', challenge: 'x' }))
    expect(world.types).toEqual([])
    expect(acknowledged()).toEqual(['e1'])
  })

  it('survives frames that it can’t read', async () => {
    await connected()
    world.socket.says('{')
    world.socket.says({ type: 7 })
    world.socket.says(message('1.1'))
    expect(world.counts.malformed).toBe(2)
    expect(acknowledged()).toEqual(['e-1.1'])
  })
})

describe('the sockets of an app', () => {
  it('are one connection: it is connected while one of them serves, and says what the others wait for', async () => {
    await connected({ sockets: 2 })
    world.sockets[0]?.drops(1006)
    expect(driver.status()).toMatchObject({
      state: 'connected',
      why: expect.stringMatching(/^1 of 2 sockets: the socket closed: 1006/),
      sockets: { open: 1, wanted: 2 },
    })
    world.sockets[1]?.drops(1006)
    expect(driver.status()).toMatchObject({ state: 'waiting', sockets: { open: 0, wanted: 2 } })
    await world.advance(5_000)
    for (const socket of world.sockets.slice(2)) hello(socket, 2)
    const { state, why } = driver.status()
    expect({ state, why }).toEqual({ state: 'connected', why: undefined })
    expect(world.counts.states.at(-1)).toBe('connected')
  })

  it('stay as they are when Slack allows no more: the one that is refused waits long', async () => {
    prepare({ sockets: 2 })
    await start()
    hello(world.sockets[0] as FakeSocket)
    world.socket.open()
    world.socket.says({ type: 'disconnect', reason: 'too_many_websockets' })
    expect(driver.status()).toMatchObject({
      state: 'connected',
      why: expect.stringMatching(/^1 of 2 sockets: .*too_many_websockets/),
    })
    const pass = async (seconds: number) => {
      for (let passed = 0; passed < seconds; passed += 5) {
        world.sockets[0]?.lives()
        await world.advance(5_000)
      }
    }
    await pass(55)
    expect(world.sockets).toHaveLength(2)
    await pass(40)
    expect(world.sockets).toHaveLength(3)
  })

  it('are watched for others of the same app, which would take part of its events', async () => {
    prepare()
    await start()
    hello(world.socket, 3)
    const told = () => world.lines.filter(({ message }) => message.includes('another process'))
    expect(told()).toMatchObject([{ fields: { socketCount: 3, foreignCount: 2 } }])
    world.socket.drops(1006)
    await world.advance(5_000)
    hello(world.socket, 3)
    expect(told()).toHaveLength(1)
  })

  it('are opened by a budget that outlives the process', async () => {
    await connected()
    world.budget.take = async () => ({ kind: 'spent', waitMs: 600_000 })
    world.socket.drops(1006)
    await world.advance(60_000)
    expect(world.sockets).toHaveLength(1)
    expect(driver.status()).toMatchObject({ state: 'waiting', why: expect.stringContaining('budget') })
  })

  it('are not opened under a guess: while the workspace can’t be learned, nothing is', async () => {
    prepare({ sockets: 2 })
    world.answers.set('api/auth.test', 503)
    await start()
    expect(world.sockets).toHaveLength(0)
    expect(driver.status()).toMatchObject({ state: 'waiting', why: expect.stringContaining('http_503') })
  })

  it('belong to the app that the first hello named, whatever a later one says', async () => {
    await connected({ sockets: 2 })
    world.sockets[0]?.says(message('1.1'))
    world.sockets[1]?.says({ type: 'hello', num_connections: 2, connection_info: { app_id: 'A2' } })
    world.sockets[1]?.says(message('1.1', { retry_attempt: 1 }))
    expect(new Set(world.published.map(({ event }) => event.id)).size).toBe(1)
  })

  it('whose hello does not name the app do not serve', async () => {
    prepare()
    await start()
    world.socket.open()
    world.socket.says({ type: 'hello', num_connections: 1 })
    world.socket.drops(1000)
    expect(driver.status()).toMatchObject({ state: 'waiting' })
    expect(world.counts.malformed).toBe(1)
  })

  it.each([
    ['auth.test', 'botToken'],
    ['apps.connections.open', 'appToken'],
  ])('end with advice when %s refuses the token', async (method, setting) => {
    prepare({ sockets: 2 })
    world.answers.set(`api/${method}`, { ok: false, error: 'invalid_auth' })
    await start()
    expect(driver.status()).toMatchObject({ state: 'fatal', why: expect.stringContaining(setting) })
    const callCount = world.calls.length
    await world.advance(600_000)
    expect(world.calls).toHaveLength(callCount)
  })
})

describe('a refresh', () => {
  it('keeps the old socket until everything that came on it is acknowledged there', async () => {
    await connected()
    world.confirming = false
    const old = world.socket
    old.says(message('1.1'))
    old.says({ type: 'disconnect', reason: 'refresh_requested' })
    await world.settle()
    const next = world.socket
    hello(next, 2)
    next.says(message('1.2'))
    old.says(message('1.3'))
    for (const { confirm } of world.published.slice(0, 2)) confirm()
    expect([acknowledged(old), acknowledged(next)]).toEqual([['e-1.1'], ['e-1.2']])
    expect(old.closedWith).toBeUndefined()
    world.published[2]?.confirm()
    expect(acknowledged(old)).toEqual(['e-1.1', 'e-1.3'])
    expect(old.closedWith).toBe(1000)
    expect(driver.status()).toMatchObject({ state: 'connected', sockets: { open: 1, wanted: 1 } })
  })

  it('waits no longer than ten seconds: Slack delivers the rest again on another socket', async () => {
    await connected()
    world.confirming = false
    const old = world.socket
    old.says(message('1.1'))
    old.says({ type: 'disconnect', reason: 'warning' })
    await world.settle()
    hello(world.socket, 2)
    for (let second = 0; second < 10; second++) {
      world.socket.lives()
      await world.advance(1_000)
    }
    expect(old.closedWith).toBe(1000)
    world.socket.says(message('1.1', { retry_attempt: 1, retry_reason: 'timeout' }))
    expect(world.published).toHaveLength(1)
    world.published[0]?.confirm()
    expect([acknowledged(old), acknowledged(world.socket)]).toEqual([[], ['e-1.1']])
  })
})

describe('a socket', () => {
  it('is pinged, and dropped when it answers nothing', async () => {
    await connected()
    const socket = world.socket
    for (let ping = 0; ping < 4; ping++) {
      socket.lives()
      await world.advance(5_000)
    }
    expect(socket.pingCount).toBe(5)
    expect(socket.closedWith).toBeUndefined()
    await world.advance(15_000)
    expect(socket.closedWith).toBe('terminated')
  })
})

describe('a gap', () => {
  const gaps = () => world.events('holdfast.gap').map(({ data }) => data as { from: string; to: string })

  it('is announced after a restart when nobody was there for longer than Slack repeats, before what follows', async () => {
    await connected({ stored: storedBefore(6 * MINUTE_MS) })
    world.socket.says(message('1.1'))
    expect(world.types).toEqual(['holdfast.gap', 'slack.message'])
    expect(gaps()).toMatchObject([
      {
        why: 'socket-mode-disconnected',
        from: new Date(world.clock.wallAt() - 6 * MINUTE_MS).toISOString(),
        to: new Date(world.clock.wallAt()).toISOString(),
      },
    ])
    expect(world.counts.gaps).toBe(1)
    expect(world.gapLines).toMatchObject([{ level: 'warn', fields: { seconds: 360 } }])
    expect(driver.status()).toMatchObject({ lastGap: { why: 'socket-mode-disconnected' } })
  })

  it.each([
    ['Slack repeats what was missed', { stored: storedBefore(5 * MINUTE_MS) }],
    ['the token now belongs to another app', { stored: storedBefore(60 * MINUTE_MS, 'A2') }],
    ['nobody was ever there', {}],
  ])('is not announced where %s', async (_why, options) => {
    await connected(options)
    expect(world.types).toEqual([])
  })

  it('is announced by the first hello even if an envelope came before it, which is left to Slack', async () => {
    prepare({ stored: storedBefore(60 * MINUTE_MS) })
    await start()
    world.socket.open()
    world.socket.says(message('1.1'))
    expect([world.types, acknowledged()]).toEqual([[], []])
    hello(world.socket)
    world.socket.says(message('1.1', { retry_attempt: 1 }))
    expect(world.types).toEqual(['holdfast.gap', 'slack.message'])
  })

  it('is announced once, by the first of several sockets that comes back', async () => {
    await connected({ sockets: 2 })
    for (const socket of world.sockets) socket.lives()
    const lastHeardAt = world.clock.wallAt()
    world.answers.set('api/apps.connections.open', 503)
    for (const socket of [...world.sockets]) socket.drops(1006)
    await world.advance(7 * MINUTE_MS)
    world.answers.set('api/apps.connections.open', { ok: true, url: 'wss://link.example/?ticket=2' })
    for (let wait = 0; wait < 8; wait++) await world.advance(MINUTE_MS / 4)
    for (const socket of world.sockets.slice(2)) hello(socket, 2)
    expect(gaps()).toMatchObject([{ from: new Date(lastHeardAt).toISOString() }])
  })

  it('is not announced while another socket serves', async () => {
    await connected({ sockets: 2 })
    const [gone, there] = world.sockets as [FakeSocket, FakeSocket]
    world.answers.set('api/apps.connections.open', 503)
    gone.drops(1006)
    for (let wait = 0; wait < 100; wait++) {
      there.lives()
      await world.advance(5_000)
    }
    world.answers.set('api/apps.connections.open', { ok: true, url: 'wss://link.example/?ticket=2' })
    for (let wait = 0; wait < 24; wait++) {
      there.lives()
      await world.advance(5_000)
    }
    hello(world.socket, 2)
    expect(gaps()).toEqual([])
  })

  it.each([
    ['ahead', 60],
    ['back', -60],
  ])('is none where the wall clock is set an hour %s, and the next socket says hello', async (_, minutes) => {
    await connected()
    await world.advance(20_000)
    world.socket.lives()
    world.clock.setWallAhead(minutes * MINUTE_MS)
    world.socket.drops(1006)
    await world.advance(5_000)
    hello(world.socket)
    expect(gaps()).toEqual([])
    await world.advance(1_000)
    expect(presence().heardAt).toBeLessThanOrEqual(world.clock.wallAt())
    expect(presence().heardAt).toBeGreaterThan(world.clock.wallAt() - MINUTE_MS)
  })

  it.each([
    ['ahead', 60],
    ['back', -60],
  ])('is as long as it was where the wall clock is set an hour %s meanwhile', async (_, minutes) => {
    await connected()
    world.socket.lives()
    world.answers.set('api/apps.connections.open', 503)
    world.socket.drops(1006)
    await world.advance(4 * MINUTE_MS)
    world.clock.setWallAhead(minutes * MINUTE_MS)
    await world.advance(3 * MINUTE_MS)
    world.answers.set('api/apps.connections.open', { ok: true, url: 'wss://link.example/?ticket=2' })
    for (let wait = 0; wait < 8; wait++) await world.advance(MINUTE_MS / 4)
    const now = world.clock.wallAt()
    hello(world.socket)
    expect(gaps()).toMatchObject([
      { from: new Date(now - 9 * MINUTE_MS).toISOString(), to: new Date(now).toISOString() },
    ])
  })

  it('is announced for the minute in which Slack delivered no more than its bound', async () => {
    await connected()
    const minute = Date.UTC(2026, 0, 1, 0, 5)
    world.socket.says(
      envelope('events_api', {
        type: 'app_rate_limited',
        team_id: 'T1',
        minute_rate_limited: minute / 1_000,
        api_app_id: 'A1',
      }),
    )
    expect(world.types).toEqual(['holdfast.gap', 'slack.app_rate_limited'])
    expect(gaps()).toMatchObject([
      {
        why: 'rate-limited',
        from: new Date(minute).toISOString(),
        to: new Date(minute + MINUTE_MS).toISOString(),
      },
    ])
    expect(acknowledged()).toEqual(['e1'])
  })

  it('is not announced for a minute that is none, which goes to the queue all the same', async () => {
    await connected()
    world.socket.says(
      envelope('events_api', {
        type: 'app_rate_limited',
        team_id: 'T1',
        minute_rate_limited: 8_640_000_000_000,
        api_app_id: 'A1',
      }),
    )
    expect(world.types).toEqual(['slack.app_rate_limited'])
    expect(acknowledged()).toEqual(['e1'])
  })
})

describe('the presence', () => {
  it('is stored at the first hello, then every few seconds while something is heard', async () => {
    await connected()
    await world.settle()
    expect(presence()).toEqual({
      kind: 'slack-socket-mode',
      appId: 'A1',
      teamId: 'T1',
      heardAt: world.clock.wallAt(),
    })
    await world.advance(3_000)
    world.socket.lives()
    const heardAt = world.clock.wallAt()
    await world.advance(5_000)
    expect(presence().heardAt).toBe(heardAt)
  })

  it('does not move past what is neither confirmed nor in the journal: Slack will not repeat it for ever', async () => {
    await connected()
    world.confirming = false
    const receivedAt = world.clock.wallAt()
    world.socket.says(message('1.1'))
    await world.advance(10_000)
    world.socket.lives()
    await world.advance(5_000)
    expect(presence().heardAt).toBe(receivedAt)
    world.published[0]?.confirm()
    world.socket.lives()
    await world.advance(5_000)
    expect(presence().heardAt).toBe(receivedAt + 15_000)
  })

  it('does not move past a gap that is not confirmed', async () => {
    const stored = storedBefore(60 * MINUTE_MS)
    prepare({ stored })
    world.confirming = false
    await start()
    hello(world.socket)
    world.socket.lives()
    await world.advance(5_000)
    expect(presence().heardAt).toBe(stored.heardAt)
  })

  it('that is refused makes the driver let go of the connection', async () => {
    await connected({ sockets: 2 })
    await world.settle()
    world.store.answer = 'refused'
    world.socket.lives()
    await world.advance(5_000)
    expect(world.sockets.map(({ closedWith }) => closedWith)).toEqual([1000, 1000])
    expect(driver.status()).toMatchObject({
      state: 'stopped',
      why: expect.stringContaining('another gateway'),
    })
    const told = world.lines.filter(({ message }) => message.includes('another gateway'))
    expect(told.map(({ level }) => level)).toEqual(['warn'])
  })
})

describe('stop', () => {
  it('acknowledges what came on its own socket before that one closes, and takes what comes meanwhile', async () => {
    await connected({ sockets: 2 })
    world.confirming = false
    const [one, other] = world.sockets as [FakeSocket, FakeSocket]
    one.says(message('1.1'))
    const stopped = driver.stop(5_000)
    await world.settle()
    expect([one.closedWith, other.closedWith]).toEqual([undefined, undefined])
    world.confirming = true
    other.says(message('1.2'))
    world.published[0]?.confirm()
    await stopped
    expect([acknowledged(one), acknowledged(other)]).toEqual([['e-1.1'], ['e-1.2']])
    expect([one.closedWith, other.closedWith]).toEqual([1000, 1000])
    expect(driver.status()).toMatchObject({ state: 'stopped', sockets: { open: 0, wanted: 2 } })
  })

  it('does not wait longer than its grace: what is left unacknowledged Slack delivers again', async () => {
    await connected()
    world.confirming = false
    world.socket.says(message('1.1'))
    const stopped = driver.stop(2_000)
    await world.settle()
    await world.advance(2_000)
    await stopped
    expect(world.socket.closedWith).toBe(1000)
    expect(acknowledged()).toEqual([])
  })

  it('publishes what arrives while the sockets close, and leaves it to Slack to hear of that', async () => {
    await connected()
    world.socket.lingers = true
    const stopped = driver.stop(5_000)
    await world.settle()
    expect(world.socket.closedWith).toBe(1000)
    world.socket.says(message('1.1'))
    world.socket.drops(1000)
    await stopped
    expect(world.types).toEqual(['slack.message'])
  })

  it('writes the presence a last time', async () => {
    await connected()
    await world.advance(3_000)
    world.socket.lives()
    const heardAt = world.clock.wallAt()
    await driver.stop(1_000)
    expect(presence().heardAt).toBe(heardAt)
  })
})
