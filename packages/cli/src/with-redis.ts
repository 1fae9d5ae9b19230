import { QueueError } from '@holdfast/queue'
import { type Config, connectRedis, messageOf, ProblemError, type RedisHome } from '@holdfast/runtime'

/**
 * Runs what a command does with what is in Redis.
 *
 * @throws {ProblemError} one line: a Redis that does not answer, does not let us, or holds data of another version; what it was asked
 *   and can't be.
 */
export async function withRedis<T>(
  command: string,
  redis: Config['redis'],
  use: (home: RedisHome) => Promise<T>,
): Promise<T> {
  const home = { redis, prefix: redis.prefix }
  // Says what is wrong with Redis, if it is, before anything waits for it.
  ;(await connectRedis(home, { name: `holdfast:${command}` })).disconnect()
  try {
    return await use(home)
  } catch (error) {
    if (error instanceof ProblemError) throw error
    const code = error instanceof QueueError ? `queue-${error.code}` : 'redis-unreachable'
    const what = error instanceof QueueError ? error.message : `Redis did not answer: ${messageOf(error)}`
    throw new ProblemError(code, `${command}: ${what}`, { cause: error })
  }
}
