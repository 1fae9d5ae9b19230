import { type Context, createWorker } from '@holdfast/worker'
import { addUp, type Ledger, type Sums } from './ledger.ts'
import { draw } from './picture.ts'

/** Reports on a year of the harbour's ledger: `!report 2026`. It takes minutes, and survives whatever befalls its process. */
export function createReporter(ledger: Ledger) {
  const bot = createWorker({ subscription: 'report', concurrency: 5 })

  bot.on('slack.message', async (event, ctx) => {
    if (!event.data.bot_id) await report(event.data.text, ctx)
  })

  bot.on('discord.MESSAGE_CREATE', async (event, ctx) => {
    if (!event.data.author.bot) await report(event.data.content, ctx)
  })

  async function report(text: string | undefined, ctx: Context) {
    const [, year] = /^!report (\d{4})$/.exec(text ?? '') ?? []
    if (!year) return
    await ctx.leaveLane()
    await ctx.reply(`reading the ledger of ${year}`)
    const sums = await ctx.step('read', () => readAll(year, ctx))
    await ctx.reply(`read ${ledger.pageCount} pages, now drawing`)
    const picture = await ctx.step('draw', () => draw(sums))
    await ctx.reply(`the report on ${year}\n${picture}`)
  }

  async function readAll(year: string, ctx: Context): Promise<Sums> {
    const progress = ctx.checkpoint<{ page: number; sums: Sums }>('pages read')
    let { page, sums } = progress.get() ?? { page: 0, sums: {} }
    while (page < ledger.pageCount) {
      sums = addUp(sums, await ledger.readPage(year, page))
      page += 1
      await progress.set({ page, sums })
    }
    return sums
  }

  return bot
}
