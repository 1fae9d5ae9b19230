import type { SlackBot } from './directory.ts'

/** Something that happened, as bots get it: the event's JSON text, and what must be known to deliver it. */
export interface AppEvent {
  readonly type: string
  readonly text: string
  readonly channel?: string | undefined
}

/** What an app's event is wrapped with beside the event. */
export interface CallbackAbout {
  readonly eventId: string
  /** When it happened, Unix milliseconds. */
  readonly at: number
}

// By the first letter of an id. Source: docs.slack.dev, Events, message.channels and its siblings.
const CHANNEL_TYPES: Readonly<Record<string, string>> = { C: 'channel', D: 'im', G: 'group' }

// Slack's verification token, deprecated and still in every payload.
export const VERIFICATION_TOKEN = 'simulated-verification-token'

/**
 * The outer event of the Events API, as text around the inner event's own bytes.
 * Source: docs.slack.dev, Events API, Callback field overview.
 */
export function eventCallback(bot: SlackBot, event: AppEvent, about: CallbackAbout): string {
  const { teamId, appId, userId } = bot
  const before = {
    token: VERIFICATION_TOKEN,
    team_id: teamId,
    context_team_id: teamId,
    context_enterprise_id: null,
    api_app_id: appId,
  }
  const context = ['1', event.type, teamId, event.channel].filter((part) => part !== undefined)
  const after = {
    type: 'event_callback',
    event_id: about.eventId,
    event_time: Math.floor(about.at / 1_000),
    authorizations: [
      { enterprise_id: null, team_id: teamId, user_id: userId, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
    event_context: context.join('-'),
  }
  return `${inside(before, '{', ',')}"event":${innerText(event)},${inside(after, '', '}')}`
}

/** The members of an object as JSON text, between other ends than its own. */
function inside(members: object, begin: string, end: string): string {
  return `${begin}${JSON.stringify(members).slice(1, -1)}${end}`
}

/** Over the Events API messages tell of what kind their channel is; else the event is as RTM has it, byte for byte. */
function innerText({ type, text, channel = '' }: AppEvent): string {
  const channelType = type === 'message' ? CHANNEL_TYPES[channel.charAt(0)] : undefined
  if (channelType === undefined) return text
  return `${text.slice(0, -1)},"channel_type":"${channelType}"}`
}
