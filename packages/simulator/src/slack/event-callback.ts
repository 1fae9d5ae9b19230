import type { SlackBot } from './directory.ts'

/** What an app's event is wrapped with. */
export interface CallbackAbout {
  readonly type: string
  readonly eventId: string
  /** When it happened, Unix milliseconds. */
  readonly at: number
  readonly channel?: string | undefined
}

// Slack's verification token, deprecated and still in every payload.
export const VERIFICATION_TOKEN = 'simulated-verification-token'

/**
 * The outer event of the Events API, as text around the inner event's own bytes.
 * Source: docs.slack.dev, Events API, Callback field overview.
 */
export function eventCallback(bot: SlackBot, eventText: string, about: CallbackAbout): string {
  const { teamId, appId, userId } = bot
  const before = {
    token: VERIFICATION_TOKEN,
    team_id: teamId,
    context_team_id: teamId,
    context_enterprise_id: null,
    api_app_id: appId,
  }
  const context = ['1', about.type, teamId, about.channel].filter((part) => part !== undefined)
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
  return `${inside(before, '{', ',')}"event":${eventText},${inside(after, '', '}')}`
}

/** The members of an object as JSON text, between other ends than its own. */
function inside(members: object, begin: string, end: string): string {
  return `${begin}${JSON.stringify(members).slice(1, -1)}${end}`
}
