import {
  createDeadLetters,
  type DeadLetter,
  type DeadLetterChoice,
  type DeadLetterFilter,
  type DeadLetterInFull,
  type DeadLetterPage,
  QueueError,
} from '@holdfast/queue'
import { connectRedis, homeOf, ProblemError } from '@holdfast/runtime'
import { type RedisOption, redisProblems, redisSettings } from './redis-option.ts'

/** Whose dead letters, and where they are. */
export interface DeadLetterOptions {
  readonly subscription: string
  /** Where Redis is, and the gateway's data in it. Default: the environment, as for a worker. */
  readonly redis?: RedisOption
}

/**
 * The dead letters of one subscription: events whose handler failed too often, or for good. They stay, 10,000 of a queue at most,
 * until someone retries or drops them. The oldest comes first.
 */
export interface SubscriptionDeadLetters {
  /** A page of them, 100 unless `limit` says otherwise; the `next` of one is the `after` of the one that follows. */
  list(
    options?: DeadLetterFilter & { readonly limit?: number; readonly after?: string },
  ): Promise<DeadLetterPage>
  /** One of them: its event, the error's stack, and the steps that are done. Undefined where there is none of this id. */
  get(id: string): Promise<DeadLetterInFull | undefined>
  /** How many there are. */
  count(): Promise<number>
  /**
   * Lets them run again, with all attempts, after their finished steps and outside of the order of their conversations. Resolves with
   * how many there were; an empty filter means all.
   */
  retry(choice: DeadLetterChoice): Promise<number>
  /** Removes them for good. Resolves with how many there were; an empty filter means all. */
  drop(choice: DeadLetterChoice): Promise<number>
  /** Lets go of Redis. */
  close(): Promise<void>
}

/**
 * Opens the dead letters of a subscription, for programs that look after them.
 *
 * @throws {ProblemError} one line per problem: options, a Redis that does not answer, data of another version. What is asked
 *   later rejects where Redis is away then.
 */
export async function openDeadLetters(options: DeadLetterOptions): Promise<SubscriptionDeadLetters> {
  const redis = redisSettings(options.redis, process.env)
  const problems = redisProblems(options.redis, redis)
  if (problems.length > 0) throw new ProblemError('dead-letters', problems.join('\n'))
  const home = homeOf({ redis })
  ;(await connectRedis(home, { name: 'holdfast:dead:probe' })).disconnect()
  const letters = createDeadLetters(home)
  const { subscription } = options
  await letters.count(subscription).catch(async (error: unknown) => {
    await letters.stop()
    throw error instanceof QueueError ? new ProblemError(`queue-${error.code}`, error.message) : error
  })
  return {
    list: (choice) => letters.list(subscription, choice),
    get: (id) => letters.show(subscription, id),
    count: () => letters.count(subscription),
    retry: (choice) => letters.retry(subscription, choice),
    drop: (choice) => letters.drop(subscription, choice),
    close: () => letters.stop(),
  }
}

export type { DeadLetter, DeadLetterChoice, DeadLetterFilter, DeadLetterInFull, DeadLetterPage }
