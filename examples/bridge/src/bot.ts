import { type Context, createWorker, discordChannel, slackChannel, type Worker } from '@holdfast/worker'
import { toMarkdown, toMrkdwn } from './translation.ts'

/** The two channels that become one conversation. */
export interface Bridge {
  readonly slack: string
  readonly discord: string
}

/** Carries what people say in one channel to the other, in order, each message once. */
export function createBridge(bridge: Bridge): Worker {
  const bot = createWorker({ subscription: 'bridge', concurrency: 20 })

  bot.on('slack.message', async (event, ctx) => {
    const { channel, user, text, bot_id, subtype } = event.data
    if (channel !== bridge.slack || !user || !text || bot_id || subtype) return
    const name = await ctx.step('who speaks', () => nameOf(ctx, user))
    const content = `**${name}**: ${toMarkdown(text)}`
    await ctx.reply({ content, allowed_mentions: { parse: [] } }, { to: discordChannel(bridge.discord) })
  })

  bot.on('discord.MESSAGE_CREATE', async (event, ctx) => {
    const { channel_id, author, content } = event.data
    if (channel_id !== bridge.discord || author.bot || !content) return
    const name = author.global_name ?? author.username
    await ctx.reply(`*${toMrkdwn(name)}*: ${toMrkdwn(content)}`, { to: slackChannel(bridge.slack) })
  })

  return bot
}

async function nameOf(ctx: Pick<Context, 'slack'>, user: string): Promise<string> {
  const { user: found } = await ctx.slack.users.info({ user })
  return found?.profile?.display_name || found?.real_name || user
}
