import { type ParseArgsConfig, parseArgs } from 'node:util'
import { messageOf } from './problem.ts'
import { didYouMean } from './suggestion.ts'

type Options = NonNullable<ParseArgsConfig['options']>

/** What the flags say; or what is wrong with them, in one line that says what to type instead. */
export type Flags<Known extends Options> =
  | {
      readonly values: ReturnType<
        typeof parseArgs<{ args: string[]; options: Known; allowPositionals: false }>
      >['values']
    }
  | { readonly problem: string }

/** Reads the arguments of a command that takes flags and nothing else. Never throws. */
export function readFlags<const Known extends Options>(
  args: readonly string[],
  options: Known,
): Flags<Known> {
  const known = Object.keys(options).map((name) => `--${name}`)
  const unknown = args
    .map((arg) => arg.split('=', 1)[0])
    .find((arg) => arg?.startsWith('--') && !known.includes(arg))
  if (unknown !== undefined)
    return { problem: `unknown option "${unknown}"${didYouMean(unknown, known) || '; see --help'}` }
  try {
    return { values: parseArgs({ args: [...args], options, allowPositionals: false }).values }
  } catch (error) {
    return { problem: `${messageOf(error)}; see --help` }
  }
}
