import type { SlackBot, SlackChannel, SlackWorkspace } from './directory.ts'
import { VERIFICATION_TOKEN } from './event-callback.ts'

/** Who did it, and where. */
interface Who {
  readonly bot: SlackBot
  readonly user: { readonly id: string; readonly name: string }
  readonly team: Pick<SlackWorkspace, 'id' | 'domain'>
  readonly trigger_id: string
}

/** What a slash command was used with. */
interface Used extends Who {
  readonly channel: SlackChannel
  readonly command: string
  readonly text: string
  readonly response_url: string
}

/** The payload of `slash_commands`. Source: docs.slack.dev, Implementing slash commands, Preparing your app to receive commands. */
export function commandPayload({
  bot,
  user,
  team,
  channel,
  command,
  text,
  response_url,
  trigger_id,
}: Used): object {
  return {
    token: VERIFICATION_TOKEN,
    team_id: team.id,
    team_domain: team.domain,
    channel_id: channel.id,
    channel_name: channel.name,
    user_id: user.id,
    user_name: user.name,
    command,
    text,
    api_app_id: bot.appId,
    is_enterprise_install: 'false',
    response_url,
    trigger_id,
  }
}

/** The payload of `interactive`, of any type. Source: docs.slack.dev, Interaction payloads. */
export function interactivePayload(type: string, { bot, user, team, trigger_id }: Who, more: object): object {
  return {
    type,
    user: { id: user.id, username: user.name, name: user.name, team_id: team.id },
    api_app_id: bot.appId,
    token: VERIFICATION_TOKEN,
    trigger_id,
    team: { id: team.id, domain: team.domain },
    enterprise: null,
    is_enterprise_install: false,
    ...more,
  }
}
