import { describe, expect, it } from 'vitest'
import type { Entry, EnvelopeFact } from '../src/index.ts'
import { type Stage, setStage } from './stage.ts'
import type { Frame, Wire } from './wire.ts'

describe('Socket Mode connections', () => {
  it('gives a URL with ticket and app_id, and says hello with the number of sockets', async () => {
    const { slack, slackBot, open } = await setStage()
    const answers = [await slack('apps.connections.open', {}, slackBot.appToken)]
    answers.push(await slack('apps.connections.open', {}, slackBot.appToken))
    expect(answers[0]).toEqual({
      ok: true,
      url: expect.stringMatching(/^ws:.*\/\?ticket=[^&]+&app_id=A[^&]+$/),
    })
    const [one, two] = answers.map(({ url }) => open(String(url)))
    expect(await one?.next()).toEqual({
      type: 'hello',
      num_connections: 1,
      connection_info: { app_id: slackBot.appId },
      debug_info: {
        host: expect.stringMatching(/^applink-/),
        started: expect.any(String),
        build_number: expect.any(Number),
        approximate_connection_time: 3_600,
      },
    })
    expect(await two?.next()).toMatchObject({ type: 'hello', num_connections: 2 })
  })

  it('refuses the handshake of a URL that was used before, or is expired', async () => {
    const { slack, slackBot, open, clock, simulator } = await setStage()
    const used = String((await slack('apps.connections.open', {}, slackBot.appToken)).url)
    await open(used).next({ type: 'hello' })
    await expect(open(used).opened).rejects.toThrow('404')
    const late = String((await slack('apps.connections.open', {}, slackBot.appToken)).url)
    clock.advance(30_000)
    await expect(open(late).opened).rejects.toThrow('404')
    const tickets = simulator.record.of('ticket').map(({ what }) => what)
    expect(tickets).toEqual(['issued', 'used', 'issued', 'expired'])
  })

  it('has room for ten sockets of an app; the eleventh is refused in place of hello, after a wait for its URL', async () => {
    const { slack, slackBot, socketMode, open, clock, at } = await setStage()
    for (let n = 0; n < 10; n++) await socketMode()
    const headers = { authorization: `Bearer ${slackBot.appToken}` }
    const limited = await fetch(`${at.slackApiUrl}apps.connections.open`, { method: 'POST', headers })
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '60'])
    clock.advance(60_000)
    const { url } = await slack('apps.connections.open', {}, slackBot.appToken)
    const eleventh = open(String(url))
    expect(await eleventh.next()).toMatchObject({ type: 'disconnect', reason: 'too_many_websockets' })
    await eleventh.closed
  })

  it('warns, asks to go and at last closes when the life of a socket is over, and serves it until then', async () => {
    const { socketMode, clock, simulator, slackChannel } = await setStage()
    const wire = await socketMode()
    clock.advance(3_590_000)
    expect(await wire.next({ type: 'disconnect' })).toMatchObject({ reason: 'warning' })
    clock.advance(10_000)
    expect(await wire.next({ type: 'disconnect' })).toMatchObject({ reason: 'refresh_requested' })
    simulator.slack.say({ channel: slackChannel, user: 'U1', text: 'still here?' })
    await wire.next({ type: 'events_api' })
    clock.advance(10_000)
    expect(await wire.closed).toBe(1000)
  })

  it('refreshes a socket whose URL asks for it after 360 s', async () => {
    const { socketMode, clock } = await setStage()
    const wire = await socketMode('&debug_reconnects=true')
    clock.advance(350_000)
    expect(await wire.next({ type: 'disconnect' })).toMatchObject({ reason: 'warning' })
    clock.advance(10_000)
    expect(await wire.next({ type: 'disconnect' })).toMatchObject({ reason: 'refresh_requested' })
  })

  it('pings every few seconds', async () => {
    const { socketMode, clock } = await setStage()
    const wire = await socketMode()
    const ping = new Promise<Buffer>((resolve) => wire.ws.once('ping', resolve))
    clock.advance(5_000)
    expect(String(await ping)).toMatch(/^Ping from applink-/)
  })

  it('drops a socket that never answers a ping, and keeps one that does', async () => {
    const { slack, slackBot, simulator, clock, open } = await setStage()
    const { url } = await slack('apps.connections.open', {}, slackBot.appToken)
    const deaf = open(String(url))
    deaf.ws.pong = () => {}
    await deaf.next({ type: 'hello' })
    for (let n = 0; n < 5; n++) clock.advance(5_000)
    expect(simulator.slack.sockets()).toHaveLength(1)
    clock.advance(5_000)
    expect(await deaf.closed).toBe(1006)
  })

  it('shows a bot online from its first socket of either kind to its last', async () => {
    const { rtm, socketMode, simulator, slackBot } = await setStage()
    const one = await rtm()
    const two = await socketMode()
    for (const wire of [one, two]) {
      const ended = simulator.record.until(
        (e) => e.kind === 'socket' && e.what === 'closed',
        simulator.record.end,
      )
      wire.ws.close()
      await ended
    }
    const shown = simulator.record.of('presence').map(({ bot, status }) => [bot, status])
    expect(shown).toEqual([
      [slackBot.userId, 'online'],
      [slackBot.userId, 'offline'],
    ])
  })
})

