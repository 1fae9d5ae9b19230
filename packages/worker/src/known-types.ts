import { nearest } from '@holdfast/runtime'
import { GatewayDispatchEvents } from 'discord-api-types/v10'
import type { EventType } from './event-data.ts'

type SlackName = Extract<EventType, `slack.${string}`> extends `slack.${infer Name}` ? Name : never

/** https://docs.slack.dev/reference/events */
const SLACK_NAMES = [
  'agent_session_stopped',
  'agent_session_title_changed',
  'app_context_changed',
  'app_deleted',
  'app_home_opened',
  'app_installed',
  'app_mention',
  'app_rate_limited',
  'app_requested',
  'app_uninstalled',
  'app_uninstalled_team',
  'assistant_thread_context_changed',
  'assistant_thread_started',
  'call_rejected',
  'channel_archive',
  'channel_created',
  'channel_deleted',
  'channel_history_changed',
  'channel_id_changed',
  'channel_left',
  'channel_rename',
  'channel_shared',
  'channel_unarchive',
  'channel_unshared',
  'dnd_updated',
  'dnd_updated_user',
  'email_domain_changed',
  'emoji_changed',
  'entity_details_requested',
  'file_change',
  'file_comment_deleted',
  'file_created',
  'file_deleted',
  'file_public',
  'file_shared',
  'file_unshared',
  'function_executed',
  'grid_migration_finished',
  'grid_migration_started',
  'group_archive',
  'group_close',
  'group_deleted',
  'group_history_changed',
  'group_left',
  'group_open',
  'group_rename',
  'group_unarchive',
  'im_close',
  'im_created',
  'im_history_changed',
  'im_open',
  'invite_requested',
  'link_shared',
  'member_joined_channel',
  'member_left_channel',
  'message',
  'message_metadata_deleted',
  'message_metadata_posted',
  'message_metadata_updated',
  'pin_added',
  'pin_removed',
  'reaction_added',
  'reaction_removed',
  'shared_channel_invite_accepted',
  'shared_channel_invite_approved',
  'shared_channel_invite_declined',
  'shared_channel_invite_received',
  'shared_channel_invite_requested',
  'star_added',
  'star_removed',
  'subteam_created',
  'subteam_members_changed',
  'subteam_self_added',
  'subteam_self_removed',
  'subteam_updated',
  'team_access_granted',
  'team_access_revoked',
  'team_domain_change',
  'team_join',
  'team_rename',
  'tokens_revoked',
  'user_change',
  'user_huddle_changed',
  'user_profile_changed',
  'user_status_changed',
  'workflow_deleted',
  'workflow_published',
  'workflow_step_deleted',
  'workflow_step_execute',
  'workflow_unpublished',
  'slash_commands',
] as const satisfies readonly SlackName[]

/** Event types with names that people write, for a word about those that are nearly one of them. Others may come as well. */
const KNOWN_TYPES: readonly string[] = [
  ...SLACK_NAMES.map((name) => `slack.${name}`),
  ...Object.values(GatewayDispatchEvents).map((name) => `discord.${name}`),
  'holdfast.gap',
]

/** The event type of which `text` is nearly the name. Undefined for patterns, and for what is one. */
export function meantType(text: string): string | undefined {
  if (text.includes('*') || KNOWN_TYPES.includes(text)) return undefined
  const platform = `${text.split('.')[0]}.`
  const names = KNOWN_TYPES.filter((type) => type.startsWith(platform)).map((type) =>
    type.slice(platform.length),
  )
  const meant = nearest(text.slice(platform.length), names)
  return meant === undefined ? undefined : platform + meant
}
