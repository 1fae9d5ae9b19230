/**
 * Something a person can put right: bad configuration, a port in use, a Redis that does not answer. The message is the
 * whole help: one line per problem that says what, where and what to do, fit to be shown without a stack trace.
 * A process that meets one at its start exits with code 2. Decide on `code`, never on the text.
 */
export class ProblemError<Code extends string = string> extends Error {
  readonly code: Code

  constructor(code: Code, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'ProblemError'
    this.code = code
  }
}

/** The text of anything that was thrown, on one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown)
  return text.replaceAll(/\s*\n\s*/g, ' ')
}

/** The `code` of a thrown value (`ECONNREFUSED`, `EADDRINUSE`, a `ProblemError`'s), or undefined. */
export function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined
  return typeof thrown.code === 'string' ? thrown.code : undefined
}
