import { refuse, type SlackMethod } from '../method.ts'

/** Gives a single-use URL. Events that happen before it is used are kept for it. */
export const rtmConnect: SlackMethod = ({ directory, rtm }, { bot, args, host }) => {
  if (rtm.isMoving(bot)) return refuse('migration_in_progress')
  const { id, name, domain } = directory.workspaceOf(bot)
  const ticket = rtm.issueTicket(bot, { batchesPresence: args.flag('batch_presence_aware') })
  return {
    ok: true,
    url: `ws://${host}/slack/rtm/${ticket}`,
    team: { id, name, domain },
    self: { id: bot.userId, name: bot.name },
  }
}

/** Gives a single-use URL, and turns Socket Mode on for the app. https://docs.slack.dev/reference/methods/apps.connections.open */
export const appsConnectionsOpen: SlackMethod = ({ socketMode }, { bot, host }) => {
  const query = new URLSearchParams({ ticket: socketMode.issueTicket(bot, host), app_id: bot.appId })
  return { ok: true, url: `ws://${host}/slack/link/?${query}` }
}
