// A bot that answers every Discord interaction with a message and two follow-ups, and tells its parent when it is done.
import { createWorker } from '@holdfast/worker'

const worker = createWorker({ subscription: 'all', log: silent() })

worker.on('discord.INTERACTION_CREATE', async (event, ctx) => {
  await ctx.reply('one')
  await ctx.reply('two')
  await ctx.reply('three')
  process.send?.({ kind: 'answered', id: event.data.id })
})

await worker.start()
process.send?.({ kind: 'ready' })

/** @returns {import('@holdfast/worker').WorkerLog} */
function silent() {
  const none = () => {}
  return { debug: none, info: none, warn: none, error: none, child: silent }
}
