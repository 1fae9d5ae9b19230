import type { Redis } from 'ioredis'
import type { LeaseNews } from './lease.ts'
import { newsChannel } from './redis-lease-store.ts'

/**
 * News of leases over Pub/Sub, on a connection of its own to where `redis` is. `start` resolves once it listens; whenever it
 * listens again after Redis was away, that counts as a change, since what was told meanwhile is not repeated.
 */
export function createRedisLeaseNews(redis: Redis, prefix: string): LeaseNews {
  let listening:
    | { readonly own: Redis; readonly begun: Promise<void>; readonly giveUp: () => void }
    | undefined

  return {
    start(onChange) {
      listening ??= listen(redis, newsChannel(prefix), onChange)
      return listening.begun
    },
    async stop() {
      const ended = listening
      listening = undefined
      if (!ended) return
      ended.own.removeAllListeners('message')
      ended.own.removeAllListeners('ready')
      ended.own.disconnect()
      ended.giveUp()
    },
  }
}

function listen(redis: Redis, channel: string, onChange: () => void) {
  const own = redis.duplicate({
    connectionName: 'holdfast:ownership:watch',
    lazyConnect: false,
    enableOfflineQueue: true,
    autoResubscribe: false,
    maxRetriesPerRequest: null,
  })
  let giveUp = () => {}
  const begun = new Promise<void>((resolve) => {
    giveUp = resolve
    own.on('ready', () => {
      own.subscribe(channel).then(
        () => {
          onChange()
          resolve()
        },
        () => {}, // The connection is gone again: the next one listens.
      )
    })
  })
  own.on('message', () => onChange())
  own.on('error', () => {}) // Losses are made good by the next beat; unheard, ioredis would print each.
  return { own, begun, giveUp }
}
