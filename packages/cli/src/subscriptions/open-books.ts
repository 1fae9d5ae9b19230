import {
  type CensusTaker,
  createCensusTaker,
  createQueueView,
  createSubscriptionAdmin,
  QueueError,
  type QueueView,
  type SubscriptionAdmin,
} from '@holdfast/queue'
import { type Config, connectRedis, messageOf, ProblemError } from '@holdfast/runtime'

/** Who knows the subscriptions, what is in their queues, and can end them. */
export interface Books {
  readonly census: CensusTaker
  readonly view: QueueView
  readonly admin: SubscriptionAdmin
}

/**
 * Opens the books for as long as they are used.
 *
 * @throws {ProblemError} for a Redis that does not answer, does not let us, or holds data of another version.
 */
export async function withBooks<T>(redis: Config['redis'], use: (books: Books) => Promise<T>): Promise<T> {
  const home = { redis, prefix: redis.prefix }
  // Says in one line what is wrong with Redis, if it is.
  ;(await connectRedis(home, { name: 'holdfast:subscriptions' })).disconnect()
  const books = {
    census: createCensusTaker(home),
    view: createQueueView(home),
    admin: createSubscriptionAdmin(home),
  }
  try {
    return await use(books)
  } catch (error) {
    if (error instanceof ProblemError) throw error
    const code = error instanceof QueueError ? `queue-${error.code}` : 'redis-unreachable'
    const what = error instanceof QueueError ? error.message : `Redis did not answer: ${messageOf(error)}`
    throw new ProblemError(code, `subscriptions: ${what}`, { cause: error })
  } finally {
    await Promise.all([books.census.stop(), books.view.stop(), books.admin.stop()])
  }
}
