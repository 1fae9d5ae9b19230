// A bot that answers what is said, and writes down in a file, one line each, what it begins, does once, and ends.
import { appendFileSync } from 'node:fs'
import { env } from 'node:process'
import { createWorker } from '@holdfast/worker'

const { HOLDFAST_TEST_VERSION: version = '', HOLDFAST_TEST_FILE: file = '' } = env
const worker = createWorker({ subscription: 'crew', log: silent(), drainMs: 2_000 })

worker.on('slack.message', answer)
worker.on('discord.MESSAGE_CREATE', answer)

/**
 * @param {import('@holdfast/worker').EventOf<'slack.message'> | import('@holdfast/worker').EventOf<'discord.MESSAGE_CREATE'>} event
 * @param {import('@holdfast/worker').Context} ctx
 */
async function answer(event, ctx) {
  const data = /** @type {{ text?: string, content?: string }} */ (event.data)
  const text = data.text ?? data.content ?? ''
  if (text.startsWith('re: ')) return
  /** @param {string} what */
  const note = (what) =>
    appendFileSync(file, `${JSON.stringify({ what, on: event.connection, text, version })}\n`)
  note('begin')
  await ctx.step('look up', () => note('step'))
  if (text === 'hang' && version === 'next') await new Promise(() => {})
  await ctx.reply(`re: ${text}`)
  note('end')
}

process.on('message', () => worker.stop().then(() => process.disconnect()))
await worker.start()
process.send?.('ready')

/** @returns {import('@holdfast/worker').WorkerLog} */
function silent() {
  const none = () => {}
  return { debug: none, info: none, warn: none, error: none, child: silent }
}
