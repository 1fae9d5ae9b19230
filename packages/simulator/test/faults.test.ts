import { describe, expect, it } from 'vitest'
import { setStage } from './stage.ts'
import type { Frame } from './wire.ts'

const POST_PATH = (channel: string) => `/channels/${channel}/messages`

describe('faults of sockets', () => {
  it('drop-sockets cuts without a close frame and keeps Discord sessions', async () => {
    const { ready, rtm, simulator } = await setStage()
    const [{ wire }, slackWire] = [await ready(), await rtm()]
    simulator.fault({ fault: 'drop-sockets', platform: 'discord' })
    simulator.fault({ fault: 'drop-sockets', platform: 'slack' })
    expect(await wire.closed).toBe(1006)
    expect(await slackWire.closed).toBe(1006)
    expect(simulator.discord.state()[0]?.sessions).toMatchObject([{ state: 'detached' }])
  })

  it('hits only the bot that is named', async () => {
    const { ready, at, simulator, discordChannel } = await setStage()
    const one = await ready()
    const two = await ready({ token: at.discord.bots[1]?.token })
    simulator.fault({
      fault: 'drop-sockets',
      platform: 'discord',
      bot: String(at.discord.bots[0]?.applicationId),
    })
    await one.wire.closed
    simulator.discord.say({ channel: discordChannel, user: '42', text: 'still here' })
    await two.wire.next({ t: 'MESSAGE_CREATE' })
  })

  it.each([
    [4000, 'detached'],
    [4008, 'detached'],
    [1001, 'detached'],
  ])('close-sockets with %i leaves the session resumable', async (code, state) => {
    const { ready, simulator } = await setStage()
    const { wire } = await ready()
    simulator.fault({ fault: 'close-sockets', platform: 'discord', code })
    expect(await wire.closed).toBe(code)
    expect(simulator.discord.state()[0]?.sessions).toMatchObject([{ state }])
  })

  it.each([4003, 4004, 4007, 4009, 4010, 4014])('close-sockets with %i ends the session', async (code) => {
    const { ready, simulator } = await setStage()
    const { wire } = await ready()
    simulator.fault({ fault: 'close-sockets', platform: 'discord', code })
    expect(await wire.closed).toBe(code)
    expect(simulator.record.of('session-end')).toMatchObject([{ why: `closed with ${code} by the platform` }])
  })

  it('half-open answers nothing, delivers nothing, and the record says what that lost or kept', async () => {
    const { ready, rtm, simulator, discordChannel, slackChannel } = await setStage()
    const [{ wire }, slackWire] = [await ready(), await rtm()]
    simulator.fault({ fault: 'half-open', platform: 'discord' })
    simulator.fault({ fault: 'half-open', platform: 'slack' })
    const onDiscord = simulator.discord.say({ channel: discordChannel, user: '42', text: 'x' })
    expect(onDiscord.deliveredTo[0]).toMatchObject({ sentCount: 0, bufferedCount: 1 })
    const onSlack = simulator.slack.say({ channel: slackChannel, user: 'U1', text: 'x' })
    expect(onSlack.deliveredTo[0]).toMatchObject({ sentCount: 0, bufferedCount: 0 })
    expect(wire.ws.readyState).toBe(wire.ws.OPEN)
    expect(slackWire.ws.readyState).toBe(slackWire.ws.OPEN)
  })

  it('half-open sessions can be resumed elsewhere with all they missed', async () => {
    const { ready, hello, simulator, discordBot, discordChannel } = await setStage()
    const { ready: d } = await ready()
    simulator.fault({ fault: 'half-open', platform: 'discord' })
    simulator.discord.say({ channel: discordChannel, user: '42', text: 'kept' })
    const again = await hello({ url: String(d.resume_gateway_url) })
    again.send({ op: 6, d: { token: discordBot.token, session_id: d.session_id, seq: 2 } })
    expect(await again.next()).toMatchObject({ t: 'MESSAGE_CREATE', d: { content: 'kept' } })
  })

  it('goodbye announces the end on RTM', async () => {
    const { rtm, simulator } = await setStage()
    const wire = await rtm()
    simulator.fault({ fault: 'goodbye', platform: 'slack' })
    expect(await wire.next()).toEqual({ type: 'goodbye' })
  })

  it('reconnect sends op 7, request-heartbeat op 1', async () => {
    const { ready, simulator } = await setStage()
    const { wire } = await ready()
    simulator.fault({ fault: 'reconnect', platform: 'discord' })
    simulator.fault({ fault: 'request-heartbeat', platform: 'discord' })
    expect([await wire.next(), await wire.next()]).toMatchObject([{ op: 7 }, { op: 1 }])
  })

  it.each([
    [true, { t: 'RESUMED' }],
    [false, { op: 9, d: false }],
  ])('invalid-session with resumable %s decides whether a resume works', async (resumable, answer) => {
    const { ready, simulator, discordBot } = await setStage()
    const { wire, ready: d } = await ready()
    simulator.fault({ fault: 'invalid-session', platform: 'discord', resumable })
    expect(await wire.next()).toMatchObject({ op: 9, d: resumable })
    wire.send({ op: 6, d: { token: discordBot.token, session_id: d.session_id, seq: 2 } })
    expect(await wire.next()).toMatchObject(answer)
  })

  it('deaf sessions hear heartbeats answered and nothing else, until a resume brings what happened', async () => {
    const { ready, hello, simulator, discordBot, discordChannel } = await setStage()
    const { wire, ready: d } = await ready()
    const say = (text: string) => simulator.discord.say({ channel: discordChannel, user: '42', text })
    expect(simulator.fault({ fault: 'deaf', platform: 'discord', shard: 1 })).toEqual({ sessions: 0 })
    expect(simulator.fault({ fault: 'deaf', platform: 'discord', shard: 0 })).toEqual({ sessions: 1 })
    say('one')
    say('two')
    wire.send({ op: 1, d: 2 })
    expect(await wire.next()).toMatchObject({ op: 11 })
    wire.ws.terminate()
    const next = await hello()
    next.send({ op: 6, d: { token: discordBot.token, session_id: d.session_id, seq: 2 } })
    expect([await next.next(), await next.next(), await next.next()]).toMatchObject([
      { t: 'MESSAGE_CREATE', s: 3, d: { content: 'one' } },
      { t: 'MESSAGE_CREATE', s: 4, d: { content: 'two' } },
      { t: 'RESUMED', s: 5 },
    ])
    say('three')
    expect(await next.next()).toMatchObject({ s: 6, d: { content: 'three' } })
  })

  it('deaf sessions whose events are lost hear of them never, and stay deaf for as many resumes as asked', async () => {
    const { ready, hello, simulator, discordBot, discordChannel } = await setStage()
    const { wire, ready: d } = await ready()
    const say = (text: string) => simulator.discord.say({ channel: discordChannel, user: '42', text })
    simulator.fault({ fault: 'deaf', platform: 'discord', count: 2, lost: true })
    say('one')
    const told = simulator.record.of('event').at(-1)?.deliveredTo ?? []
    expect(told.map(({ sentCount, bufferedCount }) => sentCount + bufferedCount)).toEqual(told.map(() => 0))
    wire.ws.terminate()
    for (const seq of [2, 3]) {
      const next = await hello()
      next.send({ op: 6, d: { token: discordBot.token, session_id: d.session_id, seq } })
      expect(await next.next()).toMatchObject({ t: 'RESUMED', s: seq + 1 })
      say(`after ${seq}`)
      if (seq === 3) expect(await next.next()).toMatchObject({ s: 5, d: { content: 'after 3' } })
      next.ws.terminate()
    }
  })

  it('expire-sessions ends sessions whose window is still open', async () => {
    const { ready, simulator } = await setStage()
    const { wire } = await ready()
    wire.ws.terminate()
    await simulator.record.until((entry) => entry.kind === 'socket' && entry.what === 'closed')
    simulator.fault({ fault: 'expire-sessions', platform: 'discord' })
    expect(simulator.record.of('presence').at(-1)).toMatchObject({ status: 'offline' })
  })

  it('revoke-token refuses the token on all ways', async () => {
    const { ready, rtm, slack, discord, simulator, discordBot, slackBot } = await setStage()
    const [{ wire }, slackWire] = [await ready(), await rtm()]
    simulator.fault({ fault: 'revoke-token', platform: 'discord', bot: discordBot.userId })
    simulator.fault({ fault: 'revoke-token', platform: 'slack', bot: slackBot.userId })
    expect(await wire.closed).toBe(4004)
    await slackWire.closed
    expect((await discord('GET', '/gateway/bot')).status).toBe(401)
    expect(await slack('auth.test')).toEqual({ ok: false, error: 'invalid_auth' })
  })

  it('refuse-connects answers handshakes of one target with 503, for as long as asked', async () => {
    const { open, at, simulator, clock, hello } = await setStage()
    simulator.fault({ fault: 'refuse-connects', platform: 'discord', forMs: 1_000, target: 'resume' })
    const url = `${at.url.replace('http', 'ws')}/discord/resume`
    await expect(open(`${url}?v=10&encoding=json`).opened).rejects.toThrow('503')
    await hello()
    clock.advance(1_000)
    await hello({ url })
  })
})

