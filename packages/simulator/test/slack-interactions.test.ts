import { describe, expect, it } from 'vitest'
import { type Stage, setStage } from './stage.ts'
import { type Frame, post, type Wire } from './wire.ts'

describe('Slash commands', () => {
  it('reach one socket of the app, with all that an app needs to answer', async () => {
    const stage = await setStage()
    const { slackBot, slackChannel, at } = stage
    const wire = await stage.socketMode()
    const { triggerId } = useCommand(stage)
    expect(await wire.next()).toEqual({
      envelope_id: expect.any(String),
      type: 'slash_commands',
      accepts_response_payload: true,
      payload: {
        token: expect.any(String),
        team_id: slackBot.teamId,
        team_domain: expect.any(String),
        channel_id: slackChannel,
        channel_name: 'general',
        user_id: at.slack.users[0]?.id,
        user_name: at.slack.users[0]?.name,
        command: '/tide',
        text: 'tomorrow',
        api_app_id: slackBot.appId,
        is_enterprise_install: 'false',
        response_url: expect.stringMatching(/^http:/),
        trigger_id: triggerId,
      },
    })
    expect(states(stage)).toEqual(['waiting'])
  })

  it('are answered by the acknowledgement, in the channel where its payload says so', async () => {
    const stage = await setStage()
    const wire = await stage.socketMode()
    const { triggerId } = useCommand(stage)
    await acknowledge(stage, wire, { text: 'high at noon', response_type: 'in_channel' })
    const { slackBot: bot, slackChannel: channel } = stage
    expect(stage.simulator.record.of('post')).toMatchObject([
      { bot: bot.userId, channel, text: 'high at noon', interaction: triggerId, outcome: 'created' },
    ])
    expect(await wire.next({ type: 'events_api' })).toMatchObject({
      payload: { event: { type: 'message', text: 'high at noon', user: bot.userId } },
    })
    expect(stage.simulator.record.of('interaction').at(-1)).toMatchObject({
      state: 'answered',
      response: 'message',
    })
  })

  it('are answered for one person by default, which no history shows', async () => {
    const stage = await setStage()
    const wire = await stage.socketMode()
    useCommand(stage)
    await acknowledge(stage, wire, { text: 'for you' })
    expect(stage.simulator.record.of('post')).toMatchObject([{ text: 'for you', ephemeral: true }])
    const history = await stage.slack('conversations.history', { channel: stage.slackChannel })
    expect(history).toMatchObject({ messages: [] })
  })

  it('posts nothing for an acknowledgement with an empty payload', async () => {
    const stage = await setStage()
    const wire = await stage.socketMode()
    useCommand(stage)
    await acknowledge(stage, wire, {})
    expect(stage.simulator.record.of('post')).toEqual([])
    expect(states(stage)).toEqual(['waiting', 'answered'])
  })

  it('fail for the person after 3 s without acknowledgement, and never come again', async () => {
    const stage = await setStage()
    const wire = await stage.socketMode()
    useCommand(stage)
    const { envelope_id } = await wire.next()
    stage.clock.advance(3_000)
    expect(states(stage)).toEqual(['waiting', 'failed'])
    wire.send({ envelope_id, payload: { text: 'too late' } })
    await wire.heard()
    stage.clock.advance(400_000)
    expect(stage.simulator.record.of('post')).toEqual([])
    expect(stage.simulator.record.of('envelope').map(({ what }) => what)).toEqual([
      'sent',
      'unanswered',
      'given-up',
    ])
  })

  it('fail at once where no socket is open', async () => {
    const stage = await setStage()
    expect(useCommand(stage).deliveredTo).toMatchObject({ sentCount: 0, bufferedCount: 0 })
    expect(states(stage)).toEqual(['waiting', 'failed'])
  })
})

