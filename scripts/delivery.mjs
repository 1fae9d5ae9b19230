// Writes what the chaos scenarios came to into docs/delivery.md, between its markers; the prose around them stays.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { versions } from 'node:process'
import { replacementsOf } from './replacements.mjs'
import { ROOT } from './setup.mjs'

/**
 * @typedef {import('../test/chaos/rows.ts').Row} Row
 * @typedef {import('../test/chaos/rows.ts').FiguresRow} FiguresRow
 * @typedef {import('../test/chaos/verdict.ts').ConnectionVerdict} ConnectionVerdict
 */

const PAGE = join(ROOT, 'docs/delivery.md')
const BEGIN = '<!-- chaos: begin -->'
const END = '<!-- chaos: end -->'
const NAMES = /** @type {const} */ (['rtm', 'socket', 'discord'])
/** How the files of scenarios are called in the page, in its order. */
const FAMILIES = /** @type {Readonly<Record<string, string>>} */ ({
  gateways: 'Gateways',
  replacement: 'Replacements under load',
  'gateway-points': 'Gateways, where responsibility passes on',
  workers: 'Workers',
  'worker-points': 'Workers, between an effect and the news of it',
  'one-effect': 'One effect, again and again',
  'long-wait': 'Handlers that sleep and wait',
  platform: 'Platforms',
  gaps: 'Gaps, and what history has of them',
  deaf: 'A deaf shard',
  clock: 'A host that sets its clock',
  redis: 'Redis',
  outages: 'Redis away',
  'long-outage': 'Redis away for long',
  bounds: 'A gateway that can hold no more',
  'redis-full': 'Redis full',
  'redis-fleets': 'Redis on Sentinel and Cluster',
  'cut-off': 'One process cut off from Redis, or half, or slow',
})

/**
 * What the scenarios wrote into a folder, in the order of the page.
 * @param {string} folder
 * @returns {readonly Row[]}
 */
export function readRows(folder) {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  const rows = files.map((file) => /** @type {Row} */ (JSON.parse(readFileSync(join(folder, file), 'utf8'))))
  const families = Object.keys(FAMILIES)
  const placeOf = (/** @type {Row} */ { family, place }) =>
    ((families.indexOf(family) + families.length + 1) % (families.length + 1)) * 1_000 + place
  return rows.sort((a, b) => placeOf(a) - placeOf(b))
}

/**
 * What scenarios told in figures of their own, by promise.
 * @param {string} folder
 * @returns {readonly FiguresRow[]}
 */
export function readFigures(folder) {
  const files = readdirSync(folder).filter((file) => file.endsWith('.figures'))
  const rows = files.map(
    (file) => /** @type {FiguresRow} */ (JSON.parse(readFileSync(join(folder, file), 'utf8'))),
  )
  return rows.sort((a, b) => `${a.promise} ${a.name}`.localeCompare(`${b.promise} ${b.name}`))
}

/**
 * Replaces what stands between the markers of docs/delivery.md.
 * @param {readonly Row[]} rows
 * @param {readonly FiguresRow[]} figures
 */
export function writeReport(rows, figures) {
  const page = readFileSync(PAGE, 'utf8')
  const [before, rest] = page.split(BEGIN)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined) throw new Error(`${PAGE} has lost its markers`)
  writeFileSync(PAGE, `${before}${BEGIN}\n\n${reportOf(rows, figures)}\n\n${END}${after}`)
  console.log(`holdfast: chaos: ${rows.length} rows are in docs/delivery.md`)
}

/**
 * @param {readonly Row[]} rows
 * @param {readonly FiguresRow[]} figures
 */
export function reportOf(rows, figures = []) {
  const families = [...new Set(rows.map(({ family }) => family))]
  const sections = families.map((family) =>
    sectionOf(
      family,
      rows.filter((row) => row.family === family),
    ),
  )
  return [machineOf(rows), ...sections, ...figuresOf(figures), ...replacementsOf(rows)].join('\n\n')
}

/** @param {readonly Row[]} rows */
function machineOf(rows) {
  const [first] = rows
  const cpu = cpus()[0]?.model.trim() ?? 'unknown'
  const memory = Math.round(totalmem() / 2 ** 30)
  const rounds = Math.max(1, ...rows.map(({ round }) => round))
  const date = new Date().toISOString().slice(0, 10)
  return (
    `Measured on ${date}: ${cpus().length} × ${cpu}, ${memory} GiB, Node ${versions.node}, ` +
    `Redis ${first?.redisVersion}; each scenario ${rounds === 1 ? 'once' : `${rounds} times`}.`
  )
}

/**
 * @param {string} family
 * @param {readonly Row[]} rows
 */
function sectionOf(family, rows) {
  const head =
    '| what happens | promise | sent: RTM, Socket Mode, Discord | lost | repeated | reordered | gaps | backfilled | not recoverable | identifies | recovers in | caught up in | longest delay | p99 |'
  const rule = '|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|'
  const byName = new Map(rows.map(({ name }) => [name, rows.filter((row) => row.name === name)]))
  return [`### ${FAMILIES[family] ?? family}`, '', head, rule, ...[...byName.values()].map(lineOf)].join('\n')
}

/** @param {readonly FiguresRow[]} rows */
function figuresOf(rows) {
  if (rows.length === 0) return []
  const lines = rows.map(({ name, promise, figures }) => `| ${name} | ${promise} | ${inWords(figures)} |`)
  return [
    ['### Figures of workers', '', '| what happens | promise | figures |', '|---|---|---|', ...lines].join(
      '\n',
    ),
  ]
}

/**
 * `finishedStepsRunAgain: 0` as `finished steps run again 0`.
 * @param {FiguresRow['figures']} figures
 */
function inWords(figures) {
  const words = Object.entries(figures).map(([name, figure]) => {
    const text = name.replace(/Ms$/, '').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    return `${text} ${figure.toLocaleString('en')}${name.endsWith('Ms') ? ' ms' : ''}`
  })
  return words.join(', ')
}

/**
 * All rounds of one scenario: counts are added up, of times the worst is told.
 * @param {readonly Row[]} rounds
 */
function lineOf(rounds) {
  const [first] = rounds
  const all = rounds.flatMap(({ verdict }) => NAMES.map((name) => verdict.connections[name]))
  const sent = NAMES.map((name) => sum(rounds.map(({ verdict }) => verdict.connections[name].sent)))
  const count = (/** @type {(one: ConnectionVerdict) => number} */ of) => sum(all.map(of))
  const worst = (/** @type {number[]} */ ms) => `${(Math.max(...ms) / 1_000).toFixed(2)} s`
  const cells = [
    `${first?.name}${rounds.every(({ passed }) => passed) ? '' : ' (**failed**)'}`,
    first?.promise,
    sent.join(', '),
    count(({ lost }) => lost),
    count(({ repeated }) => repeated),
    count(({ reordered }) => reordered),
    count(({ gaps }) => gaps),
    count(({ backfilled }) => backfilled),
    count(({ notRecoverable, unfilled }) => notRecoverable + unfilled),
    sum(rounds.map(({ verdict }) => verdict.identifies)),
    worst(rounds.map(({ verdict }) => verdict.recoverMs)),
    worst(rounds.map(({ verdict }) => verdict.caughtUpMs)),
    worst(all.map(({ longestMs }) => longestMs)),
    worst(all.map(({ p99Ms }) => p99Ms)),
  ]
  return `| ${cells.join(' | ')} |`
}

/** @param {readonly number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, each) => total + each, 0)
}
