import { Diary } from '@holdfast/ledger'
import { sleep, systemClock } from '@holdfast/runtime'
import { createWorker } from '@holdfast/worker'
import { KEY_FIELD } from './corpus.ts'
import { answerTo, isNumbered } from './numbered.ts'

/*
 * The bot that the check runs: a worker as anyone would write it, whose handlers also note in a diary what they do.
 * The diary is a file of ours and no part of Holdfast: it can contradict it.
 */

const { HOLDFAST_CHECK_DIARY = '' } = process.env
const HANDLER_MS = { least: 5, most: 40 }

const diary = new Diary(HOLDFAST_CHECK_DIARY)
const worker = createWorker({ subscription: 'check', concurrency: 20 })

worker.on('slack.*', (event, ctx) => note(keyOf(event.data), event.delivery, ctx.reply))
worker.on('discord.*', (event, ctx) => note(keyOf(event.data), event.delivery, ctx.reply))
worker.on('holdfast.gap', ({ data }) => {
  const { connection, from, to, recoverable } = data
  const fills = recoverable.includes('messages')
  diary.write({ what: 'gap', connection, fromAt: Date.parse(from), toAt: Date.parse(to), fills, ...stamp() })
})

const running = worker.run()
await worker.start()
process.send?.('ready')
await running
diary.close()

/** What the check does with an event it sent; with all others, nothing. */
async function note(
  key: string | undefined,
  delivery: string,
  reply: (text: string) => Promise<unknown>,
): Promise<void> {
  if (key === undefined) return
  diary.write({ what: 'begin', key, delivery, ...stamp() })
  await sleep(systemClock, HANDLER_MS.least + systemClock.random() * (HANDLER_MS.most - HANDLER_MS.least))
  if (isNumbered(key)) await reply(answerTo(key))
  diary.write({ what: 'end', key, ...stamp() })
}

function stamp(): { readonly pid: number; readonly at: number } {
  return { pid: process.pid, at: systemClock.wallAt() }
}

/** The sender's name for an event: a field of replayed payloads, the text of numbered messages. */
function keyOf(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const fields = data as Readonly<Record<string, unknown>>
  const named = fields[KEY_FIELD]
  if (typeof named === 'string') return named
  const text = fields.text ?? fields.content
  return typeof text === 'string' && isNumbered(text) ? text : undefined
}
