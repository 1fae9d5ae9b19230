/** What an error of Slack's Web API asks of a connection that wanted to be opened. */
export type SlackErrorRule =
  | { readonly action: 'wait' }
  | { readonly action: 'fatal'; readonly advice: string }

const NEW_TOKEN =
  'put a valid bot token (xoxb-…) of this workspace in the connection’s `botToken` and restart'
const RTM_TOKEN =
  'RTM takes the bot token of a classic app only: use such a token, or `transport: socket-mode` with an app token'

/**
 * Errors after which another call would end the same way. Everything else is waited out.
 * Source: docs.slack.dev/reference/methods/rtm.connect
 */
const FATAL_ERRORS: ReadonlyMap<string, string> = new Map([
  ['invalid_auth', NEW_TOKEN],
  ['not_authed', NEW_TOKEN],
  ['token_revoked', NEW_TOKEN],
  ['token_expired', NEW_TOKEN],
  [
    'account_inactive',
    'the bot’s account was deactivated or its app uninstalled: install it again and put its new token in `botToken`',
  ],
  [
    'user_removed_from_team',
    'the bot was removed from the workspace: install its app again and put its new token in `botToken`',
  ],
  [
    'team_access_not_granted',
    'the token gives no access to this workspace: install the app there and use that token',
  ],
  ['access_denied', 'Slack denies this token access: check the app’s installation in the workspace'],
  ['ekm_access_denied', 'the workspace’s administrators have suspended access: ask them'],
  ['not_allowed_token_type', RTM_TOKEN],
  ['missing_scope', RTM_TOKEN],
  ['no_permission', RTM_TOKEN],
  ['method_deprecated', RTM_TOKEN],
  ['deprecated_endpoint', RTM_TOKEN],
])

/** The rule for an error. Unknown errors wait: Slack adds some without notice, and most of them pass. */
export function slackErrorRule(error: string): SlackErrorRule {
  const advice = FATAL_ERRORS.get(error)
  return advice === undefined ? { action: 'wait' } : { action: 'fatal', advice }
}

/** The errors after which a connection stops. */
export const FATAL_SLACK_ERRORS: readonly string[] = [...FATAL_ERRORS.keys()]
