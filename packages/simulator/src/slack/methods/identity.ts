import type { SlackUser } from '../directory.ts'
import { refuse, type SlackMethod } from '../method.ts'

/** https://docs.slack.dev/reference/methods/auth.test */
export const authTest: SlackMethod = ({ directory }, { bot, host }) => {
  const workspace = directory.workspaceOf(bot)
  return {
    ok: true,
    url: `http://${host}/slack/`,
    team: workspace.name,
    user: bot.name,
    team_id: bot.teamId,
    user_id: bot.userId,
    bot_id: bot.botId,
    is_enterprise_install: false,
  }
}

/** https://docs.slack.dev/reference/methods/bots.info */
export const botsInfo: SlackMethod = ({ directory }, { bot: caller, args }) => {
  const bot = directory.bot(args.text('bot') ?? caller.botId)
  if (!bot || bot.teamId !== caller.teamId) return refuse('bot_not_found')
  const { appId: app_id, botId: id, userId: user_id, name } = bot
  return { ok: true, bot: { id, deleted: false, name, updated: 0, app_id, user_id, icons: {} } }
}

/** https://docs.slack.dev/reference/methods/users.info */
export const usersInfo: SlackMethod = ({ directory }, { bot: caller, args }) => {
  const id = args.text('user')
  const bot = directory.bots.find((other) => other.userId === id && other.teamId === caller.teamId)
  if (bot) return { ok: true, user: showUser({ id: bot.userId, teamId: bot.teamId, name: bot.name }, true) }
  const user = directory.users.find((other) => other.id === id && other.teamId === caller.teamId)
  return user ? { ok: true, user: showUser(user, false) } : refuse('user_not_found')
}

function showUser({ id, teamId, name }: SlackUser, isBot: boolean) {
  return {
    id,
    team_id: teamId,
    name,
    deleted: false,
    real_name: name,
    profile: { real_name: name, display_name: name },
    is_bot: isBot,
    is_app_user: false,
  }
}
