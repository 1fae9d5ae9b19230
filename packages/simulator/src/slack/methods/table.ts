import type { SlackMethod } from '../method.ts'
import { chatDelete, chatPostMessage, chatUpdate, reactionsAdd } from './chat.ts'
import { appsConnectionsOpen, rtmConnect } from './connections.ts'
import {
  conversationsHistory,
  conversationsInfo,
  conversationsList,
  conversationsReplies,
  usersConversations,
} from './conversations.ts'
import { authTest, botsInfo, usersInfo } from './identity.ts'
import { viewsOpen } from './views.ts'

/** Every Web API method the fake Slack knows. */
export const SLACK_METHODS: ReadonlyMap<string, SlackMethod> = new Map([
  ['apps.connections.open', appsConnectionsOpen],
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
  // The same since 2022-09-27.
  ['rtm.start', rtmConnect],
  ['users.conversations', usersConversations],
  ['users.info', usersInfo],
  ['views.open', viewsOpen],
])

/** Those of an app and its app-level token; all others take a bot token. */
export const SLACK_APP_METHODS: ReadonlySet<string> = new Set(['apps.connections.open'])
