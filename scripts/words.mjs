// Reads what is said behind `npm run NAME --`: before any set-up, so that a slip costs nothing.
import { argv, exit } from 'node:process'
import { parseArgs } from 'node:util'

/**
 * What an option takes: a whole number from `least` on, one of `choices`, or nothing.
 * @typedef {{ readonly least: number } | { readonly choices: readonly string[] } | { readonly flag: true }} Taken
 *
 * @typedef {object} Script
 * @property {string} name
 * @property {string} usage what `--help` prints
 * @property {readonly string[]} [words] what was said; all of it, where absent
 * @property {Readonly<Record<string, Taken>>} [options]
 * @property {readonly string[] | 'any'} [subjects] the only words that may stand alone
 */

/**
 * The options and words of the command line. Ends the process with the usage and 0 where `--help` asks for it; with one
 * clear line and 2 where something can't be meant.
 * @param {Script} script
 * @returns {{ readonly values: Readonly<Record<string, string>>, readonly flags: readonly string[], readonly subjects: readonly string[] }}
 */
export function readWords({ name, usage, words = argv.slice(2), options = {}, subjects = [] }) {
  printUsageIfAsked(usage)
  const { values, flags, positionals } = parsed(name, words, options)
  for (const [option, text] of Object.entries(values)) {
    const wanted = options[option] && wantedInstead(options[option], text)
    if (wanted) refuse(name, `--${option} is "${text}"; give ${wanted}`)
  }
  const known = subjects === 'any' ? positionals : subjects
  const other = positionals.find((word) => !known.includes(word))
  if (other !== undefined)
    refuse(name, `there is no "${other}"; ${known.length > 0 ? `say ${known.join(' or ')}` : 'say --help'}`)
  return { values, flags, subjects: positionals }
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
 * @param {Readonly<Record<string, Taken>>} known
 * @returns {{ values: Record<string, string>, flags: string[], positionals: string[] }}
 */
function parsed(name, words, known) {
  const options = Object.fromEntries(
    Object.entries(known).map(([option, taken]) => [
      option,
      { type: 'flag' in taken ? /** @type {const} */ ('boolean') : /** @type {const} */ ('string') },
    ]),
  )
  try {
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true })
    const given = Object.entries(values)
    const texts = given.flatMap(([option, value]) => (typeof value === 'string' ? [[option, value]] : []))
    const flags = given.flatMap(([option, value]) => (value === true ? [option] : []))
    return { values: Object.fromEntries(texts), flags, positionals }
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
  if ('flag' in taken) return undefined
  if ('choices' in taken) return taken.choices.includes(text) ? undefined : taken.choices.join(' or ')
  const fits = /^\d+$/.test(text) && Number(text) >= taken.least && Number.isSafeInteger(Number(text))
  return fits ? undefined : `a whole number from ${taken.least} on`
}

/**
 * @param {string} name
 * @param {string} why
 * @returns {never}
 */
export function refuse(name, why) {
  console.error(`holdfast: ${name}: ${why}`)
  exit(2)
}
