import { describe, expect, it } from 'vitest'
import { makeDiscordPopulation } from '../src/index.ts'
import { INTENTS, identifyOf, setStage } from './stage.ts'
import type { Frame } from './wire.ts'

describe('Discord gateway: connecting', () => {
  it('says hello with the documented heartbeat interval', async () => {
    const wire = await (await setStage()).hello()
    expect(wire.frames[0]).toMatchObject({ op: 10, d: { heartbeat_interval: 41_250 }, t: null, s: null })
  })

  it('answers a heartbeat with op 11', async () => {
    const wire = await (await setStage()).hello()
    wire.send({ op: 1, d: null })
    expect(await wire.next()).toMatchObject({ op: 11 })
  })

  it('closes when heartbeats stay away, and the session can be resumed', async () => {
    const stage = await setStage()
    const { wire, ready } = await stage.ready()
    stage.clock.advance(41_250)
    wire.send({ op: 1, d: 2 })
    await wire.next({ op: 11 })
    stage.clock.advance(41_250)
    expect(wire.ws.readyState).toBe(wire.ws.OPEN)
    stage.clock.advance(21_000)
    expect(await wire.closed).toBe(4000)
    const next = await stage.hello()
    next.send({ op: 6, d: { token: stage.discordBot.token, session_id: ready.session_id, seq: 2 } })
    await next.next({ t: 'RESUMED' })
  })

  it('leaves a half-open socket standing, and lets its bot resume on another', async () => {
    const stage = await setStage()
    const { ready, wire } = await stage.ready()
    stage.simulator.fault({ fault: 'half-open', platform: 'discord' })
    stage.clock.advance(41_250 * 2)
    expect(stage.simulator.record.of('socket').at(-1)).toMatchObject({ what: 'closed', code: 4000 })
    const next = await stage.hello()
    next.send({ op: 6, d: { token: stage.discordBot.token, session_id: ready.session_id, seq: 2 } })
    await next.next({ t: 'RESUMED' })
    expect(wire.ws.readyState).toBe(wire.ws.OPEN)
  })

  it('closes with 4012 when the URL names another version', async () => {
    const { open, at } = await setStage()
    expect(await open(`${at.url.replace('http', 'ws')}/discord/gateway?v=9&encoding=json`).closed).toBe(4012)
  })

  it('refuses an encoding or compression that it does not have', async () => {
    const { open, at } = await setStage()
    const base = `${at.url.replace('http', 'ws')}/discord/gateway?v=10`
    await expect(open(`${base}&encoding=etf`).opened).rejects.toThrow('400')
    await expect(open(`${base}&encoding=json&compress=lz4-stream`).opened).rejects.toThrow('400')
  })

  it('speaks zlib-stream: one context, each payload ending with a flush', async () => {
    const { hello, discordBot, simulator, discordChannel } = await setStage()
    const wire = await hello({ inflate: true })
    wire.send({ op: 2, d: identifyOf(discordBot.token) })
    await wire.next({ t: 'GUILD_CREATE' })
    simulator.discord.say({ channel: discordChannel, user: '1', text: 'squeezed' })
    expect(await wire.next({ t: 'MESSAGE_CREATE' })).toMatchObject({ d: { content: 'squeezed' } })
    simulator.fault({ fault: 'close-sockets', platform: 'discord', code: 4000 })
    expect(await wire.closed).toBe(4000)
  })
})

