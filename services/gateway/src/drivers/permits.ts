import type { CallBudget } from '@holdfast/ownership'
import type { Clock } from '@holdfast/runtime'
import type { DriverLog } from '../ports.ts'
import type { SessionStartLimit } from './discord-api.ts'
import { IdentifyBreaker, stormRate } from './identify-breaker.ts'
import { IdentifyBudget } from './identify-budget.ts'

/** A shard that waits for its permit. */
export interface PermitWish {
  readonly shard: number
  /** How many the bot has. */
  readonly shardCount: number
  /** Withdraws the wish. */
  readonly signal: AbortSignal
  /** One sentence, when it will take longer than a moment. */
  readonly onWait: (why: string) => void
  /** Asked at the last moment: for a shard that another gateway serves by now nothing is spent. Default: it is ours. */
  readonly isOurs?: () => Promise<boolean>
}

/** The right to identify. Discord counts identifies per bot and resets the token of one that exceeds its budget. */
export interface IdentifyPermits {
  /** Resolves `granted` when the shard may identify, at once and once; `withdrawn` when the signal aborts first. Never rejects. */
  acquire(wish: PermitWish): Promise<'granted' | 'withdrawn'>
  /** The shard is on its way to wish for one: those of later rounds wait for it. Call the answer when it no longer is. */
  announce(shard: number): () => void
}

/** What permits are granted by. */
export interface LocalPermitsOptions {
  readonly clock: Clock
  readonly log: DriverLog
  /** What Discord says of the budget now; nothing where it does not answer. */
  readonly readLimit: (signal: AbortSignal) => Promise<SessionStartLimit | undefined>
  /** Counts the identifies of each bucket over all gateways and restarts. */
  readonly calls: Pick<CallBudget, 'take'>
  /** Names the bot in `calls`. */
  readonly key: string
  /** Identifies are held back because there were too many, or are not any more. */
  readonly onStorm?: (holds: boolean) => void
}

interface Seeker extends PermitWish {
  readonly answer: (answer: 'granted' | 'withdrawn') => void
}

/** One identify per bucket and 5 s, and a quarter second for the network not to bring two closer together. */
const SPACING_MS = 5_250

/**
 * Permits for the shards of one bot. A shard's bucket is its id modulo `max_concurrency`: buckets are spaced each by itself, so
 * that as many shards come up at once as Discord allows. Rounds go in order: shards 0 to n-1 first, then n to 2n-1, and so on; a
 * round begins when nobody of an earlier one waits or is on its way. None is granted once the budget is down to its reserve, or
 * where there were so many lately that something must be wrong.
 * Source: docs.discord.com/developers/events/gateway#sharding-max-concurrency, #rate-limiting
 */
export class LocalPermits implements IdentifyPermits {
  readonly #options: LocalPermitsOptions
  readonly #budget: IdentifyBudget
  readonly #breaker: IdentifyBreaker
  readonly #announced = new Set<number>()
  /** By bucket, when it may have its next turn (monotonic). */
  readonly #turnMs = new Map<number, number>()
  #seekers: Seeker[] = []
  #serving = false
  /** Something has changed since the last look. */
  #changed = false
  #resume: () => void = () => {}
  /** What Discord is asked while somebody waits. */
  #errand = new AbortController()

  constructor(options: LocalPermitsOptions) {
    this.#options = options
    const { onStorm } = options
    this.#budget = new IdentifyBudget(options, SPACING_MS)
    this.#breaker = new IdentifyBreaker({ ...options, ...(onStorm && { onHold: onStorm }) })
  }

  announce(shard: number): () => void {
    this.#announced.add(shard)
    return () => {
      this.#announced.delete(shard)
      this.#wake()
    }
  }

