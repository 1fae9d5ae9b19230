import { describe, expect, it } from 'vitest'
import { setStage } from './stage.ts'

describe('RTM connections', () => {
  it('says hello first, then what happened between rtm.connect and the connection', async () => {
    const stage = await setStage()
    const { url } = await stage.slack('rtm.connect')
    stage.simulator.slack.say({ channel: stage.slackChannel, user: 'U1', text: 'early' })
    const wire = stage.open(String(url))
    expect(await wire.next()).toEqual({ type: 'hello' })
    expect(await wire.next()).toMatchObject({ type: 'message', text: 'early' })
  })

  it('answers rtm.connect with url, self and team', async () => {
    const { slack, slackBot } = await setStage()
    expect(await slack('rtm.connect')).toMatchObject({
      ok: true,
      url: expect.stringMatching(/^ws:/),
      self: { id: slackBot.userId, name: slackBot.name },
      team: { id: slackBot.teamId, name: expect.any(String), domain: expect.any(String) },
    })
  })

  it('refuses a URL that was used before with the documented error frame', async () => {
    const stage = await setStage()
    const { url } = await stage.slack('rtm.connect')
    await stage.open(String(url)).next({ type: 'hello' })
    const again = stage.open(String(url))
    expect(await again.next()).toEqual({ type: 'error', error: { code: 1, msg: 'Socket URL has expired' } })
    await again.closed
  })

  it('refuses a URL after 30 s and records what it had kept', async () => {
    const stage = await setStage()
    const { url } = await stage.slack('rtm.connect')
    stage.simulator.slack.say({ channel: stage.slackChannel, user: 'U1', text: 'never seen' })
    stage.clock.advance(30_000)
    expect(await stage.open(String(url)).next()).toMatchObject({ type: 'error' })
    expect(stage.simulator.record.of('ticket').at(-1)).toMatchObject({ what: 'expired', bufferedCount: 1 })
  })

  it('limits rtm.connect to one a minute with a small burst', async () => {
    const stage = await setStage()
    await stage.slack('rtm.connect')
    await stage.slack('rtm.connect')
    const headers = { authorization: `Bearer ${stage.slackBot.token}` }
    const limited = await fetch(`${stage.at.slackApiUrl}rtm.connect`, { method: 'POST', headers })
    expect(limited.status).toBe(429)
    expect(limited.headers.get('retry-after')).toBe('60')
    expect(await limited.json()).toEqual({ ok: false, error: 'ratelimited' })
    stage.clock.advance(60_000)
    expect(await stage.slack('rtm.connect')).toMatchObject({ ok: true })
  })

  it('shows a bot online from its first socket to its last', async () => {
    const { rtm, simulator, slackBot } = await setStage()
    const one = await rtm()
    const two = await rtm()
    for (const wire of [one, two]) {
      const ended = simulator.record.until(
        (e) => e.kind === 'socket' && e.what === 'closed',
        simulator.record.end,
      )
      wire.ws.close()
      await ended
    }
    const transitions = simulator.record.of('presence').map(({ bot, status }) => [bot, status])
    expect(transitions).toEqual([
      [slackBot.userId, 'online'],
      [slackBot.userId, 'offline'],
    ])
  })

  it('ends a connection that sends a frame beyond 16 KB', async () => {
    const { rtm, simulator } = await setStage()
    const wire = await rtm()
    wire.send({ id: 1, type: 'message', channel: 'C1', text: 'x'.repeat(16_384) })
    expect(await wire.closed).toBe(1009)
    const closed = { what: 'closed', by: 'platform', code: 1009 }
    expect(simulator.record.of('socket').at(-1)).toMatchObject(closed)
  })
})

