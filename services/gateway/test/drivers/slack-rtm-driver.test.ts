import type { SlackRtmPresence } from '@holdfast/ownership'
import { afterEach, describe, expect, it } from 'vitest'
import { createSlackRtmDriver, type SlackRtmDriver } from '../../src/drivers/slack-rtm-driver.ts'
import { tokenDigest } from '../../src/drivers/token-digest.ts'
import { type FakeSocket, nextFence, World } from './world.ts'

const TOKEN = 'xoxb-secret'
const STORED: SlackRtmPresence = {
  kind: 'slack-rtm',
  teamId: 'T1',
  botUserId: 'UBOT',
  appId: 'A1',
  caughtUpAt: Date.UTC(2025, 11, 31, 23, 59, 30),
}

let world: World
let driver: SlackRtmDriver

function prepare(stored?: SlackRtmPresence): void {
  world = new World(stored)
  world.answers.set('api/auth.test', { ok: true, team_id: 'T1', user_id: 'UBOT', bot_id: 'B1' })
  world.answers.set('api/bots.info', { ok: true, bot: { id: 'B1', app_id: 'A1' } })
  world.answers.set('api/rtm.connect', {
    ok: true,
    url: 'wss://rtm.example/1',
    self: { id: 'UBOT' },
    team: { id: 'T1' },
  })
  driver = createSlackRtmDriver({
    ...world.deps,
    connection: 'acme',
    token: TOKEN,
    apiUrl: 'https://slack.example/api/',
  })
}

async function hello(): Promise<void> {
  world.socket.open()
  world.socket.says({ type: 'hello' })
  await world.settle()
}

async function connected(stored?: SlackRtmPresence): Promise<void> {
  prepare(stored)
  await driver.start(nextFence())
  await world.settle()
  await hello()
}

function message(ts: string): void {
  world.socket.says({ type: 'message', channel: 'C1', user: 'U1', text: 'hush', ts })
}

/** Answers the last ping. */
function pong(socket = world.socket): void {
  const ping = socket.frames.filter((frame) => frame.type === 'ping').at(-1)
  socket.says({ type: 'pong', reply_to: ping?.id })
}

function presence(): SlackRtmPresence {
  return world.store.last as SlackRtmPresence
}

afterEach(async () => {
  const stopped = driver.stop(0)
  await world.settle()
  await world.advance(0)
  await stopped
  await world.settle()
  expect(world.clock.timerCount, 'timers left').toBe(0)
  expect(world.logText()).not.toContain(TOKEN)
  expect(world.logText()).not.toContain('hush')
})

