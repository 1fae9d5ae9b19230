import { openRedis, type RedisHome } from '@holdfast/runtime'
import type { Redis } from 'ioredis'
import { ENQUEUE } from '../lua/enqueue.ts'
import { WHICH_REDIS } from '../lua/which-redis.ts'
import { runScript, type ScriptArgument } from './run-script.ts'

const REPLY_TIMEOUT_MS = 10_000

/**
 * The sink's way to Redis: nothing is kept while there is none, nothing is sent again by itself, and each command is
 * answered or rejected within ten seconds.
 */
export class SinkConnection {
  readonly #redis: Redis
  readonly #key: string
  #isTaught = false

  constructor(home: RedisHome, sinkId: string, key: string) {
    this.#key = key
    this.#redis = openRedis(home, `holdfast:sink:${sinkId}`, {
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      reconnectOnError: null,
      commandTimeout: REPLY_TIMEOUT_MS,
    })
  }

  /** `onReady` is told once, `onCut` of each end of the connection. */
  watch(onReady: () => void, onCut: () => void): void {
    this.#redis.once('ready', onReady)
    this.#redis.on('close', onCut)
  }

  get isReady(): boolean {
    return this.#redis.status === 'ready'
  }

  /** Which Redis answers, `UNTOLD` where it does not say; nothing while none answers. */
  async learn(): Promise<string | undefined> {
    if (!this.isReady) return undefined
    try {
      return String(await runScript(this.#redis, WHICH_REDIS, this.#key, []))
    } catch {
      return undefined
    }
  }

  /** Forgets that Redis knows the enqueue: the next batch brings it along, and those behind it come after that one. */
  teachAgain(): void {
    this.#isTaught = false
  }

  /** Runs the enqueue with these arguments, whatever Redis answers. */
  enqueue(args: ScriptArgument[]): Promise<unknown> {
    const isTaught = this.#isTaught
    this.#isTaught = true
    return isTaught
      ? this.#redis.evalsha(ENQUEUE.sha, 1, this.#key, ...args)
      : this.#redis.eval(ENQUEUE.text, 1, this.#key, ...args)
  }

  /** Cuts the connection, so that nothing on its way is answered any more, and opens another. */
  renew(): void {
    if (this.isReady) this.#redis.disconnect(true)
  }

  close(): void {
    this.#redis.disconnect()
  }
}
