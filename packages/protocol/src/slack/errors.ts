import { atPlatform, inConfiguration } from '../advice.ts'
import type { LinkTransport } from './link-state.ts'

/** What an error of Slack's Web API asks of a connection that wanted to be opened. */
export type SlackErrorRule =
  | { readonly action: 'wait' }
  | { readonly action: 'fatal'; readonly advice: string }

/** What a person must do, where it depends on the token that each transport takes. */
type Advice = Readonly<Record<LinkTransport, string>>

const NEW_TOKEN: Advice = {
  rtm: inConfiguration('put a valid bot token (xoxb-…) of this workspace in the connection’s `botToken`'),
  'socket-mode': inConfiguration(
    'put a valid app-level token (xapp-…) of this app in the connection’s `appToken`',
  ),
}
const OTHER_TOKEN: Advice = {
  rtm: inConfiguration(
    'RTM takes the bot token of a classic app only: use such a token, or `transport: socket-mode` with an app token',
  ),
  'socket-mode': inConfiguration(
    'Socket Mode takes an app-level token (xapp-…) with the scope `connections:write`, from the app’s Basic Information page: put one in `appToken`',
  ),
}
const ENDED: Advice = {
  rtm: OTHER_TOKEN.rtm,
  'socket-mode': 'Slack no longer answers this call: a newer version of Holdfast is needed',
}
const GONE: Advice = {
  rtm: inConfiguration(
    'the bot’s account was deactivated or its app uninstalled: install it again and put its new token in `botToken`',
  ),
  'socket-mode': inConfiguration(
    'the app or whoever owns it was deactivated: restore it, and put a new app-level token in `appToken`',
  ),
}
const REMOVED: Advice = {
  rtm: inConfiguration(
    'the bot was removed from the workspace: install its app again and put its new token in `botToken`',
  ),
  'socket-mode': inConfiguration(
    'the app was removed from the workspace: install it again and put a new app-level token in `appToken`',
  ),
}

/**
 * Errors after which another call would end the same way. Everything else is waited out, `migration_in_progress` too.
 * Source: docs.slack.dev/reference/methods/rtm.connect, docs.slack.dev/reference/methods/apps.connections.open
 */
const FATAL_ERRORS: ReadonlyMap<string, Advice> = new Map([
  ['invalid_auth', NEW_TOKEN],
  ['not_authed', NEW_TOKEN],
  ['token_revoked', NEW_TOKEN],
  ['token_expired', NEW_TOKEN],
  ['account_inactive', GONE],
  ['user_removed_from_team', REMOVED],
  [
    'team_access_not_granted',
    onBoth(
      inConfiguration(
        'the token gives no access to this workspace: install the app there and use that token',
      ),
    ),
  ],
  [
    'access_denied',
    onBoth(atPlatform('Slack denies this token access: correct the app’s installation in the workspace')),
  ],
  [
    'ekm_access_denied',
    onBoth(atPlatform('the workspace’s administrators have suspended access: ask them to give it back')),
  ],
  ['not_allowed_token_type', OTHER_TOKEN],
  ['missing_scope', OTHER_TOKEN],
  ['no_permission', OTHER_TOKEN],
  ['method_deprecated', ENDED],
  ['deprecated_endpoint', ENDED],
])

function onBoth(advice: string): Advice {
  return { rtm: advice, 'socket-mode': advice }
}

/** The rule for an error. Unknown errors wait: Slack adds some without notice, and most of them pass. */
export function slackErrorRule(error: string, transport: LinkTransport): SlackErrorRule {
  const advice = FATAL_ERRORS.get(error)
  return advice === undefined ? { action: 'wait' } : { action: 'fatal', advice: advice[transport] }
}

/** The errors after which a connection stops. */
export const FATAL_SLACK_ERRORS: readonly string[] = [...FATAL_ERRORS.keys()]
