import { createWorker, type Worker } from '@holdfast/worker'
import { approveOnDiscord } from './discord.ts'
import { approveOnSlack } from './slack.ts'

/** Puts what it is told to where it belongs, and says where that is. */
export type Deploy = (what: string) => Promise<string>

const CLOSED = 'this request is closed'

/** `/deploy WHAT` asks with two buttons. Another person than the one who asked has an hour to press one. */
export function createApprover(deploy: Deploy): Worker {
  const bot = createWorker({ subscription: 'approval' })

  bot.on('slack.slash_commands', async (event, ctx) => {
    if (event.data.command === '/deploy') await approveOnSlack(event, ctx, deploy)
  })

  bot.on('slack.interactive.block_actions', async (_, ctx) => {
    await ctx.reply({ text: CLOSED, ephemeral: true })
  })

  bot.on('discord.INTERACTION_CREATE', async (event, ctx) => {
    const { data } = event.data
    if (data && 'name' in data && data.name === 'deploy') await approveOnDiscord(event, ctx, deploy)
    if (data && 'custom_id' in data) await ctx.reply({ content: CLOSED, flags: 64 })
  })

  return bot
}
