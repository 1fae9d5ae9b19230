import { createCensusTaker, createDeadLetters, type DeadLetters } from '@holdfast/queue'
import type { Config } from '@holdfast/runtime'
import { withRedis } from '../with-redis.ts'

/** What a command has to do with dead letters. */
export type LetterUse<T> = (letters: DeadLetters) => Promise<T>

/** Opens the dead letters for as long as they are used. Rejects as `withRedis` does, also for a filter that is none. */
export function withLetters<T>(redis: Config['redis'], use: LetterUse<T>): Promise<T> {
  return withRedis('dead', redis, async (home) => {
    const letters = createDeadLetters(home)
    return use(letters).finally(() => letters.stop())
  })
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