describe('Presses on messages', () => {
  it('reach the app as block_actions with the message, the block and the value', async () => {
    const stage = await setStage()
    const { wire, ts } = await posted(stage)
    const { triggerId } = press(stage, ts, 'yes')
    const { slackBot, slackChannel, at } = stage
    expect(await wire.next({ type: 'interactive' })).toEqual({
      envelope_id: expect.any(String),
      type: 'interactive',
      accepts_response_payload: false,
      payload: expect.objectContaining({
        type: 'block_actions',
        user: expect.objectContaining({ id: at.slack.users[0]?.id, team_id: slackBot.teamId }),
        api_app_id: slackBot.appId,
        container: { type: 'message', message_ts: ts, channel_id: slackChannel, is_ephemeral: false },
        trigger_id: triggerId,
        channel: { id: slackChannel, name: 'general' },
        message: expect.objectContaining({ ts, bot_id: slackBot.botId, blocks: BLOCKS }),
        response_url: expect.stringMatching(/^http:/),
        actions: [
          {
            action_id: 'yes',
            block_id: 'ask',
            type: 'button',
            text: { type: 'plain_text', text: 'Yes' },
            value: 'y',
            action_ts: expect.any(String),
          },
        ],
      }),
    })
  })

  it('tell what was chosen from a menu', async () => {
    const stage = await setStage()
    const { wire, ts } = await posted(stage)
    press(stage, ts, 'when', 'noon')
    const { payload } = await wire.next({ type: 'interactive' })
    expect((payload as Frame).actions).toMatchObject([
      { type: 'static_select', selected_option: { value: 'noon' } },
    ])
    expect(stage.simulator.record.of('interaction')).toMatchObject([{ what: 'When?', message: ts }])
  })

  it('are refused where there is no such button or choice', async () => {
    const stage = await setStage()
    const { ts } = await posted(stage)
    expect(() => press(stage, ts, 'perhaps')).toThrow(/no button or menu of action id "perhaps"/)
    expect(() => press(stage, ts, 'when', 'never')).toThrow(/with a choice "never"/)
  })
})

describe('Response URLs', () => {
  it('replace the message that was pressed on, post, or delete it', async () => {
    const stage = await setStage()
    const { wire, ts } = await posted(stage)
    press(stage, ts, 'yes')
    const url = responseUrlOf(await wire.next({ type: 'interactive' }))
    expect(await post(url, { text: 'done', replace_original: true })).toEqual({ ok: true })
    const replaced = stage.simulator.slack.message(stage.slackChannel, ts)
    expect(replaced).toMatchObject({ text: 'done' })
    expect(replaced).not.toHaveProperty('blocks')
    await post(url, { text: 'and more', response_type: 'in_channel' })
    await post(url, { delete_original: true })
    const outcomes = stage.simulator.record.of('post').slice(1)
    expect(outcomes.map(({ method, outcome }) => [method, outcome])).toEqual([
      ['response_url', 'edited'],
      ['response_url', 'created'],
      ['response_url', 'deleted'],
    ])
  })

  it('are good for five uses within 30 minutes, also after the acknowledgement was missed', async () => {
    const stage = await setStage()
    const wire = await stage.socketMode()
    const [one, two] = [useCommand(stage), useCommand(stage)]
    expect(one.triggerId).not.toBe(two.triggerId)
    const urls = [responseUrlOf(await wire.next()), responseUrlOf(await wire.next())]
    stage.clock.advance(3_000)
    for (let n = 0; n < 5; n++) expect(await post(urls[0] ?? '', { text: String(n) })).toEqual({ ok: true })
    expect(await post(urls[0] ?? '', { text: 'six' })).toEqual({ ok: false, error: 'used_url' })
    stage.clock.advance(30 * 60_000)
    expect(await post(urls[1] ?? '', { text: 'late' })).toEqual({ ok: false, error: 'expired_url' })
  })
})

