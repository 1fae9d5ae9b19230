import type { SlackRtmPresence } from '@holdfast/ownership'
import { afterEach, describe, expect, it } from 'vitest'
import { createSlackRtmDriver, type SlackRtmDriver } from '../../src/drivers/slack-rtm-driver.ts'
import type { Arrival } from '../../src/ports.ts'
import { World } from './world.ts'

const STORED: SlackRtmPresence = {
  kind: 'slack-rtm',
  teamId: 'T1',
  botUserId: 'UBOT',
  appId: 'A1',
  caughtUpAt: Date.UTC(2025, 11, 31, 23, 59, 30),
}
const YIELDED: SlackRtmPresence = { ...STORED, yielded: 'acme-7-12' }
const HOLDER = 7
const OURS = 8

let world: World
let driver: SlackRtmDriver
let arrival: Arrival | undefined

function prepare(stored?: SlackRtmPresence): void {
  world = new World(stored)
  world.answers.set('api/auth.test', { ok: true, team_id: 'T1', user_id: 'UBOT', bot_id: 'B1' })
  world.answers.set('api/bots.info', { ok: true, bot: { id: 'B1', app_id: 'A1' } })
  world.answers.set('api/rtm.connect', { ok: true, url: 'wss://rtm.example/1' })
  arrival = undefined
  driver = createSlackRtmDriver({
    ...world.deps,
    connection: 'acme',
    token: 'xoxb-secret',
    apiUrl: 'https://slack.example/api/',
  })
}

async function arriving(stored = STORED): Promise<void> {
  prepare(stored)
  void driver.arrive(HOLDER).then((ended) => {
    arrival = ended
  })
  await world.settle()
}

async function hello(): Promise<void> {
  world.socket.open()
  world.socket.says({ type: 'hello' })
  await world.settle()
}

async function arrived(): Promise<void> {
  await arriving()
  await hello()
  expect(arrival).toEqual({ kind: 'arrived' })
}

async function serving(): Promise<void> {
  prepare()
  await driver.start(HOLDER)
  await world.settle()
  await hello()
}

function message(ts: string): void {
  world.socket.says({ type: 'message', channel: 'C1', user: 'U1', text: 'hush', ts })
}

const typing = () => world.socket.says({ type: 'user_typing', channel: 'C1', user: 'U1' })
const published = () => world.events('slack.message').map(({ data }) => (data as { ts: string }).ts)
const fences = () => world.published.map(({ origin }) => origin.lease?.fence)
const presence = () => world.store.last as SlackRtmPresence

/** Answers the last ping. */
function pong(): void {
  const ping = world.socket.frames.filter((frame) => frame.type === 'ping').at(-1)
  world.socket.says({ type: 'pong', reply_to: ping?.id })
}

async function owned(stored: SlackRtmPresence): Promise<void> {
  world.store.stored = stored
  await driver.own(OURS)
  await world.settle()
}

afterEach(async () => {
  const stopped = driver.stop(0)
  await world.settle()
  await world.advance(0)
  await stopped
  await world.settle()
  expect(world.clock.timerCount, 'timers left').toBe(0)
})

