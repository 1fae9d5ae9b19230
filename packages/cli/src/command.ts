/** Where a command writes and what it reads from its surroundings. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly out: (line: string) => void
  readonly err: (line: string) => void
  /** Puts a question to the person at the terminal; absent where there is none. */
  readonly ask?: (question: string) => Promise<string>
}

export interface FlagSpec {
  readonly type: 'string' | 'boolean'
  /** What stands for the value in the help: `FILE`. */
  readonly value?: string
  readonly help: string
}

/** A command of `holdfast`, as data: the help, the parsing and the suggestions all come from it. */
export interface Command<
  Flags extends Readonly<Record<string, FlagSpec>> = Readonly<Record<string, FlagSpec>>,
> {
  readonly name: string
  readonly summary: string
  readonly flags: Flags
  /** What it takes beside options, as the help shows it: `ls|rm [NAME]`. Absent: nothing. */
  readonly operands?: string
  /** What its exit codes say, where that is more than what they say of every command. */
  readonly exitCodes?: readonly (readonly [code: string, meaning: string])[]
  /** Resolves with the exit code; a `ProblemError` becomes its own lines and exit code 2. */
  run(flags: FlagValues<Flags>, terminal: Terminal, operands: readonly string[]): Promise<number>
}

export type FlagValues<Flags extends Readonly<Record<string, FlagSpec>>> = {
  readonly [Name in keyof Flags]?: Flags[Name]['type'] extends 'boolean' ? boolean : string
}

/** Keeps the types of the flags with the command that declares them. */
export function command<const Flags extends Readonly<Record<string, FlagSpec>>>(
  definition: Command<Flags>,
): Command<Flags> {
  return definition
}
