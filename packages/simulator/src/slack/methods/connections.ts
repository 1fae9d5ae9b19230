import type { SlackMethod } from '../method.ts'

/** Gives a single-use URL. Events that happen before it is used are kept for it. */
export const rtmConnect: SlackMethod = ({ directory, rtm }, { bot, host }) => {
  const { id, name, domain } = directory.workspaceOf(bot)
  const ticket = rtm.issueTicket(bot)
  return {
    ok: true,
    url: `ws://${host}/slack/rtm/${ticket}`,
    team: { id, name, domain },
    self: { id: bot.userId, name: bot.name },
  }
}