describe('a Slack RTM driver', () => {
  it('learns who the bot is, asks for an address, connects and publishes what comes', async () => {
    await connected()
    expect(world.calls.map(({ path }) => path)).toEqual([
      '/api/auth.test',
      '/api/bots.info',
      '/api/rtm.connect',
    ])
    expect(world.calls.every(({ headers }) => headers.authorization === `Bearer ${TOKEN}`)).toBe(true)
    expect(world.socket.url).toBe('wss://rtm.example/1')
    message('1700000000.000100')
    world.socket.says({ ok: true, reply_to: 3, ts: '1700000000.000200', text: 'mine' })
    expect(world.types).toEqual(['slack.message'])
    expect(world.counts.received).toEqual(['slack.message'])
    expect(driver.status()).toMatchObject({ state: 'connected', transport: 'rtm' })
  })

  it.each(['missing_scope', 'bot_not_found'])(
    'lets the bot’s user stand for its app when bots.info answers %s',
    async (error) => {
      prepare()
      world.answers.set('api/bots.info', { ok: false, error })
      await driver.start(nextFence())
      await world.settle()
      await hello()
      pong()
      await world.advance(1_000)
      expect(presence()).toMatchObject({ botUserId: 'UBOT' })
      expect(presence().appId).toBeUndefined()
    },
  )

  it('does not guess the app while bots.info fails for now, for then every event would get a second identity', async () => {
    prepare()
    world.answers.set('api/bots.info', 503)
    await driver.start(nextFence())
    await world.settle()
    expect(world.sockets).toHaveLength(0)
    expect(driver.status()).toMatchObject({ state: 'waiting', why: expect.stringContaining('http_503') })
    world.answers.set('api/bots.info', { ok: true, bot: { app_id: 'A1' } })
    await world.advance(5_000)
    expect(world.sockets).toHaveLength(1)
  })

  it('stores at its very first hello that it is there: killed a moment later, it has been deaf from then on', async () => {
    await connected()
    expect(presence()).toMatchObject({ teamId: 'T1', botUserId: 'UBOT', caughtUpAt: world.clock.wallAt() })
  })

  it('tells of frames that it can’t read at once, then once a minute with their number', async () => {
    await connected()
    const told = () => world.lines.filter(({ level }) => level === 'warn')
    for (let n = 0; n < 500; n++) world.socket.says('garbage')
    expect(world.counts.malformed).toBe(500)
    expect(told()).toMatchObject([{ fields: { count: 1 } }])
    for (let ping = 0; ping < 12; ping++) {
      pong()
      await world.advance(5_000)
    }
    world.socket.says('garbage')
    expect(told()).toMatchObject([{ fields: { count: 1 } }, { fields: { count: 500 } }])
  })

  it('keeps the app that an earlier run learned', async () => {
    await connected(STORED)
    expect(world.calls.map(({ path }) => path)).toEqual(['/api/auth.test', '/api/rtm.connect'])
  })

  it('waits as long as Slack says when it is rate limited', async () => {
    prepare()
    world.answers.set('api/rtm.connect', new Response('', { status: 429, headers: { 'retry-after': '60' } }))
    await driver.start(nextFence())
    await world.settle()
    await world.advance(59_000)
    expect(world.calls.filter(({ path }) => path === '/api/rtm.connect')).toHaveLength(1)
    await world.advance(1_000)
    expect(world.calls.filter(({ path }) => path === '/api/rtm.connect')).toHaveLength(2)
  })

  /** Two sockets, each of which drops, of a bot for which another process has called twice. */
  async function spendTheBudget(): Promise<void> {
    await connected()
    const rate = { burst: 4, everyMs: 61_000 }
    for (const _ of ['once', 'twice'])
      await world.budget.take(`slack:rtm.connect:${tokenDigest(TOKEN)}`, rate)
    world.socket.drops(1006)
    await world.advance(5_000)
    await hello()
    world.socket.drops(1006)
  }

  const addressCount = () => world.calls.filter(({ path }) => path === '/api/rtm.connect').length

  it('asks Slack for no more addresses than it allows, however often the socket drops', async () => {
    await spendTheBudget()
    await world.advance(10_000)
    expect(addressCount()).toBe(2)
    expect(driver.status()).toMatchObject({ state: 'waiting', why: expect.stringContaining('budget') })
    await world.advance(60_000)
    expect(addressCount()).toBe(3)
  })

  it('leaves room for a first call that was longer on its way to Slack than the next ones', async () => {
    await spendTheBudget()
    // Until a minute and half a second after the first call.
    while (world.clock.monotonicMs() < 60_500) await world.advance(500)
    expect(addressCount()).toBe(2)
    await world.advance(5_000)
    expect(addressCount()).toBe(3)
  })

  it('stops with advice when the token is refused', async () => {
    prepare()
    world.answers.set('api/auth.test', { ok: false, error: 'invalid_auth' })
    await driver.start(nextFence())
    await world.settle()
    expect(driver.status()).toMatchObject({ state: 'fatal', why: expect.stringContaining('botToken') })
    await world.advance(600_000)
    expect(world.calls).toHaveLength(1)
  })

  it('survives malformed frames and counts them', async () => {
    await connected()
    world.socket.says('{')
    world.socket.says({ type: 7 })
    message('1700000000.000100')
    expect(world.counts.malformed).toBe(2)
    expect(world.types).toEqual(['slack.message'])
  })

  it('drops a socket that answers nothing and connects again', async () => {
    await connected()
    for (let tick = 0; tick < 3; tick++) await world.advance(5_000)
    expect(world.sockets[0]?.closedWith).toBe('terminated')
    await world.advance(5_000)
    expect(world.sockets).toHaveLength(2)
  })
})

