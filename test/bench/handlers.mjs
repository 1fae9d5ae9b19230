// What lanes and steps cost (REDIS_URL): events a second of one worker of the SDK, as shares of plain BullMQ in the same run. Rounds
// take turns, so that a machine that gets slower or faster meanwhile does so for all cases.
import { argv } from 'node:process'
import { median, table } from './figures.mjs'
import { holdfastRate, plainRate } from './queue-run.mjs'

const ROUNDS = 3
const WIDE = { conversations: 10_000, concurrency: 50 }
const HOT = { conversations: 1, concurrency: 50 }
const STEPS = [0, 1, 3]

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {() => Promise<number>} run
 */

/** @returns {Row[]} the first is what all are compared with */
function lanes() {
  const wide = { ...WIDE, count: 10_000, steps: 0 }
  const hot = { ...HOT, count: 2_000, steps: 0 }
  return [
    { name: 'plain BullMQ, no order', run: () => plainRate(wide) },
    { name: '10,000 conversations, order: none', run: () => holdfastRate({ ...wide, order: 'none' }) },
    { name: '10,000 conversations, each in order', run: () => holdfastRate(wide) },
    { name: 'one hot conversation, order: none', run: () => holdfastRate({ ...hot, order: 'none' }) },
    { name: 'one hot conversation, in order, one after the other', run: () => holdfastRate(hot) },
    { name: 'plain BullMQ, concurrency 1', run: () => plainRate({ ...hot, concurrency: 1 }) },
  ]
}

/** @returns {Row[]} the first is what all are compared with */
function steps() {
  const wide = { ...WIDE, count: 4_000 }
  const hot = { ...HOT, count: 1_000 }
  const kinds = /** @type {const} */ ([
    ['plain BullMQ, by hand in the data of the job', wide, plainRate],
    ['10,000 conversations, order: none', { ...wide, order: 'none' }, holdfastRate],
    ['10,000 conversations, each in order', wide, holdfastRate],
    ['one hot conversation, in order', hot, holdfastRate],
  ])
  return kinds.flatMap(([name, about, rateOf]) =>
    STEPS.map((count) => ({
      name: `${name}: ${count} ${count === 1 ? 'step' : 'steps'}`,
      run: () => rateOf({ ...about, steps: count }),
    })),
  )
}

/** @param {Row[]} rows */
async function measured(rows) {
  const rates = rows.map(() => /** @type {number[]} */ ([]))
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [at, { run }] of rows.entries()) rates[at]?.push(await run())
  }
  const [base = []] = rates
  return rows.map(({ name }, at) => {
    const own = rates[at] ?? []
    const shares = own.map((rate, round) => rate / (base[round] ?? Number.NaN))
    return [name, `${Math.round(median(own))}`, median(shares).toFixed(2)]
  })
}

const rows = argv[2] === 'steps' ? steps() : lanes()
console.log(`Events of 1 KB, handlers that do nothing else, one worker process, median of ${ROUNDS} rounds`)
console.log(table(['', 'events a second', 'share of the first line'], await measured(rows)))