describe('Socket Mode events', () => {
  it('wraps a message as the Events API does, with the kind of its channel', async () => {
    const stage = await setStage()
    const { slackBot, slackChannel } = stage
    const wire = await stage.socketMode()
    const { ts, deliveredTo } = say(stage, 'hi')
    expect(await wire.next()).toEqual({
      envelope_id: expect.stringMatching(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/),
      type: 'events_api',
      accepts_response_payload: false,
      retry_attempt: 0,
      retry_reason: '',
      payload: {
        token: expect.any(String),
        team_id: slackBot.teamId,
        context_team_id: slackBot.teamId,
        context_enterprise_id: null,
        api_app_id: slackBot.appId,
        event: expect.objectContaining({
          type: 'message',
          text: 'hi',
          ts,
          event_ts: ts,
          channel_type: 'channel',
        }),
        type: 'event_callback',
        event_id: expect.stringMatching(/^Ev/),
        event_time: Math.floor(stage.clock.wallAt() / 1_000),
        authorizations: [
          expect.objectContaining({ team_id: slackBot.teamId, user_id: slackBot.userId, is_bot: true }),
        ],
        is_ext_shared_channel: false,
        event_context: `1-message-${slackBot.teamId}-${slackChannel}`,
      },
    })
    expect(deliveredTo[0]).toEqual({ bot: slackBot.userId, sentCount: 1, bufferedCount: 0 })
  })

  it('gives a mention as a second event, with an id of its own and the same ts', async () => {
    const stage = await setStage()
    const wire = await stage.socketMode()
    const { ts } = say(stage, `<@${stage.slackBot.userId}> hi`)
    const both = [payloadOf(await wire.next()), payloadOf(await wire.next())]
    expect(both.map(({ event }) => event)).toMatchObject([
      { type: 'message', ts },
      { type: 'app_mention', ts, event_ts: ts, channel: stage.slackChannel },
    ])
    expect(new Set(both.map(({ event_id }) => event_id)).size).toBe(2)
    expect(both[1]?.event).not.toHaveProperty('channel_type')
  })

  it('gives each event to one socket, and none of them all', async () => {
    const stage = await setStage()
    const wires = [await stage.socketMode(), await stage.socketMode(), await stage.socketMode()]
    for (let n = 0; n < 30; n++) say(stage, String(n))
    await stage.simulator.record.until(isEnvelope('sent'))
    for (const wire of wires) await wire.next({ type: 'events_api' })
    const sockets = stage.simulator.record.of('envelope').map(({ socket }) => socket)
    expect(sockets).toHaveLength(30)
    expect(new Set(sockets).size).toBe(3)
    // No turn: the same socket may be next.
    expect(sockets.some((socket, n) => socket === sockets[n + 1])).toBe(true)
  })

  it('sends a raw frame as the inner event, byte for byte', async () => {
    const { socketMode, simulator, slackBot } = await setStage()
    const wire = await socketMode()
    const text = '{"type":"pin_added","big":9007199254740993, "spaced" : 1}'
    simulator.slack.sendFrame(slackBot.userId, text)
    await wire.next({ type: 'events_api' })
    expect(wire.texts.at(-1)).toContain(`"event":${text},`)
  })

  it('drops events beyond the hourly limit and says so once a minute, without an inner event', async () => {
    const stage = await setStage({ slack: { limits: { events: { count: 1, perMs: 3_600_000 } } } })
    const wire = await stage.socketMode()
    say(stage, 'passes')
    await wire.next({ type: 'events_api' })
    const { team_id, api_app_id } = { team_id: stage.slackBot.teamId, api_app_id: stage.slackBot.appId }
    const told = { type: 'app_rate_limited', team_id, api_app_id, minute_rate_limited: expect.any(Number) }
    expect(say(stage, 'dropped').deliveredTo[0]).toMatchObject({ sentCount: 0, bufferedCount: 0 })
    say(stage, 'dropped in silence')
    expect(payloadOf(await wire.next())).toEqual({ token: expect.any(String), ...told })
    await wire.heard()
    expect(wire.frames).toHaveLength(3)
  })

  it("has the bot user say an app's own messages, without a subtype", async () => {
    const stage = await setStage()
    const wire = await stage.socketMode()
    await stage.slack('chat.postMessage', { channel: stage.slackChannel, text: 'mine' })
    const { event } = payloadOf(await wire.next())
    expect(event).toMatchObject({ user: stage.slackBot.userId, bot_id: stage.slackBot.botId, text: 'mine' })
    expect(event).not.toHaveProperty('subtype')
  })

  it('tells apps nothing of typing', async () => {
    const stage = await setStage()
    const [rtm, wire] = [await stage.rtm(stage.at.slack.bots[1]?.token), await stage.socketMode()]
    rtm.send({ id: 1, type: 'typing', channel: stage.slackChannel })
    await stage.simulator.record.until((e) => e.kind === 'event' && e.type === 'user_typing')
    say(stage, 'after')
    expect(payloadOf(await wire.next()).event).toMatchObject({ type: 'message' })
  })
})