  acquire(wish: PermitWish): Promise<'granted' | 'withdrawn'> {
    if (wish.signal.aborted) return Promise.resolve('withdrawn')
    return new Promise((answer) => {
      const seeker = { ...wish, answer }
      this.#seekers.push(seeker)
      wish.signal.addEventListener('abort', () => this.#end(seeker, 'withdrawn'), { once: true })
      this.#tellTurn(seeker)
      this.#wake()
      if (!this.#serving) void this.#serve()
    })
  }

  #tellTurn({ shard, onWait }: Seeker): void {
    const count = this.#seekers.filter((other) => other.shard < shard).length
    const why = this.#budget.spentWhy ?? this.#breaker.why
    if (why !== undefined) onWait(why)
    else if (count > 0) onWait(`it waits for its turn to identify: ${count} shards are before it`)
  }

  async #serve(): Promise<void> {
    this.#serving = true
    while (this.#seekers.length > 0) {
      this.#changed = false
      const waitMs = (await this.#waitForBudget()) || (await this.#grantNext())
      if (waitMs > 0 && !this.#changed) await this.#pause(waitMs)
    }
    this.#serving = false
  }

  async #waitForBudget(): Promise<number> {
    const told = this.#budget.spentWhy
    const waitMs = await this.#budget.waitMs(this.#errand.signal)
    const why = this.#budget.spentWhy
    if (why !== undefined && why !== told) for (const { onWait } of this.#seekers) onWait(why)
    return waitMs
  }

  /** Grants one, if it can. How long until it is worth looking again. */
  async #grantNext(): Promise<number> {
    if (this.#breaker.restMs > 0) return this.#breaker.restMs
    let soonestMs = Number.POSITIVE_INFINITY
    for (const seeker of this.#round()) {
      const bucket = seeker.shard % this.#budget.maxConcurrency
      const waitMs = await this.#spend(bucket, seeker)
      soonestMs = Math.min(soonestMs, waitMs)
      if (waitMs > 0) continue
      const stormMs = await this.#breaker.take(stormRate(this.#budget.dayCount, seeker.shardCount))
      if (stormMs > 0) return this.#holdBack(stormMs)
      this.#budget.spend()
      this.#end(seeker, 'granted')
      return 0
    }
    return soonestMs
  }

  #holdBack(stormMs: number): number {
    const { why } = this.#breaker
    if (why !== undefined) for (const { onWait } of this.#seekers) onWait(why)
    return stormMs
  }

  /** Those of the earliest round that anybody waits in, in order; nobody while one of an earlier round is on its way. */
  #round(): readonly Seeker[] {
    const round = ({ shard }: { shard: number }) => Math.floor(shard / this.#budget.maxConcurrency)
    const first = Math.min(...this.#seekers.map(round))
    for (const shard of this.#announced) if (round({ shard }) < first) return []
    return this.#seekers.filter((seeker) => round(seeker) === first).sort((a, b) => a.shard - b.shard)
  }

  /** Spends a bucket's turn; or how long until it has one, for ever where it is not the seeker's to spend. */
  async #spend(bucket: number, { isOurs }: Seeker): Promise<number> {
    const { clock, calls, key } = this.#options
    const leftMs = (this.#turnMs.get(bucket) ?? 0) - clock.monotonicMs()
    if (leftMs > 0) return leftMs
    if (isOurs && !(await isOurs())) return Number.POSITIVE_INFINITY
    // Where nobody can count for all of them, this process at least keeps its own distance.
    const grant = await calls
      .take(`${key}:${bucket}`, { burst: 1, everyMs: SPACING_MS })
      .catch(() => undefined)
    const waitMs = grant?.kind === 'spent' ? grant.waitMs : 0
    this.#turnMs.set(bucket, clock.monotonicMs() + (waitMs || SPACING_MS))
    return waitMs
  }

  #end(seeker: Seeker, answer: 'granted' | 'withdrawn'): void {
    this.#seekers = this.#seekers.filter((other) => other !== seeker)
    if (this.#seekers.length === 0) {
      this.#errand.abort()
      this.#errand = new AbortController()
    }
    seeker.answer(answer)
    this.#wake()
  }

  #wake(): void {
    this.#changed = true
    this.#resume()
  }

  /** Until `ms` are over, or something has changed. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = Number.isFinite(ms) ? this.#options.clock.setTimer(ms, resolve) : undefined
      this.#resume = () => {
        timer?.clear()
        resolve()
      }
    })
  }
}
