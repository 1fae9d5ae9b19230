import { describe, expect, it } from 'vitest'
import { setStage } from './stage.ts'
import { type Frame, post } from './wire.ts'

async function withControl() {
  const stage = await setStage()
  const control = (path: string, body: unknown) => post(`${stage.at.controlUrl}/slack/${path}`, body)
  const who = { channel: stage.slackChannel, user: stage.at.slack.users[0]?.id ?? '' }
  return { ...stage, control, who }
}

describe('control API of Slack', () => {
  it('lets people use slash commands, with or without the slash', async () => {
    const { control, who, slackBot, socketMode } = await withControl()
    const wire = await socketMode()
    for (const command of ['/tide', 'tide']) {
      const { triggerId } = await control('command', { ...who, bot: slackBot.userId, command, text: 'now' })
      const asked = { command: '/tide', text: 'now', trigger_id: triggerId }
      expect(await wire.next({ type: 'slash_commands' })).toMatchObject({ payload: asked })
    }
  })

  it('lets people press buttons and send forms', async () => {
    const { control, who, slack, socketMode } = await withControl()
    const wire = await socketMode()
    const button = { type: 'button', action_id: 'go', text: { type: 'plain_text', text: 'Go' } }
    const blocks = [{ type: 'actions', elements: [button] }]
    const { ts } = await slack('chat.postMessage', { channel: who.channel, text: '?', blocks })
    const { triggerId } = await control('action', { ...who, ts, action_id: 'go' })
    expect(await wire.next({ type: 'interactive' })).toMatchObject({
      payload: { actions: [{ action_id: 'go' }] },
    })
    const { view } = await slack('views.open', { trigger_id: triggerId, view: { type: 'modal' } })
    await control('view', { view: (view as Frame).id, user: who.user, values: {} })
    expect(await wire.next({ type: 'interactive' })).toMatchObject({ payload: { type: 'view_submission' } })
  })

  it('says what is wrong with a press on nothing', async () => {
    const { control, who } = await withControl()
    const refused = await control('action', { ...who, ts: '1.1', action_id: 'go' })
    expect(refused).toMatchObject({ code: 'not-found', error: expect.stringContaining('action id "go"') })
  })

  it('lets people type, come and go', async () => {
    const { control, who, rtm } = await withControl()
    const wire = await rtm()
    await control('typing', who)
    expect(await wire.next()).toEqual({ type: 'user_typing', ...who })
    wire.send({ type: 'presence_sub', ids: [who.user] })
    await wire.next({ presence: 'active' })
    expect(await control('presence', { user: who.user, presence: 'away' })).toEqual({ ok: true })
    expect(await wire.next()).toMatchObject({ type: 'presence_change', presence: 'away' })
    const unknown = { code: 'bad-request', error: expect.stringContaining('use active or away') }
    expect(await control('presence', { user: who.user, presence: 'asleep' })).toMatchObject(unknown)
  })

  it('sends envelopes as given', async () => {
    const { control, slackBot, socketMode } = await withControl()
    const wire = await socketMode()
    await control('envelope', { bot: slackBot.userId, type: 'new', payload: '{"n":9007199254740993}' })
    await wire.next({ type: 'new' })
    expect(wire.texts.at(-1)).toContain('"payload":{"n":9007199254740993}')
  })

  it('shows sockets of both kinds', async () => {
    const { at, rtm, socketMode } = await withControl()
    await rtm()
    await socketMode()
    const state = (await (await fetch(`${at.controlUrl}/state`)).json()) as Frame
    const [bot] = state.slack as Frame[]
    expect(bot).toMatchObject({ sockets: [{ transport: 'rtm' }, { transport: 'socket-mode' }] })
  })
})
