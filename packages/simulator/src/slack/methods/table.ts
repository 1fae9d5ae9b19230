import { refuse, type SlackAnswer, type SlackMethod } from '../method.ts'
import { chatDelete, chatPostMessage, chatUpdate, reactionsAdd } from './chat.ts'
import { rtmConnect } from './connections.ts'
import {
  conversationsHistory,
  conversationsInfo,
  conversationsList,
  conversationsReplies,
} from './conversations.ts'
import { authTest, botsInfo, usersInfo } from './identity.ts'

/** Every Web API method the fake Slack knows. */
export const SLACK_METHODS: ReadonlyMap<string, SlackMethod> = new Map([
  ['auth.test', authTest],
  ['bots.info', botsInfo],
  ['chat.delete', chatDelete],
  ['chat.postMessage', chatPostMessage],
  ['chat.update', chatUpdate],
  ['conversations.history', conversationsHistory],
  ['conversations.info', conversationsInfo],
  ['conversations.list', conversationsList],
  ['conversations.replies', conversationsReplies],
  ['reactions.add', reactionsAdd],
  ['rtm.connect', rtmConnect],
  ['users.info', usersInfo],
])

/** Methods answered the same to everyone, whatever the token: what is not simulated must say so. */
export const SLACK_UNSIMULATED: ReadonlyMap<string, SlackAnswer> = new Map([
  [
    'apps.connections.open',
    refuse('feature_not_enabled', { detail: 'the simulator has no Socket Mode; use a bot token and RTM' }),
  ],
])
