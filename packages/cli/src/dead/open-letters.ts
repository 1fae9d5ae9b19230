import { createCensusTaker, createDeadLetters, type DeadLetters, QueueError } from '@holdfast/queue'
import { type Config, connectRedis, messageOf, ProblemError } from '@holdfast/runtime'

/** What a command has to do with dead letters. */
export type LetterUse<T> = (letters: DeadLetters) => Promise<T>

/**
 * Opens the dead letters for as long as they are used.
 *
 * @throws {ProblemError} for a Redis that does not answer, does not let us, or holds data of another version; for a filter that is none.
 */
export async function withLetters<T>(redis: Config['redis'], use: LetterUse<T>): Promise<T> {
  const home = { redis, prefix: redis.prefix }
  // Says in one line what is wrong with Redis, if it is.
  ;(await connectRedis(home, { name: 'holdfast:dead' })).disconnect()
  const letters = createDeadLetters(home)
  try {
    return await use(letters)
  } catch (error) {
    if (error instanceof ProblemError) throw error
    if (error instanceof QueueError) throw new ProblemError('dead-letters', `dead: ${error.message}`)
    throw new ProblemError('redis-unreachable', `dead: Redis did not answer: ${messageOf(error)}`, {
      cause: error,
    })
  } finally {
    await letters.stop()
  }
}

/** The names of all subscriptions. */
export async function subscriptionsIn(redis: Config['redis']): Promise<readonly string[]> {
  const census = createCensusTaker({ redis, prefix: redis.prefix })
  try {
    return (await census.take()).subscriptions.map(({ name }) => name)
  } finally {
    await census.stop()
  }
}
