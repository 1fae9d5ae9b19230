import type { Shard, ShardInput, ShardState } from '@holdfast/protocol'
import { type DiscordApi, getGatewayBot } from './discord-api.ts'
import type { IdentifyPermits } from './permits.ts'

/** What a shard asks of the world beside its socket, and who hears the answers. */
export interface ShardErrandsOptions {
  readonly api: DiscordApi
  readonly shard: Shard
  readonly permits: IdentifyPermits
  readonly feed: (input: ShardInput) => void
  /** One sentence: the permit will take longer. */
  readonly onWait: (why: string) => void
  /** Whether the shard may still be served here. Never rejects. */
  readonly isOurs: () => Promise<boolean>
}

/** On the way to a permit. */
const APPROACH: ReadonlySet<ShardState['kind']> = new Set([
  'locating',
  'connecting',
  'awaitingHello',
  'awaitingPermit',
])

/** The address of Discord's gateway and the right to identify, each asked for when the machine says so. */
export class ShardErrands {
  readonly #options: ShardErrandsOptions
  #permit = new AbortController()
  #locating = new AbortController()
  #unannounce: () => void = () => {}

  constructor(options: ShardErrandsOptions) {
    this.#options = options
  }

  /** The shard will want to identify: others that come after it wait for it. */
  announce(): void {
    this.#unannounce = this.#options.permits.announce(this.#options.shard[0])
  }

  /** The shard is in another state. */
  moved(to: ShardState['kind']): void {
    if (!APPROACH.has(to)) this.#unannounce()
  }

  locate(generation: number): void {
    const { api, feed } = this.#options
    this.#locating.abort()
    this.#locating = new AbortController()
    void getGatewayBot(api, this.#locating.signal).then((answer) => {
      if (answer.kind === 'answer') feed({ kind: 'located', generation, url: answer.url })
      else feed({ ...answer, kind: 'locateFailed', generation })
    })
  }

  requestPermit(generation: number): void {
    const { permits, onWait, isOurs, feed } = this.#options
    const [shard, shardCount] = this.#options.shard
    this.#permit = new AbortController()
    const { signal } = this.#permit
    void permits.acquire({ shard, shardCount, signal, onWait, isOurs }).then((answer) => {
      if (answer === 'granted') feed({ kind: 'permitGranted', generation })
    })
  }

  cancelPermit(): void {
    this.#permit.abort()
  }

  /** Asks Discord for nothing more. */
  stop(): void {
    this.#locating.abort()
  }
}
