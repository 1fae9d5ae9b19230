import { showApplication, showOwnUser } from '../payloads.ts'
import type { Route } from '../route.ts'

/** Where the gateway is and who the bot is. */
export const IDENTITY_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/gateway',
    auth: 'open',
    handle: (_, { host }) => ({ status: 200, body: { url: gatewayUrl(host) } }),
  },
  {
    method: 'GET',
    path: '/gateway/bot',
    auth: 'bot',
    handle: ({ budget, limits }, { bot, host }) => ({
      status: 200,
      body: {
        url: gatewayUrl(host),
        shards: limits.recommendedShardCount,
        session_start_limit: budget.show(bot),
      },
    }),
  },
  {
    method: 'GET',
    path: '/users/@me',
    auth: 'bot',
    handle: (_, { bot }) => ({ status: 200, body: showOwnUser(bot) }),
  },
  {
    method: 'GET',
    path: '/oauth2/applications/@me',
    auth: 'bot',
    handle: (_, { bot }) => ({ status: 200, body: showApplication(bot) }),
  },
  {
    method: 'GET',
    path: '/applications/@me',
    auth: 'bot',
    handle: (_, { bot }) => ({ status: 200, body: showApplication(bot) }),
  },
]

function gatewayUrl(host: string): string {
  return `ws://${host}/discord/gateway`
}