describe('Forms', () => {
  it('open with a trigger id that is fresh, and only once', async () => {
    const stage = await setStage()
    await stage.socketMode()
    const [fresh, stale] = [useCommand(stage).triggerId, useCommand(stage).triggerId]
    const open = (trigger_id: string) => stage.slack('views.open', { trigger_id, view: VIEW })
    expect(await open(fresh)).toMatchObject({
      ok: true,
      view: { id: expect.stringMatching(/^V/), type: 'modal' },
    })
    expect(await open(fresh)).toEqual({ ok: false, error: 'exchanged_trigger_id' })
    stage.clock.advance(3_000)
    expect(await open(stale)).toEqual({ ok: false, error: 'expired_trigger_id' })
    expect(await open('made.up')).toEqual({ ok: false, error: 'invalid_trigger_id' })
  })

  it.each([{}, { payload: { response_action: 'clear' } }])(
    'reach the app with what was filled in, stay open when it finds errors, and close after %j',
    async (answer) => {
      const stage = await setStage()
      const wire = await stage.socketMode()
      const { triggerId } = useCommand(stage)
      const { view } = await stage.slack('views.open', { trigger_id: triggerId, view: VIEW })
      const id = String((view as Frame).id)
      const values = { name: { input: { type: 'plain_text_input', value: '' } } }
      const submit = () => stage.simulator.slack.submit({ view: id, user: 'U1', values })
      submit()
      const envelope = await wire.next({ type: 'interactive' })
      expect(envelope).toMatchObject({
        accepts_response_payload: true,
        payload: { type: 'view_submission', view: { id, state: { values }, callback_id: 'survey' } },
      })
      wire.send({
        envelope_id: envelope.envelope_id,
        payload: { response_action: 'errors', errors: { name: '?' } },
      })
      await stage.simulator.record.until((e) => e.kind === 'interaction' && e.response === 'errors')
      submit()
      const again = await wire.next({ type: 'interactive' })
      const end = stage.simulator.record.end
      wire.send({ envelope_id: again.envelope_id, ...answer })
      await stage.simulator.record.until((e) => e.kind === 'interaction' && e.state === 'answered', end)
      expect(submit).toThrow(/no open view/)
    },
  )
})

describe('Envelopes as given', () => {
  it('carry any type and payload, byte for byte', async () => {
    const { socketMode, simulator, slackBot } = await setStage()
    const wire = await socketMode()
    simulator.slack.sendEnvelope(slackBot.userId, 'something_new', '{"big":9007199254740993, "spaced" : 1}')
    await wire.next({ type: 'something_new' })
    expect(wire.texts.at(-1)).toContain('"payload":{"big":9007199254740993, "spaced" : 1},')
  })
})

const BLOCKS = [
  {
    type: 'actions',
    block_id: 'ask',
    elements: [{ type: 'button', action_id: 'yes', text: { type: 'plain_text', text: 'Yes' }, value: 'y' }],
  },
  {
    type: 'section',
    accessory: {
      type: 'static_select',
      action_id: 'when',
      placeholder: { type: 'plain_text', text: 'When?' },
      options: [{ text: { type: 'plain_text', text: 'Noon' }, value: 'noon' }],
    },
  },
]

const VIEW = {
  type: 'modal',
  callback_id: 'survey',
  title: { type: 'plain_text', text: 'Survey' },
  blocks: [],
}

function useCommand({ simulator, slackBot, slackChannel, at }: Stage) {
  const who = { bot: slackBot.userId, channel: slackChannel, user: at.slack.users[0]?.id ?? '' }
  return simulator.slack.useCommand({ ...who, command: '/tide', text: 'tomorrow' })
}

/** A message of the bot with a button and a menu, and a socket of the app. */
async function posted(stage: Stage) {
  const wire = await stage.socketMode()
  const { ts } = await stage.slack('chat.postMessage', {
    channel: stage.slackChannel,
    text: '?',
    blocks: BLOCKS,
  })
  return { wire, ts: String(ts) }
}

function press(
  { simulator, slackChannel: channel, at }: Stage,
  ts: string,
  actionId: string,
  value?: string,
) {
  return simulator.slack.press({ channel, user: at.slack.users[0]?.id ?? '', ts, actionId, value })
}

async function acknowledge({ simulator }: Stage, wire: Wire, payload: object): Promise<void> {
  const { envelope_id } = await wire.next({ type: 'slash_commands' })
  wire.send({ envelope_id, payload })
  await simulator.record.until((e) => e.kind === 'interaction' && e.state === 'answered')
}

function responseUrlOf({ payload }: Frame): string {
  return String((payload as Frame).response_url)
}

function states({ simulator }: Stage): string[] {
  return simulator.record.of('interaction').map(({ state }) => state)
}
