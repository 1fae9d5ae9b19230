export type LocalRedisCode = 'bad-redis-url' | 'unreachable' | 'no-server' | 'start-failed'

/** Why there is no Redis. The message is one line: what, where, what to do. Never contains a password. */
export class LocalRedisError extends Error {
  override readonly name = 'LocalRedisError'
  readonly code: LocalRedisCode

  constructor(code: LocalRedisCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