describe('Discord gateway: identify', () => {
  it('tells of a guild and its role what the documentation lists, so that nobody has to ask for it', async () => {
    const { ready } = await setStage()
    const { wire } = await ready()
    const { d } = wire.frames.find(({ t }) => t === 'GUILD_CREATE') ?? {}
    const colors = { primary_color: 0, secondary_color: null, tertiary_color: null }
    expect(d).toMatchObject({
      preferred_locale: 'en-US',
      verification_level: 0,
      stage_instances: [],
      roles: [{ name: '@everyone', colors, hoist: false, managed: false, mentionable: false, flags: 0 }],
    })
  })

  it('takes a token with its type before it, to identify and to resume', async () => {
    const { ready, hello, discordBot } = await setStage()
    const token = `Bot ${discordBot.token}`
    const { wire, ready: d } = await ready({ token })
    wire.ws.terminate()
    const next = await hello()
    next.send({ op: 6, d: { token, session_id: d.session_id, seq: 2 } })
    await next.next({ t: 'RESUMED' })
  })

  it('answers READY with session, resume URL and unavailable guilds, then one GUILD_CREATE each', async () => {
    const { ready, discordBot, simulator } = await setStage()
    const { wire, ready: d } = await ready()
    const guild = simulator.discord.directory.guilds[0]?.id
    expect(d).toMatchObject({
      v: 10,
      session_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      resume_gateway_url: expect.stringMatching(/^ws:.*\/discord\/resume$/),
      user: { id: discordBot.userId, bot: true },
      application: { id: discordBot.applicationId },
      guilds: [{ id: guild, unavailable: true }],
      shard: [0, 1],
    })
    expect(wire.frames.map(({ t, s }) => [t, s])).toEqual([
      [null, null],
      ['READY', 1],
      ['GUILD_CREATE', 2],
    ])
  })

  it("writes dispatches with Discord's own order of keys", async () => {
    const { wire } = await (await setStage()).ready()
    expect(wire.texts[1]).toMatch(/^{"t":"READY","s":1,"op":0,"d":{/)
  })

  const violations: readonly [string, number, (token: string) => unknown][] = [
    ['text that is no JSON', 4002, () => 'not json'],
    ['a payload beyond 4096 bytes', 4002, () => ({ op: 1, d: 'x'.repeat(4_096) })],
    ['an opcode that is unknown', 4001, () => ({ op: 99 })],
    ['a command before identifying', 4003, () => ({ op: 3, d: {} })],
    ['an IDENTIFY without properties', 4002, (token) => ({ op: 2, d: { token, intents: 1 } })],
    ['a wrong token', 4004, () => ({ op: 2, d: identifyOf('wrong') })],
    ['a RESUME with a wrong token', 4004, () => ({ op: 6, d: { token: 'x', session_id: 'y', seq: 1 } })],
    [
      'a shard that is not below its count',
      4010,
      (token) => ({ op: 2, d: { ...identifyOf(token), shard: [2, 2] } }),
    ],
    [
      'intents that do not exist',
      4013,
      (token) => ({ op: 2, d: { ...identifyOf(token), intents: 1 << 30 } }),
    ],
  ]
  it.each(violations)('closes %s with %i', async (_, code, frameOf) => {
    const { hello, discordBot } = await setStage()
    const wire = await hello()
    wire.send(frameOf(discordBot.token))
    expect(await wire.closed).toBe(code)
  })

  it('closes a second IDENTIFY with 4005', async () => {
    const { ready, discordBot } = await setStage()
    const { wire } = await ready()
    wire.send({ op: 2, d: identifyOf(discordBot.token) })
    expect(await wire.closed).toBe(4005)
  })

  it('closes with 4014 when a privileged intent is not switched on for the application', async () => {
    const { bots, ...population } = makeDiscordPopulation()
    const unprivileged = bots.map((bot) => ({ ...bot, privilegedIntents: 0, token: 't' }))
    const { hello } = await setStage({ discord: { population: { ...population, bots: unprivileged } } })
    const wire = await hello()
    wire.send({ op: 2, d: identifyOf('t') })
    expect(await wire.closed).toBe(4014)
  })

  it('closes with 4011 when the shard has too many guilds', async () => {
    const { hello, discordBot } = await setStage({ discord: { limits: { guildsPerShard: 1 } } })
    const wire = await hello()
    wire.send({ op: 2, d: identifyOf(discordBot.token) })
    expect(await wire.closed).toBe(4011)
  })

  it('closes with 4008 at the 121st payload within 60 s', async () => {
    const { hello, clock } = await setStage()
    const wire = await hello()
    for (let n = 0; n < 60; n++) wire.send({ op: 1, d: null })
    for (let n = 0; n < 60; n++) await wire.next({ op: 11 })
    clock.advance(40_000)
    for (let n = 0; n < 60; n++) wire.send({ op: 1, d: null })
    for (let n = 0; n < 60; n++) await wire.next({ op: 11 })
    wire.send({ op: 1, d: null })
    expect(await wire.closed).toBe(4008)
  })

  it('answers op 9 to an IDENTIFY within 5 s of the last, which is spent as well', async () => {
    const { ready, hello, discord, discordBot, clock } = await setStage()
    await ready()
    const second = await hello()
    second.send({ op: 2, d: identifyOf(discordBot.token) })
    expect(await second.next()).toMatchObject({ op: 9, d: false })
    const { session_start_limit } = (await (await discord('GET', '/gateway/bot')).json()) as Frame
    expect(session_start_limit).toEqual({
      total: 1_000,
      remaining: 998,
      reset_after: 86_400_000,
      max_concurrency: 1,
    })
    clock.advance(5_000)
    second.send({ op: 2, d: identifyOf(discordBot.token) })
    await second.next({ t: 'READY' })
  })

  it('counts each bucket of max_concurrency on its own', async () => {
    const { hello, discordBot } = await setStage({ discord: { limits: { maxConcurrency: 2 } } })
    for (const shard of [0, 1]) {
      const wire = await hello()
      wire.send({ op: 2, d: { ...identifyOf(discordBot.token), shard: [shard, 2] } })
      expect(await wire.next()).toMatchObject({ t: 'READY' })
    }
  })

  it('resets the token when the daily budget is exceeded: all sessions end, REST answers 401', async () => {
    const budget = { count: 1, perMs: 86_400_000 }
    const { ready, hello, discord, discordBot, simulator, clock } = await setStage({
      discord: { limits: { identifyBudget: budget } },
    })
    const { wire } = await ready()
    clock.advance(5_000)
    const second = await hello()
    second.send({ op: 2, d: identifyOf(discordBot.token) })
    expect(await second.closed).toBe(4004)
    expect(await wire.closed).toBe(4004)
    expect((await discord('GET', '/users/@me')).status).toBe(401)
    expect(simulator.record.of('session-end')).toMatchObject([{ why: 'token reset' }])
  })
})

describe('Discord gateway: dispatches', () => {
  it('gives a message to every session of every bot in the guild, each with its own sequence', async () => {
    const { ready, at, simulator, discordChannel, clock } = await setStage()
    const one = await ready()
    clock.advance(5_000)
    const two = await ready()
    const other = await ready({ token: at.discord.bots[1]?.token })
    const { message, deliveredTo } = simulator.discord.say({
      channel: discordChannel,
      user: '42',
      text: 'hello',
    })
    for (const { wire } of [one, two, other]) {
      expect(await wire.next({ t: 'MESSAGE_CREATE' })).toMatchObject({
        s: 3,
        d: { id: message.id, content: 'hello', author: { id: '42' }, guild_id: expect.any(String) },
      })
    }
    expect(deliveredTo.map(({ sentCount }) => sentCount)).toEqual([2, 1])
  })

  it('withholds what the intents do not ask for, and counts it as lost to nobody', async () => {
    const { ready, simulator, discordChannel, at } = await setStage()
    const { wire } = await ready({ intents: 1 })
    const { deliveredTo } = simulator.discord.say({ channel: discordChannel, user: '42', text: 'hello' })
    simulator.discord.dispatch({
      t: 'CHANNEL_UPDATE',
      d: `{"guild_id":"${at.discord.channels[0]?.guildId}"}`,
    })
    expect(await wire.next()).toMatchObject({ t: 'CHANNEL_UPDATE', s: 3 })
    expect(deliveredTo.map(({ bot }) => bot)).toEqual([at.discord.bots[1]?.userId])
  })

  it('empties content without its intent, but for own messages and mentions', async () => {
    const { ready, simulator, discordChannel, discordBot, discord } = await setStage()
    const { wire } = await ready({ intents: INTENTS & ~(1 << 15) })
    const say = (text: string) => simulator.discord.say({ channel: discordChannel, user: '42', text })
    say('secret')
    say(`hey <@${discordBot.userId}>`)
    await discord('POST', `/channels/${discordChannel}/messages`, { content: 'mine' })
    const contents = []
    for (let n = 0; n < 3; n++) contents.push((await wire.next({ t: 'MESSAGE_CREATE' })).d as Frame)
    expect(contents.map(({ content }) => content)).toEqual(['', `hey <@${discordBot.userId}>`, 'mine'])
  })

  it('sends a raw dispatch byte for byte, integers beyond 2^53 included', async () => {
    const { ready, simulator, at } = await setStage()
    const { wire } = await ready()
    const d = `{"guild_id":"${at.discord.channels[0]?.guildId}", "n":9007199254740993,"e":1.0}`
    simulator.discord.dispatch({ t: 'CHANNEL_CREATE', d })
    await wire.next({ t: 'CHANNEL_CREATE' })
    expect(wire.texts.at(-1)).toBe(`{"t":"CHANNEL_CREATE","s":3,"op":0,"d":${d}}`)
  })

  it("routes a guild's events to its shard, and calls them lost while that shard has no session", async () => {
    const { ready, simulator } = await setStage({
      discord: { population: makeDiscordPopulation({ guilds: 2, bots: 1 }) },
    })
    const { wire } = await ready({ shard: [0, 2] })
    const channelOn = (shard: number) => {
      const { channels } = simulator.discord.directory
      return channels.find(({ guildId }) => (BigInt(guildId) >> 22n) % 2n === BigInt(shard))?.id ?? ''
    }
    const say = (shard: number) =>
      simulator.discord.say({ channel: channelOn(shard), user: '42', text: `for shard ${shard}` }).deliveredTo
    expect(say(1)).toMatchObject([{ sentCount: 0, bufferedCount: 0 }])
    expect(say(0)).toMatchObject([{ sentCount: 1, bufferedCount: 0 }])
    expect(await wire.next({ t: 'MESSAGE_CREATE' })).toMatchObject({ d: { content: 'for shard 0' } })
  })

  it('answers a request for members with a chunk, and the next one for all with RATE_LIMITED', async () => {
    const { ready, at } = await setStage()
    const { wire } = await ready()
    const ask = { op: 8, d: { guild_id: at.discord.channels[0]?.guildId, query: '', limit: 0, nonce: 'n' } }
    wire.send(ask)
    expect(await wire.next({ t: 'GUILD_MEMBERS_CHUNK' })).toMatchObject({ d: { chunk_count: 1, nonce: 'n' } })
    wire.send(ask)
    expect(await wire.next()).toMatchObject({ t: 'RATE_LIMITED', d: { opcode: 8, retry_after: 30 } })
  })
})
