import { given } from '../given.ts'
import type { SlackBot, SlackChannel } from './directory.ts'
import type { AppEvent } from './event-callback.ts'
import type { SlackMessage } from './messages.ts'

/** Whether a message mentions a bot that did not write it itself. */
export function isMentionOf(bot: SlackBot, { text, user, bot_id }: SlackMessage): boolean {
  return text.includes(`<@${bot.userId}>`) && user !== bot.userId && bot_id !== bot.botId
}

/** The event that a mentioned app gets beside `message`. Source: docs.slack.dev, Events, app_mention. */
export function appMention({ id: channel }: SlackChannel, message: SlackMessage): AppEvent {
  const { text, user, ts, team, client_msg_id, thread_ts, bot_id, blocks } = message
  const event = {
    client_msg_id,
    type: 'app_mention',
    text,
    user,
    ts,
    team,
    thread_ts,
    bot_id,
    blocks,
    channel,
  }
  return { type: 'app_mention', text: JSON.stringify(given({ ...event, event_ts: ts })), channel }
}