describe('faults of events', () => {
  it('duplicate-event gives the next event twice, then one again', async () => {
    const { ready, rtm, simulator, slackChannel, discordChannel } = await setStage()
    const [{ wire }, slackWire] = [await ready(), await rtm()]
    simulator.fault({ fault: 'duplicate-event', platform: 'discord' })
    simulator.fault({ fault: 'duplicate-event', platform: 'slack' })
    for (const text of ['twice', 'once']) {
      simulator.discord.say({ channel: discordChannel, user: '42', text })
      simulator.slack.say({ channel: slackChannel, user: 'U1', text })
    }
    const onDiscord = [await wire.next(), await wire.next(), await wire.next()]
    expect(onDiscord.map(({ s, d }) => [s, (d as Frame).content])).toEqual([
      [3, 'twice'],
      [4, 'twice'],
      [5, 'once'],
    ])
    const onSlack = [await slackWire.next(), await slackWire.next(), await slackWire.next()]
    expect(onSlack.map(({ text }) => text)).toEqual(['twice', 'twice', 'once'])
  })
})

describe('faults of requests', () => {
  it('fail-requests answers with the status and executes nothing', async () => {
    const { slack, discord, simulator, slackChannel, discordChannel } = await setStage()
    const more = { retryAfterS: 7, method: 'chat.postMessage' }
    simulator.fault({ fault: 'fail-requests', platform: 'slack', status: 429, ...more })
    simulator.fault({ fault: 'fail-requests', platform: 'discord', status: 503, count: 2 })
    expect(await slack('auth.test')).toMatchObject({ ok: true })
    expect(await slack('chat.postMessage', { channel: slackChannel, text: 'x' })).toMatchObject({
      error: 'ratelimited',
    })
    const create = () => discord('POST', POST_PATH(discordChannel), { content: 'x' })
    expect([(await create()).status, (await create()).status, (await create()).status]).toEqual([
      503, 503, 200,
    ])
    expect(simulator.record.of('post')).toHaveLength(1)
    expect(simulator.record.of('refusal').map(({ status }) => status)).toEqual([429, 503, 503])
  })

  it("fail-requests with 429 on Discord waits in the body's own words", async () => {
    const { discord, simulator } = await setStage()
    simulator.fault({ fault: 'fail-requests', platform: 'discord', status: 429, retryAfterS: 2 })
    const response = await discord('GET', '/users/@me')
    expect(response.headers.get('retry-after')).toBe('2')
    expect(await response.json()).toMatchObject({ retry_after: 2, global: false })
  })

  it('lose-answer executes the next post and cuts the connection', async () => {
    const { slack, discord, simulator, slackChannel, discordChannel } = await setStage()
    simulator.fault({ fault: 'lose-answer', platform: 'slack' })
    simulator.fault({ fault: 'lose-answer', platform: 'discord' })
    await expect(slack('chat.postMessage', { channel: slackChannel, text: 'x' })).rejects.toThrow()
    const body = { content: 'x', nonce: 'n', enforce_nonce: true }
    await expect(discord('POST', POST_PATH(discordChannel), body)).rejects.toThrow()
    expect(simulator.record.of('lost-answer').map(({ method }) => method)).toEqual([
      'chat.postMessage',
      'POST /channels/:channel/messages',
    ])
    const again = await discord('POST', POST_PATH(discordChannel), body)
    expect(again.status).toBe(200)
    const posts = simulator.record.of('post').map(({ platform, outcome }) => `${platform} ${outcome}`)
    expect(posts).toEqual(['slack created', 'discord created', 'discord from-nonce'])
  })

  it('lose-answer is not spent on a refused request', async () => {
    const { slack, simulator, slackChannel } = await setStage()
    simulator.fault({ fault: 'lose-answer', platform: 'slack' })
    await expect(slack('chat.postMessage', { channel: 'C0', text: 'x' })).resolves.toMatchObject({
      ok: false,
    })
    await expect(slack('chat.postMessage', { channel: slackChannel, text: 'x' })).rejects.toThrow()
  })

  it('clear takes back what has not happened yet', async () => {
    const { slack, simulator, slackChannel } = await setStage()
    simulator.fault({ fault: 'lose-answer', platform: 'slack' })
    simulator.fault({ fault: 'clear', platform: 'slack' })
    expect(await slack('chat.postMessage', { channel: slackChannel, text: 'x' })).toMatchObject({ ok: true })
  })
})
