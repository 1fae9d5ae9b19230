import { execFile } from 'node:child_process'

/** The `code` of a program that is not on the PATH. Shells and loaders use 127 for other things too. */
export const NOT_FOUND = -1

export type Environment = Readonly<Record<string, string | undefined>>

export interface CommandResult {
  /** The exit code; -1 where the program was not found, 124 where it ran out of time. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly env: Environment
  readonly cwd?: string
  /** Default one minute; the program is killed then. */
  readonly timeoutMs?: number
}

/** Runs a program to its end. Never rejects: what went wrong is in the result. */
export function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const { env, cwd, timeoutMs = 60_000 } = options
  return new Promise((resolve) => {
    const settings = { env, timeout: timeoutMs, maxBuffer: 16 * 1024 * 1024, ...(cwd ? { cwd } : {}) }
    execFile(program, args, settings, (error, stdout, stderr) => {
      resolve({ code: exitCode(error), stdout, stderr })
    })
  })
}

function exitCode(error: { code?: string | number | null; killed?: boolean } | null): number {
  if (!error) return 0
  if (error.killed) return 124
  if (error.code === 'ENOENT') return NOT_FOUND
  return typeof error.code === 'number' ? error.code : 1
}
