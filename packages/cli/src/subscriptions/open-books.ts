import {
  type CensusTaker,
  createCensusTaker,
  createQueueView,
  createSubscriptionAdmin,
  type QueueView,
  type SubscriptionAdmin,
} from '@holdfast/queue'
import type { Config } from '@holdfast/runtime'
import { withRedis } from '../with-redis.ts'

/** Who knows the subscriptions, what is in their queues, and can end them. */
export interface Books {
  readonly census: CensusTaker
  readonly view: QueueView
  readonly admin: SubscriptionAdmin
}

/** Opens the books for as long as they are used. Rejects as `withRedis` does. */
export function withBooks<T>(redis: Config['redis'], use: (books: Books) => Promise<T>): Promise<T> {
  return withRedis('subscriptions', redis, async (home) => {
    const books = {
      census: createCensusTaker(home),
      view: createQueueView(home),
      admin: createSubscriptionAdmin(home),
    }
    const close = () => Promise.all([books.census.stop(), books.view.stop(), books.admin.stop()])
    return use(books).finally(close)
  })
}
