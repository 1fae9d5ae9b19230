import { createRequire } from 'node:module'
import { App, SocketModeReceiver } from '@slack/bolt'
import { describe, expect } from 'vitest'
import { Notes } from './notes.ts'
import { silent } from './slack/silent.ts'
import { first, it as plain, type Stage } from './stage.ts'

const { version } = createRequire(import.meta.url)('@slack/bolt/package.json') as { version: string }

interface BoltStage extends Stage {
  readonly app: App
  /** What listeners of the app were called with. */
  readonly heard: Notes<string>
  readonly channel: string
  readonly user: string
  readonly botUser: string
}

const it = plain.extend<{ bolt: () => Promise<BoltStage> }>({
  bolt: async ({ setStage }, use) => use(async () => onStage(await setStage())),
})

async function onStage(stage: Stage): Promise<BoltStage> {
  const { at } = stage
  const { token, appToken, userId: botUser } = first(at.slack.bots)
  const clientOptions = { slackApiUrl: at.slackApiUrl }
  const installerOptions = { clientOptions }
  const receiver = new SocketModeReceiver({
    appToken,
    installerOptions,
    logger: silent,
    clientPingTimeout: 1_500,
  })
  const app = new App({ token, receiver, clientOptions, logger: silent })
  const heard = new Notes<string>()
  app.message(async ({ message, say }) => {
    if (message.subtype !== undefined) return
    heard.take(message.text ?? '')
    if (message.text === 'question') await say('answer')
  })
  stage.afterwards(() => app.stop())
  await app.start()
  const channel = first(at.slack.channels).id
  return { ...stage, app, heard, channel, user: first(at.slack.users).id, botUser }
}

const BUTTONS = [
  {
    type: 'actions',
    block_id: 'choice',
    elements: [
      { type: 'button', action_id: 'dive', text: { type: 'plain_text', text: 'Dive' }, value: 'deep' },
    ],
  },
] as const

const FORM = {
  type: 'modal',
  callback_id: 'log',
  title: { type: 'plain_text', text: 'Log book' },
  submit: { type: 'plain_text', text: 'Send' },
  blocks: [
    {
      type: 'input',
      block_id: 'depth',
      label: { type: 'plain_text', text: 'Depth' },
      element: { type: 'plain_text_input', action_id: 'metres' },
    },
  ],
} as const

describe.concurrent(`@slack/bolt ${version}`, () => {
  it('hears a message and says an answer', async ({ bolt }) => {
    const { simulator, heard, channel, user, fact } = await bolt()
    simulator.slack.say({ channel, user, text: 'question' })
    await heard.until((text) => text === 'question')
    expect(await fact('post')).toMatchObject({ method: 'chat.postMessage', text: 'answer', channel })
    expect(await fact('envelope', ({ what }) => what === 'acknowledged')).toMatchObject({ attempt: 0 })
  })

  it('is called for reactions and mentions', async ({ bolt }) => {
    const { app, simulator, heard, channel, user, botUser } = await bolt()
    app.event('reaction_added', async ({ event }) => heard.take(`reaction ${event.reaction}`))
    app.event('app_mention', async ({ event }) => heard.take(`mention ${event.text}`))
    const { ts } = simulator.slack.say({ channel, user, text: `<@${botUser}> hello` })
    simulator.slack.react(channel, user, ts, 'wave')
    await heard.until((note) => note === 'reaction wave')
    await heard.until((note) => note === `mention <@${botUser}> hello`)
  })

  it('acknowledges a command with an answer, and responds again later', async ({ bolt }) => {
    const { app, simulator, channel, user, botUser: bot, fact } = await bolt()
    app.command('/tide', async ({ ack, respond, command }) => {
      await ack(`looking up ${command.text}`)
      await respond({ text: 'high at noon', response_type: 'in_channel' })
    })
    simulator.slack.useCommand({ bot, channel, user, command: '/tide', text: 'tomorrow' })
    expect(await fact('interaction', ({ state }) => state !== 'waiting')).toMatchObject({ state: 'answered' })
    expect(await fact('post')).toMatchObject({ text: 'looking up tomorrow', ephemeral: true })
    expect(await fact('post', () => true, 2)).toMatchObject({ text: 'high at noon', channel })
  })

  it('acknowledges the press of a button and replaces its message', async ({ bolt }) => {
    const { app, simulator, channel, user, fact } = await bolt()
    app.action('dive', async ({ ack, respond }) => {
      await ack()
      await respond({ text: 'diving', replace_original: true })
    })
    const { ts = '' } = await app.client.chat.postMessage({
      channel,
      text: 'shall we?',
      blocks: [...BUTTONS],
    })
    simulator.slack.press({ channel, user, ts, actionId: 'dive' })
    expect(await fact('interaction', ({ state }) => state !== 'waiting')).toMatchObject({ state: 'answered' })
    expect(await fact('post', ({ outcome }) => outcome === 'edited')).toMatchObject({
      text: 'diving',
      id: ts,
    })
  })

  it('opens a form with a trigger, refuses a submission and takes the next', async ({ bolt }) => {
    const { app, simulator, channel, user, botUser: bot, fact } = await bolt()
    const opened = new Notes<string>()
    app.command('/log', async ({ ack, body, client }) => {
      await ack()
      const { view } = await client.views.open({
        trigger_id: body.trigger_id,
        view: { ...FORM, blocks: [...FORM.blocks] },
      })
      opened.take(view?.id ?? '')
    })
    app.view('log', async ({ ack, view: { state } }) => {
      if (state.values.depth?.metres?.value === '10') await ack()
      else await ack({ response_action: 'errors', errors: { depth: 'too deep' } })
    })
    simulator.slack.useCommand({ bot, channel, user, command: '/log', text: '' })
    const view = await opened.until(() => true)
    const submit = (value: string) =>
      simulator.slack.submit({
        view,
        user,
        values: { depth: { metres: { type: 'plain_text_input', value } } },
      })
    submit('1000')
    const answers = ({ state }: { state: string }) => state === 'answered'
    expect(await fact('interaction', answers, 2)).toMatchObject({ response: 'errors' })
    submit('10')
    await fact('interaction', answers, 3)
  })

  it('goes on after a refresh', async ({ bolt }) => {
    const { simulator, heard, channel, user, fact } = await bolt()
    simulator.fault({ fault: 'refresh', platform: 'slack' })
    await fact('ticket', ({ what }) => what === 'used', 2)
    await fact('socket', ({ what }) => what === 'opened', 2)
    simulator.slack.say({ channel, user, text: 'question' })
    await heard.until((text) => text === 'question')
    expect(await fact('post')).toMatchObject({ text: 'answer' })
  })
})