describe('Socket Mode acknowledgements', () => {
  it('takes one on any socket of the app, and only once', async () => {
    const stage = await setStage()
    const wires = [await stage.socketMode(), await stage.socketMode()]
    say(stage, 'hi')
    const { envelope_id } = await Promise.race(wires.map((wire) => wire.next({ type: 'events_api' })))
    for (const wire of wires) wire.send({ envelope_id })
    await stage.simulator.record.until(isEnvelope('acknowledged'))
    wires[0]?.send({ envelope_id: 'unknown' })
    wires[0]?.send('no JSON')
    for (const wire of wires) await wire.heard()
    stage.clock.advance(3_000)
    expect(told(stage)).toEqual(['sent 0', 'acknowledged 0'])
  })

  it('delivers what is not acknowledged within 3 s again: at once, after a minute, after five, then no more', async () => {
    const stage = await setStage()
    const wire = await stage.socketMode()
    say(stage, 'hi')
    const first = await wire.next({ type: 'events_api' })
    for (const [attempt, waitMs] of [
      [1, 0],
      [2, 60_000],
      [3, 300_000],
    ] as const) {
      stage.clock.advance(3_000)
      stage.clock.advance(waitMs)
      const again = await wire.next({ type: 'events_api' })
      expect(again).toMatchObject({ retry_attempt: attempt, retry_reason: 'timeout', payload: first.payload })
      expect(again.envelope_id).not.toBe(first.envelope_id)
    }
    stage.clock.advance(3_000)
    expect(told(stage).slice(-2)).toEqual(['unanswered 3', 'given-up 3'])
    const subjects = stage.simulator.record.of('envelope').map(({ subject }) => subject)
    expect(new Set(subjects)).toEqual(new Set([payloadOf(first).event_id]))
  })

  it('ignores one that comes too late: the event comes again', async () => {
    const stage = await setStage()
    const wire = await stage.socketMode()
    say(stage, 'hi')
    const { envelope_id } = await wire.next({ type: 'events_api' })
    stage.clock.advance(3_000)
    wire.send({ envelope_id })
    await wire.heard()
    stage.clock.advance(0)
    expect(await wire.next({ type: 'events_api' })).toMatchObject({ retry_attempt: 1 })
    expect(told(stage)).toEqual(['sent 0', 'unanswered 0', 'sent 1'])
  })

  it('delivers an event that happened while no socket was open when there is one again', async () => {
    const stage = await setStage()
    const wire = await stage.socketMode()
    const closed = stage.simulator.record.until((e) => e.kind === 'socket' && e.what === 'closed')
    wire.ws.close()
    await closed
    expect(say(stage, 'anybody?').deliveredTo[0]).toMatchObject({ sentCount: 0, bufferedCount: 1 })
    stage.clock.advance(0)
    const next = await stage.socketMode()
    stage.clock.advance(60_000)
    expect(await next.next({ type: 'events_api' })).toMatchObject({
      retry_attempt: 2,
      retry_reason: 'timeout',
    })
    expect(told(stage)).toEqual(['unanswered 0', 'unanswered 1', 'sent 2'])
  })

  it('has lost what was written to a socket that died, until it comes again on another', async () => {
    const stage = await setStage()
    await stage.socketMode()
    stage.simulator.fault({ fault: 'half-open', platform: 'slack' })
    say(stage, 'into the void')
    const alive = await stage.socketMode()
    stage.simulator.slack.sockets()[0]?.drop()
    stage.clock.advance(3_000)
    stage.clock.advance(0)
    expect(await alive.next({ type: 'events_api' })).toMatchObject({ retry_attempt: 1 })
  })

  it('records how long each took', async () => {
    const stage = await setStage()
    const wire = await stage.socketMode()
    say(stage, 'hi')
    const { envelope_id } = await wire.next({ type: 'events_api' })
    stage.clock.advance(1_200)
    wire.send({ envelope_id, payload: {} })
    expect(await stage.simulator.record.until(isEnvelope('acknowledged'))).toMatchObject({ tookMs: 1_200 })
  })

  it('repeats an event on demand in the very same envelope', async () => {
    const stage = await setStage()
    const wire: Wire = await stage.socketMode()
    stage.simulator.fault({ fault: 'duplicate-event', platform: 'slack' })
    say(stage, 'twice')
    const one = await wire.next({ type: 'events_api' })
    expect(await wire.next({ type: 'events_api' })).toEqual(one)
  })
})

function say({ simulator, slackChannel }: Stage, text: string) {
  return simulator.slack.say({ channel: slackChannel, user: 'U1', text })
}

function payloadOf({ payload }: Frame): Frame {
  return payload as Frame
}

function isEnvelope(what: EnvelopeFact['what']) {
  return (entry: Entry) => entry.kind === 'envelope' && entry.what === what
}

/** What the record tells of envelopes, with the attempt. */
function told({ simulator }: Stage): string[] {
  return simulator.record.of('envelope').map(({ what, attempt }) => `${what} ${attempt}`)
}