describe('an RTM connection that arrives beside its holder', () => {
  it('connects and holds back what comes until the holder has yielded, then publishes it by that one’s right', async () => {
    await arrived()
    message('1.1')
    message('1.2')
    expect(world.published).toEqual([])
    expect(driver.status()).toMatchObject({
      state: 'connected',
      why: 'connected beside the holder, holds back 2 frames',
    })
    driver.proceed()
    message('1.3')
    expect(published()).toEqual(['1.1', '1.2', '1.3'])
    expect(fences()).toEqual([HOLDER, HOLDER, HOLDER])
    await world.advance(5_000)
    expect(world.store.saved).toEqual([])
  })

  it('leaves to the holder what has no identity, until the unit is its own', async () => {
    await arrived()
    typing()
    driver.proceed()
    typing()
    expect(world.types).toEqual([])
    await owned(YIELDED)
    typing()
    expect(world.types).toEqual(['slack.user_typing'])
    expect(fences()).toEqual([OURS])
  })

  it('announces nothing where the holder proved that it had everything, and goes on with the presence', async () => {
    await arrived()
    message('1.1')
    driver.proceed()
    await owned(YIELDED)
    message('1.2')
    expect(world.types).toEqual(['slack.message', 'slack.message'])
    expect(fences()).toEqual([HOLDER, OURS])
    expect(presence().caughtUpAt).toBe(world.clock.wallAt())
    expect(presence().yielded).toBeUndefined()
    expect(driver.status()).not.toHaveProperty('why')
  })

  it.each([
    ['it stored no proof', STORED],
    ['its proof was there before we came', { ...STORED, yielded: 'acme-7-3' }],
  ])('announces a gap up to its hello where the holder yielded, but %s', async (_, stored) => {
    await arriving({ ...STORED, yielded: 'acme-7-3' })
    await hello()
    const helloAt = world.clock.wallAt()
    driver.proceed()
    await world.advance(2_000)
    await owned(stored)
    expect(world.events('holdfast.gap')).toMatchObject([
      { data: { from: '2025-12-31T23:59:30.000Z', to: new Date(helloAt).toISOString() } },
    ])
  })

  it('announces a gap and publishes what it held back where the holder died before it yielded', async () => {
    await arrived()
    message('1.1')
    typing()
    await owned(YIELDED)
    expect(world.types).toEqual(['holdfast.gap', 'slack.message'])
    expect(fences()).toEqual([OURS, OURS])
  })

  it('stores nothing past a gap that is not confirmed', async () => {
    await arrived()
    world.confirming = false
    await owned(STORED)
    pong()
    await world.advance(1_000)
    expect(presence().caughtUpAt).toBe(STORED.caughtUpAt)
    world.published[0]?.confirm()
    await world.advance(1_000)
    expect(presence().caughtUpAt).toBeGreaterThan(STORED.caughtUpAt)
  })

  it('serves as one that started alone where the holder dies before hello', async () => {
    await arriving()
    await owned(STORED)
    expect(arrival).toEqual({ kind: 'arrived' })
    await hello()
    message('1.1')
    expect(world.types).toEqual(['holdfast.gap', 'slack.message'])
  })

  it('announces nothing of a socket that drops and comes back beside the holder, until the unit is its own', async () => {
    await arrived()
    driver.proceed()
    world.socket.drops(1006)
    await world.advance(5_000)
    await hello()
    expect(world.types).toEqual([])
    expect(world.lines.filter(({ level }) => level !== 'info')).toEqual([])
    await owned(YIELDED)
    expect(world.types).toEqual(['holdfast.gap'])
  })

  it('gives up the frames it holds back at 5,000, and announces that once the unit is its own', async () => {
    await arrived()
    for (let n = 0; n < 5_001; n++) message(`1.${n}`)
    expect(world.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: { connection: 'acme', count: 5_000 } }),
    )
    driver.proceed()
    expect(published()).toEqual(['1.5000'])
    await owned(YIELDED)
    expect(world.types).toEqual(['slack.message', 'holdfast.gap'])
  })

  it('waits for its hello as long as it takes, and says what it waits for', async () => {
    prepare(STORED)
    world.answers.set('api/rtm.connect', new Response('', { status: 429, headers: { 'retry-after': '60' } }))
    void driver.arrive(HOLDER).then((ended) => {
      arrival = ended
    })
    await world.settle()
    expect(arrival).toBeUndefined()
    expect(driver.status()).toMatchObject({ state: 'waiting', why: expect.stringContaining('ratelimited') })
    world.answers.set('api/rtm.connect', { ok: true, url: 'wss://rtm.example/1' })
    await world.advance(60_000)
    await hello()
    expect(arrival).toEqual({ kind: 'arrived' })
  })

  it('has not arrived before it has read what the holder stored', async () => {
    await arriving()
    world.store.loadFails = true
    await hello()
    expect(arrival).toBeUndefined()
    world.store.loadFails = false
    await world.advance(1_000)
    expect(arrival).toEqual({ kind: 'arrived' })
  })

  it('fails where the token is refused', async () => {
    prepare(STORED)
    world.answers.set('api/auth.test', { ok: false, error: 'invalid_auth' })
    void driver.arrive(HOLDER).then((ended) => {
      arrival = ended
    })
    await world.settle()
    expect(arrival).toMatchObject({ kind: 'failed', why: expect.stringContaining('botToken') })
  })

  it.each(['before', 'after'])('leaves nothing behind when it is stopped %s its hello', async (when) => {
    await arriving()
    if (when === 'after') {
      await hello()
      message('1.1')
    }
    await driver.stop(25_000)
    await world.settle()
    expect(world.socket.closedWith).toBe(1000)
    expect(world.published).toEqual([])
    expect(world.store.saved).toEqual([])
    expect(arrival).toMatchObject({ kind: when === 'after' ? 'arrived' : 'failed' })
  })
})

