import { describe, expect, it } from 'vitest'
import { type Stage, setStage } from './stage.ts'

describe('The life of an RTM socket', () => {
  it('ends after eight hours: goodbye first, closed a while later, served until then', async () => {
    const stage = await setStage({ slack: { limits: { rtmQuietMs: 'off', rtmReconnectUrlMs: 'off' } } })
    const wire = await stage.rtm()
    stage.clock.advance(8 * 3_600_000)
    expect(await wire.next()).toEqual({ type: 'goodbye' })
    say(stage, 'still here?')
    expect(await wire.next()).toMatchObject({ type: 'message', text: 'still here?' })
    stage.clock.advance(10_000)
    expect(await wire.closed).toBe(1000)
  })

  it('ends after two minutes in which nothing happens in the workspace, pings or not', async () => {
    const stage = await setStage({ slack: { limits: { rtmReconnectUrlMs: 'off' } } })
    const wire = await stage.rtm()
    stage.clock.advance(60_000)
    say(stage, 'not quiet yet')
    await wire.next({ type: 'message' })
    stage.clock.advance(60_000)
    wire.send({ id: 1, type: 'ping' })
    await wire.next({ type: 'pong' })
    stage.clock.advance(60_000)
    expect(await wire.next()).toEqual({ type: 'goodbye' })
    expect(wire.frames.map(({ type }) => type)).toEqual(['hello', 'message', 'pong', 'goodbye'])
  })

  it('is told a reconnect URL every three minutes', async () => {
    const { rtm, clock } = await setStage({ slack: { limits: { rtmQuietMs: 'off' } } })
    const wire = await rtm()
    for (let n = 0; n < 2; n++) {
      clock.advance(180_000)
      expect(await wire.next()).toMatchObject({ type: 'reconnect_url', url: expect.stringMatching(/^wss:/) })
    }
  })

  it('begins with the last message that the bot sent on the socket before, as a reply to it', async () => {
    const stage = await setStage()
    const one = await stage.rtm()
    one.send({ id: 7, type: 'message', channel: stage.slackChannel, text: 'heard?' })
    const { ts } = await one.next({ reply_to: 7 })
    const gone = stage.simulator.record.until((e) => e.kind === 'socket' && e.what === 'closed')
    one.ws.terminate()
    await gone
    const two = await stage.rtm()
    const repeated = { reply_to: 7, type: 'message', channel: stage.slackChannel, text: 'heard?', ts }
    expect(await two.next()).toEqual({ ...repeated, user: stage.slackBot.userId })
    stage.clock.advance(60_000)
    const three = await stage.rtm()
    say(stage, 'once only')
    expect(await three.next()).toMatchObject({ text: 'once only' })
  })
})

describe('What a bot sends over RTM', () => {
  it('is refused beyond one message a second and a burst, then the socket ends', async () => {
    const { rtm, slackChannel, clock } = await setStage()
    const wire = await rtm()
    let id = 0
    const send = () => wire.send({ id: ++id, type: 'message', channel: slackChannel, text: 'quick' })
    for (let n = 0; n < 11; n++) send()
    expect(await wire.next({ reply_to: 10 })).toMatchObject({ ok: true })
    const refused = { ok: false, error: { code: -1, msg: 'slow down, too many messages...' } }
    expect(await wire.next({ reply_to: 11 })).toMatchObject(refused)
    clock.advance(1_000)
    send()
    expect(await wire.next({ reply_to: 12 })).toMatchObject({ ok: true })
    for (let n = 0; n < 5; n++) send()
    expect(await wire.next({ reply_to: 17 })).toMatchObject(refused)
    expect(await wire.closed).toBe(1008)
  })

  it('may ask for the presence of people and bots, and is told of changes as long as it is subscribed', async () => {
    const { rtm, at, simulator } = await setStage()
    const wire = await rtm()
    const [other, person] = [at.slack.bots[1], at.slack.users[0]?.id ?? '']
    wire.send({ id: 1, type: 'presence_sub', ids: [other?.userId, person, 'U-unknown'] })
    expect(await wire.next()).toEqual({ type: 'presence_change', user: person, presence: 'active' })
    expect(await wire.next()).toEqual({ type: 'presence_change', user: other?.userId, presence: 'away' })
    await rtm(other?.token)
    expect(await wire.next()).toEqual({ type: 'presence_change', user: other?.userId, presence: 'active' })
    wire.send({ id: 2, type: 'presence_sub', ids: [] })
    wire.send({ id: 3, type: 'presence_query', ids: [person] })
    expect(await wire.next()).toMatchObject({ user: person })
    simulator.slack.setPresence(person, 'away')
    wire.send({ id: 4, type: 'ping' })
    expect(await wire.next()).toMatchObject({ type: 'pong' })
  })

  it('names users of one presence together where the client knows batches', async () => {
    const { slack, open, at } = await setStage()
    const { url } = await slack('rtm.connect', { batch_presence_aware: true })
    const wire = open(String(url))
    await wire.next({ type: 'hello' })
    const ids = at.slack.users.map(({ id }) => id)
    wire.send({ id: 1, type: 'presence_query', ids })
    expect(await wire.next()).toEqual({ type: 'presence_change', users: ids, presence: 'active' })
  })
})

function say({ simulator, slackChannel }: Stage, text: string) {
  return simulator.slack.say({ channel: slackChannel, user: 'U1', text })
}