describe('a wait', () => {
  it('says how long it is, however long what Slack says of itself is', async () => {
    prepare()
    world.answers.set('api/auth.test', { ok: false, error: 'x'.repeat(5_000) })
    await driver.start(nextFence())
    await world.settle()
    const { why = '' } = driver.status()
    expect(why).toMatch(/^Slack gives no address: xxx.*; trying again in \d+ s$/)
    expect(why.length).toBeLessThanOrEqual(500)
    expect(world.lines.at(-1)?.message).toBe(why)
  })
})

describe('a gap', () => {
  it.each([
    ['ahead', 3_600_000],
    ['back', -3_600_000],
  ])('is no longer and no shorter where the wall clock is set an hour %s before it', async (_, ms) => {
    await connected()
    await world.advance(10_000)
    pong()
    world.clock.setWallAhead(ms)
    await world.advance(2_000)
    world.socket.drops(1006)
    await world.advance(60_000)
    const now = world.clock.wallAt()
    await hello()
    const [gap] = world.events('holdfast.gap').map(({ data }) => data as { from: string; to: string })
    expect(Date.parse(gap?.to ?? '')).toBe(now)
    expect(now - Date.parse(gap?.from ?? '')).toBeGreaterThanOrEqual(62_000)
    expect(now - Date.parse(gap?.from ?? '')).toBeLessThanOrEqual(75_000)
  })

  it('is announced at the first hello after a restart, before the frames that follow', async () => {
    await connected(STORED)
    message('1700000000.000100')
    expect(world.types).toEqual(['holdfast.gap', 'slack.message'])
    expect(world.events('holdfast.gap')[0]).toMatchObject({
      workspace: 'T1',
      data: {
        why: 'rtm-disconnected',
        from: '2025-12-31T23:59:30.000Z',
        to: new Date(world.clock.wallAt()).toISOString(),
      },
    })
    expect(world.counts.gaps).toBe(1)
  })

  it('is told in one line and shown in the status, once its event is confirmed', async () => {
    prepare(STORED)
    world.confirming = false
    await driver.start(nextFence())
    await world.settle()
    await hello()
    expect(world.gapLines).toEqual([])
    expect(driver.status()).not.toHaveProperty('lastGap')
    world.published[0]?.confirm()
    const [from, to] = ['2025-12-31T23:59:30.000Z', new Date(world.clock.wallAt()).toISOString()]
    const seconds = Math.ceil((Date.parse(to) - Date.parse(from)) / 1_000)
    const lastGap = { from, to, why: 'rtm-disconnected' }
    expect(world.gapLines).toEqual([
      {
        level: 'warn',
        fields: { connection: 'acme', ...lastGap, seconds },
        message: `events may be missed from ${from} to ${to} (${seconds} s, rtm-disconnected): the bot was told with a holdfast.gap`,
      },
    ])
    expect(driver.status()).toMatchObject({ lastGap })
  })

  it('that nobody subscribes to is told nevertheless', async () => {
    prepare(STORED)
    world.wanting = false
    await driver.start(nextFence())
    await world.settle()
    await hello()
    expect(world.gapLines).toMatchObject([
      { message: expect.stringMatching(/: nobody subscribes to holdfast.gap$/) },
    ])
    expect(driver.status()).toMatchObject({ lastGap: { why: 'rtm-disconnected' } })
    expect(world.counts.gaps).toBe(1)
  })

  it('is announced after every disconnect, from the last answered ping', async () => {
    await connected()
    pong()
    await world.advance(5_000)
    const pingedAt = world.clock.wallAt()
    await world.advance(100)
    pong()
    await world.advance(3_000)
    world.socket.drops(1006)
    await world.advance(5_000)
    await hello()
    expect(world.events('holdfast.gap')[0]?.data).toMatchObject({
      from: new Date(pingedAt - 1_000).toISOString(),
      to: new Date(world.clock.wallAt()).toISOString(),
    })
  })

  it('is not announced at the first start ever, nor for the connection of another bot', async () => {
    await connected({ ...STORED, botUserId: 'UOTHER' })
    expect(world.types).toEqual([])
  })
})

