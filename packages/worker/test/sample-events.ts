import type { HoldfastEvent } from '@holdfast/events'

const common = {
  specversion: '1.0',
  datacontenttype: 'application/json',
  hfversion: 1,
  receivedat: '2026-01-01T00:00:00.250Z',
  delivery: 'live',
} as const

/** A message in a Slack channel; `data` is added to its payload. */
export function slackMessage(data: object = {}): HoldfastEvent {
  return {
    ...common,
    id: 'slack.A1.message.T1.C1.1767225600.000100',
    source: '/slack/acme',
    type: 'slack.message',
    platform: 'slack',
    connection: 'acme',
    workspace: 'T1',
    subject: 'T1/C1',
    data: { type: 'message', channel: 'C1', user: 'U1', text: 'ahoy', ts: '1767225600.000100', ...data },
  }
}

/** A slash command in channel C1, whose response URL is at `hooks`; `data` is added to its payload. */
export function slackCommand(hooks: string, data: object = {}): HoldfastEvent {
  const command = {
    command: '/deploy',
    text: 'main',
    channel_id: 'C1',
    user_id: 'U1',
    trigger_id: '1.2.3',
    response_url: `${hooks}hooks/1`,
  }
  return {
    ...slackMessage(),
    id: 'slack.A1.command.1',
    type: 'slack.slash_commands',
    data: { ...command, ...data },
  }
}

/** A press on a button below a message in channel C1; `data` is added to its payload. */
export function slackPress(hooks: string, data: object = {}): HoldfastEvent {
  const press = {
    type: 'block_actions',
    user: { id: 'U1' },
    channel: { id: 'C1' },
    container: { type: 'message', message_ts: '1767225500.000001', channel_id: 'C1', is_ephemeral: false },
    message: { ts: '1767225500.000001', text: 'really?' },
    actions: [{ action_id: 'yes' }],
    response_url: `${hooks}hooks/1`,
  }
  return {
    ...slackMessage(),
    id: 'slack.A1.interactive.1',
    type: 'slack.interactive.block_actions',
    data: { ...press, ...data },
  }
}

export const INTERACTION_ID = '1456000000000000002'

/** A slash command in channel 77; `data` is added to its payload. */
export function discordInteraction(data: object = {}): HoldfastEvent {
  const interaction = {
    id: INTERACTION_ID,
    application_id: '9',
    type: 2,
    token: 'interaction-token',
    channel_id: '77',
    guild_id: '70',
    context: 0,
    authorizing_integration_owners: { 0: '70' },
    data: { id: '8', name: 'report', type: 1 },
    member: { user: { id: '5' } },
  }
  return {
    ...discordMessage(),
    id: `discord.9.interaction.${INTERACTION_ID}`,
    type: 'discord.INTERACTION_CREATE',
    data: { ...interaction, ...data },
  }
}

export function discordMessage(data: object = {}): HoldfastEvent {
  return {
    ...common,
    id: 'discord.9.MESSAGE_CREATE.1456000000000000001',
    source: '/discord/bastion/0',
    type: 'discord.MESSAGE_CREATE',
    platform: 'discord',
    connection: 'bastion',
    subject: '77',
    data: { id: '1456000000000000001', channel_id: '77', content: 'ahoy', author: { id: '5' }, ...data },
  }
}
