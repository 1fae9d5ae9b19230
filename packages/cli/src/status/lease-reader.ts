import {
  createMembers,
  createRedisLeaseStore,
  type FleetStanding,
  type LeaseStore,
  type Members,
  standingOf,
} from '@holdfast/ownership'
import { type Config, connectRedis, messageOf, ProblemError, type RedisConnection } from '@holdfast/runtime'

/** A Redis that does not answer a question within this time counts as away. */
const ANSWER_MS = 5_000

/** Reads how the fleet stands from Redis, and changes nothing there. */
export class LeaseReader {
  readonly #redis: RedisConnection
  readonly #leases: Pick<LeaseStore, 'read'>
  readonly #members: Pick<Members, 'list'>

  /** @throws {ProblemError} for a Redis that does not answer, or does not let us. */
  static async open(redis: Config['redis']): Promise<LeaseReader> {
    const home = { redis, prefix: redis.prefix }
    const options = { name: 'holdfast:status', redis: { commandTimeout: ANSWER_MS } }
    return new LeaseReader(await connectRedis(home, options), redis.prefix)
  }

  private constructor(redis: RedisConnection, prefix: string) {
    this.#redis = redis
    this.#leases = createRedisLeaseStore(redis, prefix)
    this.#members = createMembers(redis, prefix)
  }

  /** @throws {ProblemError} where Redis does not answer, or refuses. */
  async read(): Promise<FleetStanding> {
    try {
      const [picture, members] = await Promise.all([this.#leases.read(), this.#members.list()])
      return standingOf(picture, members)
    } catch (error) {
      throw new ProblemError('redis-unreachable', `status: Redis did not answer: ${messageOf(error)}`, {
        cause: error,
      })
    }
  }

  /** Cut, not quit: nothing waits to be written. */
  close(): void {
    this.#redis.disconnect()
  }
}