describe('a hand-over', () => {
  /** Slack says goodbye, and its next socket says hello; the old one takes its time to close. */
  async function handingOver(): Promise<readonly [old: FakeSocket, next: FakeSocket]> {
    await connected()
    const old = world.socket
    old.lingers = true
    old.says({ type: 'goodbye' })
    await world.settle()
    pong(old)
    await hello()
    expect(world.sockets).toHaveLength(2)
    return [old, world.socket]
  }

  const ofTs = (ts: string) => ({ type: 'message', channel: 'C1', user: 'U1', text: 'hush', ts })
  const published = () => world.events('slack.message').map(({ data }) => (data as { ts: string }).ts)

  it('leaves no gap: the old socket serves until the next one has said hello', async () => {
    await connected()
    const old = world.socket
    old.says({ type: 'goodbye' })
    await world.settle()
    world.socket.open()
    old.says(ofTs('1.1'))
    pong(old)
    expect(published()).toEqual(['1.1'])
    expect(old.closedWith).toBeUndefined()
    await hello()
    expect(old.closedWith).toBe(1000)
    expect(driver.status()).toMatchObject({ state: 'connected' })
    expect(world.counts.gaps).toBe(0)
    await world.advance(5_000)
    expect(world.events('holdfast.gap')).toEqual([])
  })

  it('takes what the old socket still says before what comes on the next one', async () => {
    const [old, next] = await handingOver()
    next.says(ofTs('1.2'))
    old.says(ofTs('1.1'))
    expect(published()).toEqual(['1.1'])
    old.drops(1000)
    expect(published()).toEqual(['1.1', '1.2'])
  })

  it('announces a gap if the old socket ends without an answer to our close', async () => {
    const [old, next] = await handingOver()
    next.says(ofTs('1.2'))
    old.drops(1006)
    expect(world.types).toEqual(['holdfast.gap', 'slack.message'])
    expect(world.lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: 'events may be missed, a gap will be announced: the old socket did not answer our close',
      }),
    )
  })

  it('moves the presence on by what the next socket proves', async () => {
    const [old, next] = await handingOver()
    old.drops(1000)
    await world.advance(5_000)
    const pingedAt = world.clock.wallAt()
    next.says({ type: 'pong', reply_to: next.frames.at(-1)?.id })
    await world.advance(1_000)
    expect(presence().caughtUpAt).toBe(pingedAt - 1_000)
  })
})

describe('a command', () => {
  const say = () => driver.commands.run({ kind: 'message', channel: 'C1', text: 'hi' })
  const said = (socket: FakeSocket) => socket.frames.filter(({ type }) => type === 'message')

  it('goes over the socket, and is done when Slack answers', async () => {
    await connected()
    const outcome = say()
    world.socket.says({ ok: true, reply_to: said(world.socket)[0]?.id, ts: '9.9', text: 'hi' })
    expect(await outcome).toEqual({ kind: 'done', ts: '9.9' })
  })

  it('is unknown when the socket goes before Slack answers', async () => {
    await connected()
    const outcome = say()
    world.socket.drops(1006)
    expect(await outcome).toMatchObject({ kind: 'unknown' })
    expect(await say()).toMatchObject({ kind: 'notSent' })
  })

  it('goes over the next socket from its hello on, and whose presence is wanted is said there again', async () => {
    await connected()
    void driver.commands.run({ kind: 'presence', userIds: ['U7'] })
    const old = world.socket
    old.says({ type: 'goodbye' })
    await world.settle()
    pong(old)
    await hello()
    void say()
    expect(said(world.socket)).toHaveLength(1)
    expect(world.socket.frames).toContainEqual(expect.objectContaining({ type: 'presence_sub', ids: ['U7'] }))
  })
})

