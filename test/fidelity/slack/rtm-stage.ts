import type { FaultRequest, SimulatorOptions } from '@holdfast/simulator'
import { RTMClient, type RTMClientOptions } from '@slack/rtm-api'
import { Notes } from '../notes.ts'
import { first, it as plain, type Stage } from '../stage.ts'
import { silent } from './silent.ts'

/** What the library emitted: its states, Slack's types, and errors. */
export interface Emitted {
  readonly name: string
  readonly text?: string
}

/** A client of @slack/rtm-api on a stage. */
export interface RtmStage extends Stage {
  readonly client: RTMClient
  readonly emitted: Notes<Emitted>
  readonly channel: string
  readonly user: string
  readonly botUser: string
  say(text: string): string
  fault(ask: Omit<FaultRequest, 'platform'>): void
  /** Resolves when the client has emitted this so many times. */
  saw(name: string, count?: number): Promise<Emitted>
  heard(text: string): Promise<Emitted>
  texts(): string[]
  /** Another client of the same bot. */
  another(options?: RTMClientOptions): RTMClient
}

type SetRtmStage = (
  options?: RTMClientOptions,
  limits?: NonNullable<SimulatorOptions['slack']>['limits'],
) => Promise<RtmStage>

/** A test of @slack/rtm-api: `unstarted` sets a stage with a client that is not; `ready` one that is and heard `before`. */
export const it = plain.extend<{ unstarted: SetRtmStage; ready: SetRtmStage }>({
  unstarted: async ({ setStage }, use) =>
    use(async (options = {}, limits = {}) => onStage(await setStage({ slack: { limits } }), options)),
  ready: async ({ unstarted }, use) =>
    use(async (options, limits) => {
      const stage = await unstarted(options, limits)
      await Promise.all([stage.client.start(), stage.saw('ready')])
      stage.say('before')
      await stage.heard('before')
      return stage
    }),
})

function onStage(stage: Stage, options: RTMClientOptions): RtmStage {
  const { simulator, at } = stage
  const { token, userId: botUser } = first(at.slack.bots)
  const another = (more: RTMClientOptions = {}) => {
    const replyAckOnReconnectTimeout = 50
    const own = new RTMClient(token, {
      slackApiUrl: at.slackApiUrl,
      logger: silent,
      replyAckOnReconnectTimeout,
      ...more,
    })
    stage.afterwards(() => end(own))
    return own
  }
  const client = another(options)
  const emitted = new Notes<Emitted>()
  const channel = first(at.slack.channels).id
  const user = first(at.slack.users).id
  listen(client, emitted)
  return {
    ...stage,
    client,
    another,
    emitted,
    channel,
    user,
    botUser,
    say: (text) => simulator.slack.say({ channel, user, text }).ts,
    fault: (ask) => simulator.fault({ ...ask, platform: 'slack' }),
    saw: (name, count) => emitted.until((note) => note.name === name, count),
    heard: (text) => emitted.until((note) => note.name === 'message' && note.text === text),
    texts: () =>
      emitted.all.flatMap(({ name, text }) => (name === 'message' && text !== undefined ? [text] : [])),
  }
}

const STATES = ['connecting', 'authenticated', 'connected', 'ready', 'reconnecting', 'disconnected'] as const

function listen(client: RTMClient, emitted: Notes<Emitted>): void {
  for (const name of [...STATES, 'unable_to_rtm_start'])
    client.on(name, (error?: { message?: string }) => emitted.take({ name, text: error?.message ?? '' }))
  client.on('slack_event', (name?: string, event?: { text?: string }) =>
    emitted.take({ name: name ?? 'reply', ...(event?.text !== undefined && { text: event.text }) }),
  )
}

/**
 * Ends a client whatever its state: one that is disconnected already never answers `disconnect`, and one that has sent a
 * message stumbles over the holes of its own list of awaited replies.
 */
async function end(client: RTMClient): Promise<void> {
  client.on('error', () => {})
  Reflect.set(client, 'awaitingReplyList', [])
  await Promise.race([client.disconnect().catch(() => {}), new Promise(setImmediate)])
}
