import { type Clock, type DiscordConfig, type Log, sleep } from '@holdfast/runtime'
import type { ConnectionStatus } from './ports.ts'
import { askShardCount, refuseShardCount, type ShardCount } from './shard-count.ts'
import type { Candidate, UnitTools } from './tenure/candidate.ts'
import type { DriverFactory, UnitGroup } from './units.ts'

const ASK_AGAIN_FIRST_MS = 1_000
const ASK_AGAIN_MAX_MS = 60_000
/** Sessions that wait to be resumed can spare no more of their window for the check of a configured number. */
const CHECK_WITHIN_MS = 3_000

/** Whose shards, and what they are made with. */
export interface DiscordShardsOptions {
  readonly connection: DiscordConfig
  readonly drivers: Pick<DriverFactory, 'discord'>
  readonly clock: Clock
  readonly log: Log
  readonly fetch: typeof fetch
  /** The number of shards has become known. */
  readonly onKnown: () => void
}

type Unavailable = ShardCount & { readonly kind: 'unavailable' }

/** Before the number of shards is known there is no unit yet, only a connection that waits for it. */
type State =
  | { readonly kind: 'counting'; readonly why: string; readonly sinceAt: number }
  | { readonly kind: 'refused'; readonly why: string; readonly sinceAt: number }
  | { readonly kind: 'stopped'; readonly sinceAt: number }
  | { readonly kind: 'sharded'; readonly shards: readonly Candidate[] }

/**
 * Which shards one Discord connection has. With `shards: auto` Discord is asked how many, again and again until it answers. A
 * configured number is checked with Discord once, and taken as it is where Discord does not answer: a session that can be
 * resumed needs nobody's leave. Only a refused token or number ends it.
 */
export class DiscordShards implements UnitGroup {
  readonly #options: DiscordShardsOptions
  readonly #halt = new AbortController()
  #state: State
  #starting: Promise<void> | undefined

  constructor(options: DiscordShardsOptions) {
    this.#options = options
    this.#state = { kind: 'counting', why: 'not started yet', sinceAt: options.clock.wallAt() }
  }

  async start(): Promise<void> {
    if (this.#starting) return
    const { shards } = this.#options.connection
    if (shards === 'auto') {
      this.#become('counting', 'asking Discord how many shards it should have')
      this.#starting = this.#countThenShard()
      return
    }
    this.#become('counting', 'asking Discord whether it takes this number of shards')
    this.#starting = this.#checkThenShard(shards)
    await this.#starting
  }

  async stop(): Promise<void> {
    this.#halt.abort()
    if (this.#state.kind === 'counting') await this.#starting
    if (this.#state.kind !== 'sharded')
      this.#state = { kind: 'stopped', sinceAt: this.#options.clock.wallAt() }
  }

  /** In order; none before their number is known. */
  get candidates(): readonly Candidate[] {
    return this.#state.kind === 'sharded' ? this.#state.shards : []
  }

  /** Of the connection as a whole, while there are no shards to tell of. */
  statuses(): readonly ConnectionStatus[] {
    const { id } = this.#options.connection
    const whole = { connection: id, platform: 'discord', transport: 'gateway' } as const
    const state = this.#state
    switch (state.kind) {
      case 'counting':
        return [{ ...whole, state: 'connecting', why: state.why, sinceAt: state.sinceAt }]
      case 'refused':
        return [{ ...whole, state: 'fatal', why: state.why, sinceAt: state.sinceAt }]
      case 'stopped':
        return [{ ...whole, state: 'stopped', sinceAt: state.sinceAt }]
      case 'sharded':
        return []
      default:
        return state satisfies never
    }
  }

  async #countThenShard(): Promise<void> {
    let delayMs = ASK_AGAIN_FIRST_MS
    while (!this.#halt.signal.aborted) {
      const answer = await this.#ask()
      if (this.#halt.signal.aborted) return
      if (answer.kind === 'refused') return this.#refuse(answer.why)
      if (answer.kind === 'count') return this.#shard(answer.count)
      await this.#waitToAskAgain(answer, delayMs)
      delayMs = Math.min(delayMs * 2, ASK_AGAIN_MAX_MS)
    }
  }

  async #checkThenShard(count: number): Promise<void> {
    const answer = await this.#ask(CHECK_WITHIN_MS)
    if (this.#halt.signal.aborted) return
    if (answer.kind === 'refused') return this.#refuse(answer.why)
    const why = answer.kind === 'count' ? refuseShardCount(count, answer) : undefined
    if (why !== undefined) return this.#refuse(why)
    if (answer.kind === 'unavailable') this.#tellUnchecked(count, answer.why)
    this.#shard(count)
  }

  #tellUnchecked(count: number, why: string): void {
    const { connection, log } = this.#options
    log.warn({ connection: connection.id }, `${why}; going on with the configured number, ${count}`)
  }

  #ask(withinMs?: number): Promise<ShardCount> {
    const { connection, fetch, clock } = this.#options
    const { apiUrl, token } = connection
    return askShardCount({ apiUrl, token: token.reveal(), fetch }, clock, this.#halt.signal, withinMs)
  }

  #refuse(why: string): void {
    this.#become('refused', why)
    this.#options.log.error({ connection: this.#options.connection.id }, why)
  }

  async #waitToAskAgain(answer: Unavailable, delayMs: number): Promise<void> {
    const { clock, connection, log } = this.#options
    const waitMs = Math.max(answer.afterMs, Math.round(delayMs * (0.5 + clock.random() / 2)))
    const why = `${answer.why}; asking again in ${Math.ceil(waitMs / 1_000)} s`
    this.#become('counting', why)
    log.warn({ connection: connection.id }, why)
    await sleep(clock, waitMs, this.#halt.signal)
  }

  #shard(count: number): void {
    const { connection, drivers, onKnown } = this.#options
    const shards = Array.from({ length: count }, (_, shard) => ({
      unit: `${connection.id}/${shard}`,
      connection: connection.id,
      shard,
      provesBeside: false,
      makeDriver: (tools: UnitTools) => drivers.discord(connection, shard, count, tools),
    }))
    this.#state = { kind: 'sharded', shards }
    onKnown()
  }

  #become(kind: 'counting' | 'refused', why: string): void {
    this.#state = { kind, why, sinceAt: this.#options.clock.wallAt() }
  }
}
