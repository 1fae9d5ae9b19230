import { Redis } from 'ioredis'

const RETRY_MS = 50

export type Answer = { readonly ok: true } | { readonly ok: false; readonly reason: string }

/**
 * Resolves when the Redis at `url` answers PING with its data loaded, trying again until `signal` aborts; then it
 * tells the last reason. Leaves no connection behind. Never rejects.
 */
export function answers(url: string, signal: AbortSignal): Promise<Answer> {
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy: () => RETRY_MS,
  })
  let reason = 'no answer'
  redis.on('error', (error: Error & { code?: string }) => {
    reason = error.code ?? error.message
  })
  return new Promise<Answer>((resolve) => {
    const settle = (answer: Answer) => {
      signal.removeEventListener('abort', giveUp)
      redis.disconnect()
      resolve(answer)
    }
    const giveUp = () => settle({ ok: false, reason })
    if (signal.aborted) return giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    redis.once('ready', () => settle({ ok: true }))
    redis.connect().catch(() => {
      // Told through 'error'; the client goes on trying.
    })
  })
}
