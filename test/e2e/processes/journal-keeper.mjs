/*
 * A process that keeps events in a journal as fast as it can, several at once, and tells each one that it may answer for.
 * It settles none, and never ends by itself.
 */
import { argv } from 'node:process'

const [, , module = '', folder, name] = argv
const { DiskJournal } = await import(module)
const quiet = () => {}
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet }
const journal = new DiskJournal({ folder, deployment: 'kill', expected: true, log })
await journal.start()

/** @param {string} id */
const event = (id) => ({
  id,
  type: 'slack.slash_commands',
  delivery: 'live',
  dedupeWindowMs: 3_600_000,
  interactive: true,
  text: JSON.stringify({ id, padding: 'x'.repeat(2_000) }),
})

/** @param {number} lane */
async function keepOn(lane) {
  for (let n = 0; ; n++) {
    const id = `${name}.${lane}.${n}`
    await journal.keep(event(id), 'acme')
    process.send?.(id)
  }
}
await Promise.all(Array.from({ length: 8 }, (_, lane) => keepOn(lane)))