describe('an RTM connection that yields', () => {
  it('has everything confirmed that was posted before the call, and says so in its presence', async () => {
    await serving()
    world.confirming = false
    message('1.1')
    let yielded: string | undefined
    void driver.yield(10_000).then((how) => {
      yielded = how
    })
    await world.settle()
    message('1.2')
    pong()
    await world.settle()
    message('1.3')
    expect(yielded).toBeUndefined()
    world.published[0]?.confirm()
    await world.settle()
    expect(yielded).toBeUndefined()
    world.published[1]?.confirm()
    await world.settle()
    expect(yielded).toBe('serving')
    expect(presence().yielded).toBeDefined()
    message('1.4')
    expect(published()).toEqual(['1.1', '1.2', '1.3', '1.4'])
  })

  it('names each time anew', async () => {
    await serving()
    const names = []
    for (const _ of ['once', 'twice']) {
      const yielding = driver.yield(10_000)
      await world.settle()
      pong()
      await yielding
      names.push(presence().yielded)
    }
    expect(new Set(names).size).toBe(2)
  })

  it.each([
    ['its socket is gone', () => world.socket.drops(1006)],
    ['its socket ends before it answers', () => void world.settle().then(() => world.socket.drops(1006))],
  ])('proves nothing where %s', async (_, drop) => {
    await serving()
    drop()
    await driver.yield(10_000)
    expect(presence().yielded).toBeUndefined()
  })

  it('waits two seconds for an answer, and proves nothing without', async () => {
    await serving()
    let yielded: string | undefined
    void driver.yield(10_000).then((how) => {
      yielded = how
    })
    for (let waited = 0; waited < 3; waited++) await world.advance(500)
    expect(yielded).toBeUndefined()
    await world.advance(500)
    expect(yielded).toBe('serving')
    expect(presence().yielded).toBeUndefined()
  })

  it('takes back its proof where it can’t prove it the next time', async () => {
    await serving()
    const yielding = driver.yield(10_000)
    await world.settle()
    pong()
    await yielding
    world.socket.drops(1006)
    await driver.yield(10_000)
    expect(presence().yielded).toBeUndefined()
  })

  it('is alarmed where the unit is taken after its successor did not come', async () => {
    await serving()
    const yielding = driver.yield(10_000)
    await world.settle()
    pong()
    await yielding
    driver.serveOn()
    message('1.1')
    world.published[0]?.origin.lease?.onFenced()
    await world.settle()
    expect(world.lines.filter(({ level }) => level !== 'info')).toMatchObject([
      { level: 'warn', message: expect.stringContaining('another gateway has taken it over') },
      ...[{ level: 'warn' }],
    ])
  })

  it('says no word of alarm when its successor has taken the unit, and does not wait for what is refused', async () => {
    await serving()
    const yielding = driver.yield(10_000)
    await world.settle()
    pong()
    await yielding
    world.confirming = false
    message('1.1')
    world.store.answer = 'refused'
    world.published[0]?.origin.lease?.onFenced()
    await driver.stop(25_000)
    expect(world.types).toEqual(['slack.message'])
    expect(world.lines.filter(({ level }) => level !== 'info')).toEqual([])
    expect(driver.status()).toMatchObject({
      state: 'stopped',
      why: 'its successor has taken it over: this one lets go of it',
    })
  })
})
