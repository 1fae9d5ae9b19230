// Reads what is said behind `npm run NAME --`: before any set-up, so that a slip costs nothing.
import { argv, exit } from 'node:process'
import { parseArgs } from 'node:util'

/**
 * What an option takes: a whole number from `least` on, or one of `choices`.
 * @typedef {{ readonly least: number } | { readonly choices: readonly string[] }} Taken
 *
 * @typedef {object} Script
 * @property {string} name
 * @property {string} usage what `--help` prints
 * @property {readonly string[]} [words] what was said; all of it, where absent
 * @property {Readonly<Record<string, Taken>>} [options]
 * @property {readonly string[]} [subjects] the only words that may stand alone
 */

/**
 * The options and words of the command line. Ends the process with the usage and 0 where `--help` asks for it; with one
 * clear line and 2 where something can't be meant.
 * @param {Script} script
 * @returns {{ readonly values: Readonly<Record<string, string>>, readonly subjects: readonly string[] }}
 */
export function readWords({ name, usage, words = argv.slice(2), options = {}, subjects = [] }) {
  printUsageIfAsked(usage)
  const { values, positionals } = parsed(name, words, Object.keys(options))
  for (const [option, text] of Object.entries(values)) {
    const wanted = options[option] && wantedInstead(options[option], text)
    if (wanted) refuse(name, `--${option} is "${text}"; give ${wanted}`)
  }
  const other = positionals.find((word) => !subjects.includes(word))
  if (other !== undefined)
    refuse(
      name,
      `there is no "${other}"; ${subjects.length > 0 ? `say ${subjects.join(' or ')}` : 'say --help'}`,
    )
  return { values, subjects: positionals }
}

/**
 * Ends the process with the usage and 0 where `--help` or `-h` asks for it.
 * @param {string} usage
 */
export function printUsageIfAsked(usage) {
  if (!argv.slice(2).some((word) => word === '--help' || word === '-h')) return
  console.log(usage)
  exit(0)
}

/**
 * @param {string} name
 * @param {readonly string[]} words
 * @param {readonly string[]} known
 * @returns {{ values: Record<string, string>, positionals: string[] }}
 */
function parsed(name, words, known) {
  const options = Object.fromEntries(
    known.map((option) => [option, { type: /** @type {const} */ ('string') }]),
  )
  try {
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true })
    return { values: /** @type {Record<string, string>} */ ({ ...values }), positionals }
  } catch (error) {
    // Node's own sentence names the option; what it says after that is about other programs.
    const [sentence = ''] = error instanceof Error ? error.message.split(/\. |\n/) : []
    return refuse(name, `${sentence.replace(/\.$/, '')}; --help tells what there is`)
  }
}

/**
 * What to give instead of this text, where it does not fit.
 * @param {Taken} taken
 * @param {string} text
 */
function wantedInstead(taken, text) {
  if ('choices' in taken) return taken.choices.includes(text) ? undefined : taken.choices.join(' or ')
  const fits = /^\d+$/.test(text) && Number(text) >= taken.least && Number.isSafeInteger(Number(text))
  return fits ? undefined : `a whole number from ${taken.least} on`
}

/**
 * @param {string} name
 * @param {string} why
 * @returns {never}
 */
function refuse(name, why) {
  console.error(`holdfast: ${name}: ${why}`)
  exit(2)
}
