import type { SlackSocketPresence } from '@holdfast/ownership'
import { afterEach, describe, expect, it } from 'vitest'
import { createSlackSocketModeDriver } from '../../src/drivers/slack-socket-mode-driver.ts'
import type { Arrival, ConnectionDriver } from '../../src/ports.ts'
import { type FakeSocket, World } from './world.ts'

const HOLDER = 7
const OURS = 8
const HOUR_MS = 3_600_000

let world: World
let driver: ConnectionDriver
let arrival: Arrival | undefined

const storedBefore = (ms: number): SlackSocketPresence => ({
  kind: 'slack-socket-mode',
  appId: 'A1',
  teamId: 'T1',
  heardAt: new World().clock.wallAt() - ms,
})

function prepare(stored = storedBefore(1_000)): void {
  world = new World(stored)
  world.answers.set('api/auth.test', { ok: true, team_id: 'T1', user_id: 'UBOT', bot_id: 'B1' })
  world.answers.set('api/apps.connections.open', { ok: true, url: 'wss://link.example/?ticket=1' })
  driver = createSlackSocketModeDriver({
    ...world.deps,
    connection: 'acme',
    appToken: 'xapp-secret',
    botToken: 'xoxb-secret',
    apiUrl: 'https://slack.example/api/',
    sockets: 2,
  })
}

async function arriving(): Promise<void> {
  arrival = undefined
  void driver.arrive(HOLDER).then((ended) => {
    arrival = ended
  })
  await world.settle()
}

async function arrived(stored?: SlackSocketPresence): Promise<void> {
  prepare(stored)
  await arriving()
  for (const socket of world.sockets) hello(socket)
  await world.settle()
  expect(arrival).toEqual({ kind: 'arrived' })
}

/** The holder's two sockets are counted too. */
function hello(socket: FakeSocket | undefined, socketCount = 4): void {
  socket?.open()
  socket?.says({ type: 'hello', num_connections: socketCount, connection_info: { app_id: 'A1' } })
}

function message(ts: string, socket = world.socket): void {
  const event = { type: 'message', channel: 'C1', user: 'U1', text: 'hush', ts }
  const payload = { type: 'event_callback', team_id: 'T1', event_id: `Ev${ts}`, event }
  const common = { accepts_response_payload: false, retry_attempt: 0, retry_reason: '' }
  socket.says({ envelope_id: `e-${ts}`, type: 'events_api', payload, ...common })
}

const acknowledged = (socket = world.socket) => socket.frames.map(({ envelope_id: id }) => id)
const fences = () => world.published.map(({ origin }) => origin.lease?.fence)
const alarms = () => world.lines.filter(({ level }) => level !== 'info')

afterEach(async () => {
  const stopped = driver.stop(0)
  await world.settle()
  await world.advance(0)
  await stopped
  await world.settle()
  expect(world.clock.timerCount, 'timers left').toBe(0)
})

