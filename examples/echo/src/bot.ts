import { createWorker } from '@holdfast/worker'

const version = process.env.HOLDFAST_BOT_VERSION ?? 'v1'

/** Repeats what it hears. `HOLDFAST_BOT_VERSION` shows which release answered. */
export const bot = createWorker({ subscription: 'echo', concurrency: 50 })

bot.on('slack.message', async (event, ctx) => {
  const { text, bot_id, subtype } = event.data
  if (!text || bot_id || subtype) return
  await ctx.reply(`echo ${version}: ${text}`)
})

bot.on('discord.MESSAGE_CREATE', async (event, ctx) => {
  const { content, author } = event.data
  if (!content || author.bot) return
  await ctx.reply(`echo ${version}: ${content}`)
})
