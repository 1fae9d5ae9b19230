import { EVENT_VERSION, type HoldfastEvent, type Platform } from '@holdfast/events'
import { systemClock } from '@holdfast/runtime'

/** A channel as what a reply can go to: an event of which nothing is known but where it happened. */
export type Place<On extends Platform> = Omit<HoldfastEvent, 'platform'> & { readonly platform: On }

/**
 * A channel of Slack by its id, for `ctx.reply(message, { to })`. `connection` says with which token, where a connection has its
 * own. The reply is one message over all runs of its job, as any reply is.
 */
export function slackChannel(id: string, connection = ''): Place<'slack'> {
  return {
    ...place('slack', id, connection),
    platform: 'slack',
    type: 'slack.message',
    data: { channel: id },
  }
}

/** A channel or thread of Discord; otherwise as `slackChannel`. */
export function discordChannel(id: string, connection = ''): Place<'discord'> {
  const data = { channel_id: id }
  return { ...place('discord', id, connection), platform: 'discord', type: 'discord.MESSAGE_CREATE', data }
}

function place(platform: Platform, channel: string, connection: string) {
  return {
    specversion: '1.0',
    id: `${platform}.channel.${channel}`,
    source: `/${platform}/${connection}`,
    datacontenttype: 'application/json',
    hfversion: EVENT_VERSION,
    connection,
    receivedat: new Date(systemClock.wallAt()).toISOString(),
    delivery: 'live',
  } as const
}