describe('RTM events', () => {
  it('gives a message to all sockets of all bots in the channel', async () => {
    const { rtm, at, simulator, slackChannel } = await setStage()
    const wires = [await rtm(), await rtm(), await rtm(at.slack.bots[1]?.token)]
    const { ts, deliveredTo } = simulator.slack.say({ channel: slackChannel, user: 'U1', text: 'hi' })
    for (const wire of wires) {
      expect(await wire.next({ type: 'message' })).toMatchObject({
        channel: slackChannel,
        user: 'U1',
        text: 'hi',
        ts,
        event_ts: ts,
        team: expect.any(String),
        client_msg_id: expect.any(String),
      })
    }
    expect(deliveredTo).toEqual([
      { bot: at.slack.bots[0]?.userId, sentCount: 2, bufferedCount: 0 },
      { bot: at.slack.bots[1]?.userId, sentCount: 1, bufferedCount: 0 },
    ])
  })

  it('never repeats what happened while no socket was open, and says that it was lost', async () => {
    const { rtm, simulator, slackChannel } = await setStage()
    simulator.slack.say({ channel: slackChannel, user: 'U1', text: 'lost' })
    const wire = await rtm()
    simulator.slack.say({ channel: slackChannel, user: 'U1', text: 'seen' })
    expect(await wire.next({ type: 'message' })).toMatchObject({ text: 'seen' })
    const [lost] = simulator.record.of('event')
    expect(lost).toMatchObject({ text: 'lost' })
    expect(lost?.deliveredTo.every(({ sentCount, bufferedCount }) => sentCount + bufferedCount === 0)).toBe(
      true,
    )
  })

  it('issues ts that are unique and sort as text, also within one millisecond', async () => {
    const { simulator, slackChannel } = await setStage()
    const say = () => simulator.slack.say({ channel: slackChannel, user: 'U1', text: 'x' }).ts
    const issued = Array.from({ length: 50 }, say)
    expect([...issued].sort()).toEqual(issued)
    expect(new Set(issued).size).toBe(50)
    expect(issued[0]).toMatch(/^\d{10}\.\d{6}$/)
  })

  it("delivers a bot's own chat.postMessage to it as subtype bot_message", async () => {
    const { rtm, slack, slackBot, slackChannel } = await setStage()
    const wire = await rtm()
    const { ts } = await slack('chat.postMessage', { channel: slackChannel, text: 'mine' })
    const frame = await wire.next({ type: 'message' })
    expect(frame).toMatchObject({ subtype: 'bot_message', bot_id: slackBot.botId, text: 'mine', ts })
    expect(frame).not.toHaveProperty('user')
  })

  it('posts a message sent over RTM, replies on that socket and shows it to the other ones', async () => {
    const { rtm, slackBot, slackChannel } = await setStage()
    const [one, two] = [await rtm(), await rtm()]
    one.send({ id: 7, type: 'message', channel: slackChannel, text: 'over RTM' })
    const reply = await one.next()
    expect(reply).toEqual({ ok: true, reply_to: 7, ts: expect.any(String), text: 'over RTM' })
    const seen = { user: slackBot.userId, bot_id: slackBot.botId, ts: reply.ts }
    expect(await two.next({ type: 'message' })).toMatchObject(seen)
    expect(one.frames.filter(({ type }) => type === 'message')).toEqual([])
  })

  it('does not call a message lost to the bot that sent it over its only socket', async () => {
    const { rtm, at, simulator, slackChannel } = await setStage()
    const wire = await rtm()
    wire.send({ id: 7, type: 'message', channel: slackChannel, text: 'over RTM' })
    await wire.next({ reply_to: 7 })
    const [event] = simulator.record.of('event')
    expect(event?.deliveredTo.map(({ bot }) => bot)).toEqual([at.slack.bots[1]?.userId])
  })

  it('answers an RTM message without text with an error reply', async () => {
    const { rtm, slackChannel } = await setStage()
    const wire = await rtm()
    wire.send({ id: 8, type: 'message', channel: slackChannel })
    expect(await wire.next()).toEqual({
      ok: false,
      reply_to: 8,
      error: { code: 2, msg: 'message text is missing' },
    })
  })

  it('answers a ping with a pong that echoes its fields', async () => {
    const { rtm } = await setStage()
    const wire = await rtm()
    wire.send({ id: 1234, type: 'ping', time: 1_403_299_273_342 })
    expect(await wire.next()).toEqual({ reply_to: 1234, type: 'pong', time: 1_403_299_273_342 })
  })

  it('shows typing to the others, without a ts', async () => {
    const { rtm, slackBot, slackChannel } = await setStage()
    const [one, two] = [await rtm(), await rtm()]
    one.send({ id: 2, type: 'typing', channel: slackChannel })
    const typing = { type: 'user_typing', channel: slackChannel, user: slackBot.userId }
    expect(await two.next({ type: 'user_typing' })).toEqual(typing)
  })

  it('knows no mentions: those are for apps', async () => {
    const { rtm, simulator, slackBot, slackChannel } = await setStage()
    const wire = await rtm()
    simulator.slack.say({ channel: slackChannel, user: 'U1', text: `<@${slackBot.userId}> hi` })
    wire.send({ id: 1, type: 'ping' })
    await wire.next({ type: 'pong' })
    expect(wire.frames.map(({ type }) => type)).toEqual(['hello', 'message', 'pong'])
    expect(simulator.record.of('event').map(({ type }) => type)).toEqual(['message'])
  })

  it('sends a raw frame exactly as given', async () => {
    const { rtm, simulator, slackBot } = await setStage()
    const wire = await rtm()
    const text = '{"type":"pin_added","big":9007199254740993, "spaced" : 1}'
    simulator.slack.sendFrame(slackBot.userId, text)
    await wire.next({ type: 'pin_added' })
    expect(wire.texts.at(-1)).toBe(text)
  })
})
