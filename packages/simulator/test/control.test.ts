import { describe, expect, it } from 'vitest'
import { setStage } from './stage.ts'
import { type Frame, post } from './wire.ts'

async function withControl() {
  const stage = await setStage()
  const control = (path: string, body: unknown) => post(`${stage.at.controlUrl}/${path}`, body)
  const read = async (path: string) => (await (await fetch(`${stage.at.controlUrl}/${path}`)).json()) as Frame
  return { ...stage, control, read }
}

describe('control API', () => {
  it('lets people post, one or many in one request, in order', async () => {
    const { control, rtm, ready, slackChannel, discordChannel } = await withControl()
    const [slackWire, { wire }] = [await rtm(), await ready()]
    const one = await control('slack/message', { channel: slackChannel, user: 'U1', text: 'a' })
    expect(one).toMatchObject({ ts: expect.any(String), deliveredTo: [{ sentCount: 1 }, { sentCount: 0 }] })
    const batch = ['b', 'c'].map((text) => ({ channel: discordChannel, user: '42', text }))
    expect(await control('discord/message', batch)).toMatchObject([{ id: expect.any(String) }, {}])
    expect(await slackWire.next()).toMatchObject({ text: 'a' })
    expect([await wire.next(), await wire.next()]).toMatchObject([
      { d: { content: 'b' } },
      { d: { content: 'c' } },
    ])
  })

  it('passes raw frames and dispatches through, byte for byte', async () => {
    const { control, rtm, ready, slackBot, discordBot } = await withControl()
    const [slackWire, { wire }] = [await rtm(), await ready()]
    await control('slack/frame', { bot: slackBot.userId, frame: '{"type":"raw","n":9007199254740993}' })
    await control('discord/dispatch', { bot: discordBot.userId, t: 'RAW', d: '{"n":9007199254740993}' })
    await Promise.all([slackWire.next({ type: 'raw' }), wire.next({ t: 'RAW' })])
    expect(slackWire.texts.at(-1)).toBe('{"type":"raw","n":9007199254740993}')
    expect(wire.texts.at(-1)).toBe('{"t":"RAW","s":3,"op":0,"d":{"n":9007199254740993}}')
  })

  it('lets people react, use commands and press buttons', async () => {
    const { control, rtm, ready, simulator, slackChannel, discordBot, discordChannel } = await withControl()
    const [slackWire, { wire }] = [await rtm(), await ready()]
    const { ts } = simulator.slack.say({ channel: slackChannel, user: 'U1', text: 'x' })
    await control('slack/reaction', { channel: slackChannel, user: 'U1', ts, name: 'wave' })
    expect(await slackWire.next({ type: 'reaction_added' })).toMatchObject({ item: { ts } })
    const who = { bot: discordBot.userId, channel: discordChannel, user: '42' }
    await control('discord/interaction', { ...who, command: 'report' })
    expect(await wire.next({ t: 'INTERACTION_CREATE' })).toMatchObject({ d: { data: { name: 'report' } } })
    const { message } = simulator.discord.say({ channel: discordChannel, user: '42', text: 'x' })
    await control('discord/interaction', { ...who, customId: 'go', messageId: message.id })
    expect(await wire.next({ t: 'INTERACTION_CREATE' })).toMatchObject({ d: { data: { custom_id: 'go' } } })
  })

  it('lets people react and start threads on Discord', async () => {
    const { control, ready, simulator, discordChannel: channel } = await withControl()
    const { wire } = await ready()
    const { id: message } = simulator.discord.say({ channel, user: '42', text: 'x' }).message
    const where = { channel, user: '42', message }
    expect(await control('discord/reaction', { ...where, emoji: '👋' })).toMatchObject({
      deliveredTo: [{ sentCount: 1 }, {}],
    })
    expect(await wire.next({ t: 'MESSAGE_REACTION_ADD' })).toMatchObject({ d: { user_id: '42' } })
    expect(await control('discord/thread', { ...where, name: 'tides' })).toMatchObject({ id: message })
    await control('discord/message', { channel: message, user: '42', text: 'within' })
    expect(await wire.next({ t: 'MESSAGE_CREATE' })).toMatchObject({ d: { channel_id: message } })
  })

  it('shows sockets, sessions and presence', async () => {
    const { rtm, ready, read, slackBot, discordBot } = await withControl()
    await rtm()
    await ready()
    const { slack, discord } = (await read('state')) as { slack: Frame[]; discord: Frame[] }
    const sockets = [{ socket: 1, frozen: false }]
    expect(slack[0]).toMatchObject({ bot: slackBot.userId, presence: 'online', sockets })
    const sessions = [{ shard: [0, 1], sequence: 2, unsentCount: 0, state: 'attached', socket: 2 }]
    expect(discord[0]).toMatchObject({ bot: discordBot.userId, identifiesLeft: 999, sessions })
    expect(discord[1]).toMatchObject({ presence: 'offline', sessions: [] })
  })

  it('reads the record from a cursor on, filtered', async () => {
    const { control, read, slackChannel } = await withControl()
    const say = (text: string) => control('slack/message', { channel: slackChannel, user: 'U1', text })
    await say('a')
    const { next } = await read('record')
    await say('b')
    await control('fault', { fault: 'clear', platform: 'slack' })
    expect(await read(`record?since=${next}&kind=event`)).toMatchObject({
      entries: [{ kind: 'event', text: 'b', n: next, at: expect.any(Number) }],
      droppedCount: 0,
    })
    expect(((await read('record?platform=discord')).entries as Frame[]).length).toBe(0)
  })

  it('makes faults happen and lists them', async () => {
    const { control, read, rtm, simulator } = await withControl()
    const wire = await rtm()
    expect(await control('fault', { fault: 'close-sockets', platform: 'slack', code: 1011 })).toEqual({
      ok: true,
      sockets: 1,
    })
    expect(await wire.closed).toBe(1011)
    expect(await read('fault')).toMatchObject({ goodbye: { platforms: ['slack'] } })
    expect(simulator.record.of('fault')).toMatchObject([{ fault: 'close-sockets', detail: 'code=1011' }])
  })

  it.each([
    ['drop-sockets', { platform: 'slack' }, { sockets: 1 }],
    ['drop-sockets', { platform: 'discord' }, { sockets: 1 }],
    ['refresh', { platform: 'slack' }, { sockets: 0 }],
    ['link-disabled', { platform: 'slack' }, { sockets: 0 }],
    ['migrate', { platform: 'slack' }, { sockets: 1, armed: true }],
    ['invalid-session', { platform: 'discord' }, { sockets: 1 }],
    ['expire-sessions', { platform: 'discord' }, { sessions: 1 }],
    ['connect-error', { platform: 'slack' }, { armed: true }],
    ['slow-hello', { platform: 'discord', forMs: 5 }, { armed: true }],
    ['clear', { platform: 'slack' }, {}],
  ])('answers what %s %o hit, as the record has it', async (fault, ask, hit) => {
    const { control, rtm, ready, simulator } = await withControl()
    await rtm()
    await ready()
    expect(await control('fault', { fault, ...ask })).toEqual({ ok: true, ...hit })
    const [{ sockets, sessions, armed } = {}] = simulator.record.of('fault')
    expect({ sockets, sessions, armed }).toEqual({
      ...{ sockets: undefined, sessions: undefined, armed: undefined },
      ...hit,
    })
  })

  it('records no fault that can not be', async () => {
    const { control, simulator } = await withControl()
    await control('fault', { fault: 'drop-sockets', platform: 'slack', bot: 'U0' })
    await control('fault', { fault: 'close-sockets', platform: 'slack' })
    expect(simulator.record.of('fault')).toEqual([])
  })

  it.each([
    ['slack/message', { channel: 'C1' }, 'POST /control/slack/message: "user" is missing; give a string'],
    ['slack/message', { channel: 'C0', user: 'U1', text: 'x' }, /^no Slack channel C0: the simulator has C/],
    ['slack/frame', { bot: 'U0', frame: '{}' }, /^no Slack bot U0: the simulator has U/],
    [
      'discord/message',
      { channel: '0', user: '1', text: 'x' },
      /^no Discord channel 0: the simulator has \d/,
    ],
    ['discord/dispatch', { t: 'X', d: 'no' }, /^d is no JSON text: give/],
    ['discord/dispatch', [{ t: 'X', d: '{}' }, { t: 1 }], /item 1: "t" must be a string$/],
    ['fault', { fault: 'fire', platform: 'slack' }, /^no fault "fire": use one of drop-sockets, /],
    ['fault', { fault: 'goodbye', platform: 'discord' }, /needs platform slack, not "discord"$/],
    ['fault', { fault: 'close-sockets', platform: 'slack' }, 'fault "close-sockets" needs "code"'],
    ['fault', { fault: 'clear', platform: 'irc' }, 'platform "irc" is unknown: use slack or discord'],
    [
      'fault',
      { fault: 'goodbye', platform: 'slack', formMs: 5 },
      'POST /control/fault: fault "goodbye" has no "formMs"; it takes fault, platform, bot, forMs',
    ],
    ['fault', { fault: 'drop-sockets', platform: 'slack', code: 4000 }, /"drop-sockets" has no "code"; it/],
    ['fault', 'text', /^POST \/control\/fault: send a JSON object/],
  ])('answers bad input to %s with one clear line', async (path, body, line) => {
    const { error } = await (await withControl()).control(path, body)
    expect(error).toEqual(typeof line === 'string' ? line : expect.stringMatching(line))
  })
})
