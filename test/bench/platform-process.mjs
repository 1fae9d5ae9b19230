// A simulator in a process of its own, where people talk at a steady pace: what a bench measures against. Forked; it is told
// what to do, and answers, by messages.
import { createSimulator } from '@holdfast/simulator'

/**
 * @typedef {import('@holdfast/simulator').SimulatorOptions} SimulatorOptions
 * @typedef {Parameters<import('@holdfast/simulator').Simulator['fault']>[0]} FaultRequest
 * @typedef {{ platform: 'slack' | 'discord', perSecond: number }} Pace
 * @typedef {{ start: SimulatorOptions } | { talk: Pace } | { fault: FaultRequest } | { record: 'event' | 'socket' | 'fault' | 'envelope' }} Ask
 */

const TICK_MS = 1
/** @type {import('@holdfast/simulator').Simulator} */
let simulator
/** @type {import('@holdfast/simulator').SimulatorAddresses} */
let addresses
/** @type {NodeJS.Timeout | undefined} */
let talking
let saidCount = 0

process.on('message', (/** @type {Ask} */ ask) => {
  answer(ask).then(
    (value) => process.send?.({ value }),
    (error) => process.send?.({ error: String(error) }),
  )
})
process.on('disconnect', () => process.exit())

/** @param {Ask} ask */
async function answer(ask) {
  if ('start' in ask) {
    simulator = createSimulator(ask.start)
    addresses = await simulator.start()
    return addresses
  }
  if ('talk' in ask) return talk(ask.talk)
  if ('fault' in ask) return simulator.fault(ask.fault)
  return simulator.record.of(ask.record)
}

/**
 * Changes the pace; answers how many lines were said before. What is late is caught up at once, so that the pace holds.
 * @param {Pace} pace
 */
function talk({ platform, perSecond }) {
  clearInterval(talking)
  const before = saidCount
  if (perSecond === 0) return before
  const { channels, users } = addresses[platform]
  const startedMs = performance.now()
  let doneCount = 0
  talking = setInterval(() => {
    const dueCount = Math.floor(((performance.now() - startedMs) * perSecond) / 1_000)
    for (; doneCount < dueCount; doneCount++) {
      const place = { channel: channels[saidCount % channels.length]?.id ?? '', user: users[0]?.id ?? '' }
      simulator[platform].say({ ...place, text: `line ${saidCount}` })
      saidCount += 1
    }
  }, TICK_MS)
  return before
}
