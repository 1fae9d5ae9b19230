import { Redis } from 'ioredis'
import type { Secret } from '../secret.ts'
import type { NodeAddress } from './place.ts'

/** How to be let in by a server that is asked where others are. */
export interface Access {
  readonly username?: string | undefined
  readonly password?: Secret | undefined
  readonly tls?: boolean | undefined
}

/** Who has not answered by then is as good as away. */
const ANSWER_MS = 2_000

/** Asks one server one thing, over a connection of this question's own. Rejects within 2 s. */
export async function askNode(
  node: NodeAddress,
  access: Access,
  command: readonly string[],
): Promise<unknown> {
  const redis = new Redis({
    host: node.host,
    port: node.port,
    ...accessOptions(access),
    lazyConnect: true,
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: null,
    connectTimeout: ANSWER_MS,
    commandTimeout: ANSWER_MS,
  })
  let failure: unknown
  redis.on('error', (error) => {
    failure = error
  })
  try {
    await redis.connect()
    const [name = '', ...args] = command
    return await redis.call(name, ...args)
  } catch (error) {
    // `connect` says only that the connection closed.
    throw failure ?? error
  } finally {
    redis.disconnect()
  }
}

/** Spelled out: BullMQ takes no undefined values. */
export function accessOptions({ username, password, tls = false }: Access) {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: password.reveal() }),
    ...(tls ? { tls: {} } : {}),
  }
}
