import type { EnvelopeFact, FaultRequest, SimulatorOptions } from '@holdfast/simulator'
import { SocketModeClient, type SocketModeOptions } from '@slack/socket-mode'
import { Notes } from '../notes.ts'
import { first, it as plain, type Stage } from '../stage.ts'
import { silent } from './silent.ts'

/** What the library emitted: its states, and deliveries of envelopes. */
export interface Emitted {
  readonly name: string
  /** The text of a message, or the command. */
  readonly text?: string
  readonly attempt?: number
  readonly event?: string
}

interface Delivery {
  readonly type: string
  readonly body: {
    readonly event?: { readonly type: string; readonly text?: string }
    readonly event_id?: string
    readonly command?: string
  }
  readonly retry_num?: number
  readonly ack: (response?: unknown) => Promise<void>
}

/** A client of @slack/socket-mode on a stage. */
export interface SocketModeStage extends Stage {
  readonly client: SocketModeClient
  readonly emitted: Notes<Emitted>
  readonly channel: string
  readonly user: string
  readonly botUser: string
  /** How the client answers an envelope from now on: with this, or not at all. Empty at first. */
  answer(payload: object | 'nothing'): void
  say(text: string): string
  fault(ask: Omit<FaultRequest, 'platform'>): void
  /** Resolves when the client has emitted this so many times. */
  saw(name: string, count?: number): Promise<Emitted>
  heard(text: string, count?: number): Promise<Emitted>
  texts(): string[]
  /** Resolves with the `count`th delivery that has come to this. */
  envelope(what: EnvelopeFact['what'], count?: number): Promise<EnvelopeFact>
  /** Another client of the same app, which notes into the same place. */
  another(): SocketModeClient
  openedCount(): number
}

type SetSocketModeStage = (
  limits?: NonNullable<SimulatorOptions['slack']>['limits'],
  options?: Partial<SocketModeOptions>,
) => Promise<SocketModeStage>

/** A test of @slack/socket-mode: `unstarted` sets a stage with a client that is not; `ready` one that heard `before`. */
export const it = plain.extend<{ unstarted: SetSocketModeStage; ready: SetSocketModeStage }>({
  unstarted: async ({ setStage }, use) =>
    use(async (limits = {}, options = {}) => onStage(await setStage({ slack: { limits } }), options)),
  ready: async ({ unstarted }, use) =>
    use(async (limits, options) => {
      const stage = await unstarted(limits, options)
      await stage.client.start()
      stage.say('before')
      await stage.heard('before')
      await stage.envelope('acknowledged')
      return stage
    }),
})

function onStage(stage: Stage, options: Partial<SocketModeOptions>): SocketModeStage {
  const { simulator, at, fact } = stage
  const { appToken, userId: botUser } = first(at.slack.bots)
  const emitted = new Notes<Emitted>()
  let answer: object | 'nothing' = {}
  const another = () => {
    const clientOptions = { slackApiUrl: at.slackApiUrl }
    const own = new SocketModeClient({
      appToken,
      clientOptions,
      logger: silent,
      clientPingTimeout: 1_500,
      ...options,
    })
    listen(own, emitted, () => answer)
    stage.afterwards(() => own.disconnect())
    return own
  }
  const channel = first(at.slack.channels).id
  const user = first(at.slack.users).id
  return {
    ...stage,
    client: another(),
    another,
    emitted,
    channel,
    user,
    botUser,
    answer: (payload) => {
      answer = payload
    },
    say: (text) => simulator.slack.say({ channel, user, text }).ts,
    fault: (ask) => simulator.fault({ ...ask, platform: 'slack' }),
    saw: (name, count) => emitted.until((note) => note.name === name, count),
    heard: (text, count) => emitted.until((note) => note.text === text, count),
    texts: () => emitted.all.flatMap(({ text }) => (text === undefined ? [] : [text])),
    envelope: (what, count) => fact('envelope', (envelope) => envelope.what === what, count),
    openedCount: () => simulator.record.of('socket').filter(({ what }) => what === 'opened').length,
  }
}

const STATES = ['connecting', 'authenticated', 'connected', 'reconnecting', 'disconnected'] as const

function listen(client: SocketModeClient, emitted: Notes<Emitted>, answer: () => object | 'nothing'): void {
  for (const name of STATES) client.on(name, () => emitted.take({ name }))
  client.on('slack_event', ({ type, body, retry_num, ack }: Delivery) => {
    const text = body.event?.text ?? body.command
    emitted.take({
      name: body.event?.type ?? type,
      ...(text !== undefined && { text }),
      ...(retry_num !== undefined && { attempt: retry_num }),
      ...(body.event_id !== undefined && { event: body.event_id }),
    })
    const payload = answer()
    // Rejects where the socket has gone meanwhile; then the delivery is repeated.
    if (payload !== 'nothing') ack(payload).catch(() => {})
  })
}
