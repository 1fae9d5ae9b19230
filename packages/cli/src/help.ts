import type { Command } from './command.ts'

const EXIT_CODES = [
  ['0', 'it did what was asked, or stopped as asked'],
  ['1', 'it failed on the way; `demo --check`: something was lost, repeated or out of order'],
  ['2', 'wrong usage or configuration, or something a person must put right first'],
] as const

/** `holdfast --help` */
export function overview(commands: readonly Command[]): string {
  return [
    'Usage: holdfast <command> [options]',
    '',
    'Commands:',
    ...columns(commands.map(({ name, summary }) => [name, summary])),
    '',
    'Options:',
    ...columns([
      ['-h, --help', 'this page; after a command: its options'],
      ['--version', 'the version'],
    ]),
    '',
    'Exit codes:',
    ...columns(EXIT_CODES),
  ].join('\n')
}

/** `holdfast <command> --help` */
export function commandHelp({ name, summary, operands, flags, exitCodes }: Command): string {
  const rows = Object.entries(flags).map(
    ([flag, { value, help }]) => [`--${flag}${value ? ` ${value}` : ''}`, help] as const,
  )
  const options = [...rows, ['-h, --help', 'this page'] as const]
  return [
    `Usage: holdfast ${name}${operands === undefined ? '' : ` ${operands}`} [options]`,
    '',
    `${summary}.`,
    '',
    'Options:',
    ...columns(options),
    ...(exitCodes ? ['', 'Exit codes:', ...columns(exitCodes)] : []),
  ].join('\n')
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
