import { ProblemError } from '@holdfast/runtime'

export type LocalRedisCode =
  | 'bad-redis-url'
  | 'unreachable'
  | 'no-server'
  | 'start-failed'
  | 'fleet-unhealthy'

/** Why there is no Redis. The message is one line: what, where, what to do. Never contains a password. */
export class LocalRedisError extends ProblemError<LocalRedisCode> {
  override readonly name = 'LocalRedisError'

  constructor(code: LocalRedisCode, message: string, cause?: unknown) {
    super(code, message, cause === undefined ? undefined : { cause })
  }
}