describe('a Socket Mode connection that arrives beside its holder', () => {
  it('publishes and acknowledges what Slack sends to it: by the holder’s right until the unit is its own', async () => {
    await arrived()
    expect(driver.status()).toMatchObject({
      state: 'connected',
      why: expect.stringContaining('beside the holder'),
    })
    message('1.1')
    driver.proceed()
    message('1.2')
    await world.advance(6_000)
    expect(world.store.saved).toEqual([])
    await driver.own(OURS)
    message('1.3')
    expect(fences()).toEqual([HOLDER, HOLDER, OURS])
    expect(acknowledged()).toEqual(['e-1.1', 'e-1.2', 'e-1.3'])
    expect(driver.status()).not.toHaveProperty('why')
    await world.advance(5_000)
    expect(world.store.last).toMatchObject({ kind: 'slack-socket-mode', heardAt: expect.any(Number) })
  })

  it('does not take the holder’s sockets for a stranger’s', async () => {
    await arrived()
    expect(world.lines.filter(({ message: text }) => text.includes('more sockets'))).toEqual([])
    expect(alarms()).toEqual([])
  })

  it('has arrived with one socket, where the others take longer than three seconds', async () => {
    prepare()
    await arriving()
    await world.advance(5_000)
    hello(world.sockets[0])
    await world.advance(2_999)
    expect(arrival).toBeUndefined()
    await world.advance(1)
    expect(arrival).toEqual({ kind: 'arrived' })
  })

  it('fails where the token is refused', async () => {
    prepare()
    world.answers.set('api/apps.connections.open', { ok: false, error: 'invalid_auth' })
    await arriving()
    expect(arrival).toMatchObject({ kind: 'failed', why: expect.stringContaining('invalid_auth') })
  })

  it('announces a time without any socket only once the unit is its own', async () => {
    await arrived(storedBefore(HOUR_MS))
    message('1.1')
    expect(world.types).toEqual(['slack.message'])
    await driver.own(OURS)
    expect(world.types).toEqual(['slack.message', 'holdfast.gap'])
  })

  it('announces nothing of the time for which its own sockets were gone while the holder served', async () => {
    await arrived()
    const busy = new Response('', { status: 429, headers: { 'retry-after': '400' } })
    world.answers.set('api/apps.connections.open', busy)
    for (const socket of [...world.sockets]) socket.drops(1006)
    await world.advance(5_000)
    world.answers.set('api/apps.connections.open', { ok: true, url: 'wss://link.example/?ticket=2' })
    await world.advance(400_000)
    for (const socket of world.sockets.slice(2)) hello(socket)
    expect(driver.status()).toMatchObject({ state: 'connected' })
    world.store.stored = { ...storedBefore(0), heardAt: world.clock.wallAt() - 1_000 }
    await driver.own(OURS)
    message('1.1')
    expect(world.types).toEqual(['slack.message'])
  })

  it('serves as one that started alone where the holder dies before hello', async () => {
    prepare(storedBefore(HOUR_MS))
    await arriving()
    await driver.own(OURS)
    for (const socket of world.sockets) hello(socket)
    message('1.1')
    expect(world.types).toEqual(['holdfast.gap', 'slack.message'])
    expect(fences()).toEqual([OURS, OURS])
  })

  it.each(['before', 'after'])('leaves nothing behind when it is stopped %s its hello', async (when) => {
    if (when === 'after') await arrived()
    else {
      prepare()
      await arriving()
    }
    await driver.stop(25_000)
    await world.settle()
    expect(world.sockets.map(({ closedWith }) => closedWith)).toEqual([1000, 1000])
    expect(world.store.saved).toEqual([])
    expect(arrival).toMatchObject({ kind: when === 'after' ? 'arrived' : 'failed' })
  })
})

describe('a Socket Mode connection that yields', () => {
  it('acknowledges what has come, closes, and stores when it was there last; that its successor has taken it is no alarm', async () => {
    prepare()
    await driver.start(HOLDER)
    await world.settle()
    for (const socket of world.sockets) hello(socket, 2)
    world.confirming = false
    message('1.1')
    let yielded: string | undefined
    void driver.yield(10_000).then((how) => {
      yielded = how
    })
    await world.settle()
    expect(yielded).toBeUndefined()
    expect(world.socket.closedWith).toBeUndefined()
    world.published[0]?.confirm()
    await world.settle()
    expect(yielded).toBe('closed')
    expect(acknowledged()).toEqual(['e-1.1'])
    expect(world.sockets.map(({ closedWith }) => closedWith)).toEqual([1000, 1000])
    expect(world.store.last).toMatchObject({ kind: 'slack-socket-mode' })
    world.published[0]?.origin.lease?.onFenced()
    expect(alarms()).toEqual([])
  })

  /** The holder, whose close crosses an envelope of which Redis does not know yet. */
  async function crossing(graceMs: number): Promise<{ how: string | undefined }> {
    prepare()
    await driver.start(HOLDER)
    await world.settle()
    for (const socket of world.sockets) hello(socket, 2)
    world.confirming = false
    world.socket.lingers = true
    const yielding: { how: string | undefined } = { how: undefined }
    void driver.yield(graceMs).then((how) => {
      yielding.how = how
    })
    await world.settle()
    message('1.1')
    world.socket.drops(1000)
    await world.settle()
    return yielding
  }

  it('has yielded only once Redis has what crossed the close, which nobody can acknowledge', async () => {
    const yielding = await crossing(10_000)
    expect(yielding.how).toBeUndefined()
    world.published[0]?.confirm()
    await world.settle()
    expect(yielding.how).toBe('closed')
    expect(acknowledged()).toEqual([])
  })

  it('waits for that no longer than its grace, or until the unit is another’s', async () => {
    const late = await crossing(10_000)
    await world.advance(9_999)
    expect(late.how).toBeUndefined()
    await world.advance(1)
    expect(late.how).toBe('closed')
    const taken = await crossing(10_000)
    world.published[0]?.origin.lease?.onFenced()
    await world.settle()
    expect(taken.how).toBe('closed')
  })
})