describe('the presence', () => {
  it('is stored about once a second, and only up to what is confirmed', async () => {
    await connected()
    const pingedAt = world.clock.wallAt()
    world.confirming = false
    message('1700000000.000100')
    pong()
    await world.advance(1_000)
    expect(presence().caughtUpAt).toBe(pingedAt)
    await world.advance(4_000)
    const nextPingAt = world.clock.wallAt()
    pong()
    await world.advance(1_000)
    expect(presence().caughtUpAt).toBe(pingedAt)
    world.published[0]?.confirm()
    await world.advance(1_000)
    expect(presence()).toEqual({
      kind: 'slack-rtm',
      teamId: 'T1',
      botUserId: 'UBOT',
      appId: 'A1',
      caughtUpAt: nextPingAt - 1_000,
    })
  })

  it('does not move past a gap that is not confirmed', async () => {
    await connected(STORED)
    world.confirming = false
    world.socket.drops(1006)
    await world.advance(10_000)
    await hello()
    pong()
    await world.advance(1_000)
    expect(presence().caughtUpAt).toBe(STORED.caughtUpAt)
  })

  it('is stored at stop, after the last confirms', async () => {
    await connected()
    world.confirming = false
    await world.advance(5_000)
    message('1700000000.000100')
    const pingedAt = world.clock.wallAt()
    pong()
    pong()
    const stopped = driver.stop(5_000)
    await world.settle()
    expect(world.socket.closedWith).toBe(1000)
    world.published[0]?.confirm()
    await stopped
    expect(presence().caughtUpAt).toBe(pingedAt - 1_000)
  })

  it('is moved by a close that Slack answers, as by a pong', async () => {
    await connected()
    pong()
    await world.advance(3_000)
    const closedAt = world.clock.wallAt()
    await driver.stop(5_000)
    expect(presence().caughtUpAt).toBe(closedAt - 1_000)
  })

  it('that is refused makes the driver let go of the connection', async () => {
    await connected()
    world.store.answer = 'refused'
    pong()
    await world.advance(1_000)
    expect(world.socket.closedWith).toBe(1000)
    expect(driver.status()).toMatchObject({
      state: 'stopped',
      why: expect.stringContaining('another gateway'),
    })
    expect(world.lines.filter(({ message }) => message.startsWith('another gateway'))).toMatchObject([
      { level: 'warn', fields: { to: 'stopped' } },
    ])
  })
})

describe('stop', () => {
  it('does not wait longer than its grace', async () => {
    await connected()
    world.confirming = false
    message('1700000000.000100')
    const stopped = driver.stop(2_000)
    await world.settle()
    await world.advance(2_000)
    await stopped
    expect(driver.status().state).toBe('stopped')
  })

  it('withdraws what it asked of Slack', async () => {
    prepare()
    const waiting = new Promise<never>(() => {})
    let signal: AbortSignal | null | undefined
    driver = createSlackRtmDriver({
      ...world.deps,
      connection: 'acme',
      token: TOKEN,
      apiUrl: 'https://slack.example/api/',
      fetch: ((_url, init) => {
        signal = init?.signal
        return waiting
      }) as typeof fetch,
    })
    await driver.start(nextFence())
    await world.settle()
    await driver.stop(0)
    expect(signal?.aborted).toBe(true)
  })
})
