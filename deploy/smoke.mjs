// `node smoke.mjs [URL]`: says hello on both simulated platforms and waits for the bot's answers. Exit code 0 when both
// have come, 1 when they have not within half a minute.
import { argv } from 'node:process'
import { setTimeout as after } from 'node:timers/promises'

const WITHIN_MS = 30_000
const LOOK_EVERY_MS = 200

/** The first channel and person of each platform, as the simulator makes them up. */
const PLACES = {
  slack: { channel: 'C001000001', user: 'U001000001' },
  discord: { channel: '419472343883055105', user: '419431658295394305' },
}

const control = `${argv[2] ?? 'http://127.0.0.1:8070'}/control`
const text = `hello at ${new Date().toISOString()}`
const { recordEnd } = await ask('state')
for (const [platform, place] of Object.entries(PLACES)) await ask(`${platform}/message`, { ...place, text })

const deadline = performance.now() + WITHIN_MS
let missing = await unanswered()
while (missing.length > 0 && performance.now() < deadline) {
  await after(LOOK_EVERY_MS)
  missing = await unanswered()
}
console.log(missing.length === 0 ? 'answered on both platforms' : `no answer on ${missing.join(' and ')}`)
process.exitCode = missing.length === 0 ? 0 : 1

/** The platforms on which no bot has repeated the text yet. */
async function unanswered() {
  const { entries } = await ask(`record?kind=post&since=${recordEnd}`)
  return Object.keys(PLACES).filter(
    (platform) => !JSON.stringify(entries.filter((entry) => entry.platform === platform)).includes(text),
  )
}

/**
 * @param {string} path
 * @param {object} [body]
 */
async function ask(path, body) {
  const headers = { 'content-type': 'application/json' }
  const request = body && { method: 'POST', headers, body: JSON.stringify(body) }
  const response = await fetch(`${control}/${path}`, request)
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return /** @type {Promise<{ recordEnd: number, entries: { platform: string }[] }>} */ (response.json())
}
