import { type DestinationStream, type Logger, pino } from 'pino'
import type { Secret } from './secret.ts'

/** What the code that logs needs: facts first, then one sentence. `error` means a person must act. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Whose log, and where it goes. */
export interface LogOptions {
  /** The process: `gateway`, `worker`. */
  readonly name: string
  /** The least that is written. Default `info`. */
  readonly level?: 'debug' | 'info' | 'warn' | 'error'
  /** Credentials of this process: struck out wherever they would appear, whole or inside other text. May grow. */
  readonly secrets?: readonly Secret[]
  /** Default: standard output. */
  readonly destination?: DestinationStream
}

// Slack tokens, Discord bot tokens, and the password in a URL, whoever they belong to.
const TOKEN_SHAPES = [
  /\bxox[a-z]-[\w-]+/g,
  /\bxapp-[\w-]+/g,
  /\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}/g,
  /(?<=:\/\/[^\s/:@"]*:)[^\s/@"]+(?=@)/g,
]

/**
 * A logger of JSON lines with time (RFC 3339), level by name, process and message. No line that it writes holds one of
 * `secrets` or anything shaped like a token: the finished line is searched, so no call can forget it.
 */
export function createLog(options: LogOptions): Logger & Log {
  const strikeOut = createCensor(options.secrets ?? [])
  return pino(
    {
      name: options.name,
      level: options.level ?? 'info',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: strikeOut },
    },
    // Synchronous, so that the last line before an exit is written.
    options.destination ?? pino.destination({ fd: 1, sync: true }),
  )
}

function createCensor(secrets: readonly Secret[]): (line: string) => string {
  return (line) => {
    const known = secrets.map((secret) => secret.reveal()).filter((text) => text.length >= 4)
    const withoutKnown = known.reduce((text, secret) => text.replaceAll(secret, '***'), line)
    return TOKEN_SHAPES.reduce((text, shape) => text.replaceAll(shape, '***'), withoutKnown)
  }
}
