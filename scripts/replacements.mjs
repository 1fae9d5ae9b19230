// What replacements of gateways cost, as a section of docs/delivery.md.

/**
 * @typedef {import('../test/chaos/rows.ts').Row} Row
 * @typedef {import('../test/chaos/roll-figures.ts').RollFigures} RollFigures
 * @typedef {import('../test/chaos/roll-figures.ts').Lateness} Lateness
 */

const TRANSPORTS = /** @type {const} */ ({
  rtm: 'Slack RTM',
  socket: 'Slack Socket Mode',
  discord: 'Discord',
})
const NAMES = /** @type {(keyof typeof TRANSPORTS)[]} */ (Object.keys(TRANSPORTS))
const MEBIBYTE = 2 ** 20

/**
 * The section, of the scenarios that measure replacements; nothing where there are none.
 * @param {readonly Row[]} rows
 * @returns {readonly string[]}
 */
export function replacementsOf(rows) {
  const measured = rows.flatMap(({ name, replacements }) => (replacements ? [{ name, replacements }] : []))
  if (measured.length === 0) return []
  const costs = [
    '| scenario | replacements | ready after | has all units after | old one ended after | shards without a socket | for: median, longest | Slack bots without a socket | most memory: old, new |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...measured.map(costLine),
  ]
  const delays = [
    '| scenario | transport | events before, during | on the queue, p99: before | during | longest | begun, p99: before | during | longest |',
    '|---|---|--:|--:|--:|--:|--:|--:|--:|',
    ...measured.flatMap(delayLines),
  ]
  return ['### What a replacement costs', costs.join('\n'), delays.join('\n')]
}

/** @param {{ name: string, replacements: RollFigures }} measured */
function costLine({ name, replacements: { rolls } }) {
  const median = (/** @type {readonly number[]} */ all) =>
    [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0
  const longest = (/** @type {readonly number[]} */ all) => Math.max(0, ...all)
  const both = (/** @type {readonly number[]} */ all) => `${ms(median(all))}, ${ms(longest(all))}`
  const away = rolls.flatMap(({ shardsAwayMs }) => shardsAwayMs)
  const peaks = rolls.flatMap(({ peakBytes }) => peakBytes ?? [])
  const most = (/** @type {readonly number[]} */ bytes) => `${Math.round(longest(bytes) / MEBIBYTE)} MiB`
  return line([
    name,
    rolls.length,
    both(rolls.map(({ readyMs }) => readyMs)),
    both(rolls.map(({ ownedMs }) => ownedMs)),
    both(rolls.map(({ endedMs }) => endedMs)),
    away.length,
    both(away),
    rolls.reduce((sum, { slackAwayCount }) => sum + slackAwayCount, 0),
    peaks.length === 0
      ? 'not told'
      : `${most(peaks.map((it) => it.old))}, ${most(peaks.map((it) => it.next))}`,
  ])
}

/** @param {{ name: string, replacements: RollFigures }} measured */
function delayLines({ name, replacements: { before, during } }) {
  return NAMES.filter((each) => during[each].begun.count > 0).map((each) => {
    const [quiet, rolling] = [before[each], during[each]]
    return line([
      name,
      TRANSPORTS[each],
      `${quiet.begun.count}, ${rolling.begun.count}`,
      ...[quiet.queued.p99Ms, rolling.queued.p99Ms, rolling.queued.longestMs].map(ms),
      ...[quiet.begun.p99Ms, rolling.begun.p99Ms, rolling.begun.longestMs].map(ms),
    ])
  })
}

/** @param {number} value */
function ms(value) {
  return `${Math.round(value)} ms`
}

/** @param {readonly (string | number)[]} cells */
function line(cells) {
  return `| ${cells.join(' | ')} |`
}
