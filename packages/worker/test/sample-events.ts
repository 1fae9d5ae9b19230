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
