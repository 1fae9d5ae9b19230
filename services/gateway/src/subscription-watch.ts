import type { FixedSubscription, Registry, Subscription, Wishes } from '@holdfast/queue'
import { type Clock, type Log, messageOf, type Service, type Timer } from '@holdfast/runtime'
import type { Route } from './publisher.ts'

/** How often the gateway says by which version it routes, and looks whether there is another. */
const BEAT_MS = 1_000
/** A Redis that came back without its data knows nothing until everybody has declared again; that takes seconds. */
const DECLARED_AGAIN_MS = 10_000

/** The subscriptions made ready for routing. */
export interface CompiledRoutes {
  readonly route: Route
  /** Patterns that can't be read, one line each; they match nothing. */
  readonly problems: readonly string[]
}

/** What is watched, and as whom. */
export interface SubscriptionWatchOptions {
  readonly registry: Pick<Registry, 'declareFixed' | 'wishes' | 'watch' | 'note' | 'leave'>
  /** Names this process, not the replica: an old process that leaves must not take the new one's note with it. */
  readonly gatewayId: string
  /** The subscriptions of the configuration file. */
  readonly fixed: readonly FixedSubscription[]
  readonly compile: (subscriptions: readonly Subscription[]) => CompiledRoutes
  readonly clock: Clock
  readonly log: Log
}

/**
 * The subscriptions as this gateway routes by them. `start()` resolves once they are known. A change is noted in the
 * registry only after it is in effect here, so a worker that waits for the note misses nothing from then on. While Redis
 * is away the last known ones stay in effect.
 */
export class SubscriptionWatch implements Service {
  readonly #options: SubscriptionWatchOptions
  #subscriptions: readonly Subscription[] = []
  #version: number | undefined
  #forgotten: { readonly subscriptions: readonly Subscription[]; readonly untilMs: number } | undefined
  #route: Route = () => []
  #timer: Timer | undefined
  #unwatch: (() => void) | undefined
  #starting: Promise<void> | undefined
  #refreshing: Promise<void> | undefined
  #changed = false
  #stopped = false

  constructor(options: SubscriptionWatchOptions) {
    this.#options = options
  }

  readonly route: Route = (type, delivery) => this.#route(type, delivery)

  /** As last seen; bounds and suspensions are at most a second old while Redis answers. */
  get subscriptions(): readonly Subscription[] {
    return this.#subscriptions
  }

  get version(): number | undefined {
    return this.#version
  }

  find(name: string): Subscription | undefined {
    return this.#subscriptions.find((subscription) => subscription.name === name)
  }

  async start(): Promise<void> {
    this.#starting ??= this.#begin()
    await this.#starting
  }

  async #begin(): Promise<void> {
    const { registry, fixed } = this.#options
    await registry.declareFixed(fixed)
    // Watched before the first look, so that no change falls between the two.
    this.#unwatch = registry.watch(() => this.#onChange())
    await this.#lookAndNote()
    this.#beatLater()
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    this.#timer?.clear()
    this.#unwatch?.()
    // A look that waits for a Redis that is away is not waited for; its answer changes nothing any more.
  }

  /** The configuration file fixes these now. Resolves once they are declared and in effect here; while Redis is away that waits for it. */
  async fix(subscriptions: readonly FixedSubscription[]): Promise<void> {
    await this.#options.registry.declareFixed(subscriptions)
    this.#changed = true
    await this.#refresh()
  }

  /** Says that this gateway goes, so that no worker waits for its note. */
  async leave(): Promise<void> {
    await this.#options.registry.leave(this.#options.gatewayId)
  }

  #beatLater(): void {
    if (this.#stopped) return
    this.#timer = this.#options.clock.setTimer(BEAT_MS, () => {
      void this.#refresh().finally(() => this.#beatLater())
    })
  }

  #onChange(): void {
    this.#changed = true
    void this.#refresh()
  }

  /** One look at a time; a change during a look is followed by another. Never rejects. */
  #refresh(): Promise<void> {
    this.#refreshing ??= this.#lookUntilUnchanged().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  async #lookUntilUnchanged(): Promise<void> {
    do {
      this.#changed = false
      try {
        await this.#lookAndNote()
      } catch (error) {
        if (!this.#stopped)
          this.#options.log.warn(
            { error: messageOf(error) },
            'could not read the subscriptions; the known ones stay in effect and it is tried again',
          )
      }
    } while (this.#changed && !this.#stopped)
  }

  async #lookAndNote(): Promise<void> {
    const { registry, gatewayId } = this.#options
    const wishes = await registry.wishes()
    if (this.#stopped) return
    this.#adopt(wishes)
    await registry.note(gatewayId, wishes.version)
  }

  #adopt(found: Wishes): void {
    const { clock, log } = this.#options
    const forgot = this.#version !== undefined && found.version < this.#version
    if (forgot) {
      this.#forgotten = {
        subscriptions: this.#subscriptions,
        untilMs: clock.monotonicMs() + DECLARED_AGAIN_MS,
      }
      log.warn(
        {},
        'Redis has forgotten the subscriptions; the known ones stay in effect until workers had time to declare them again',
      )
    }
    const kept = this.#keptOf(found)
    const subscriptions = [...found.subscriptions, ...kept]
    const changed = found.version !== this.#version || subscriptions.length !== this.#subscriptions.length
    this.#subscriptions = subscriptions
    if (changed) this.#routeBy({ version: found.version, subscriptions })
  }

  /** Subscriptions that a Redis which lost its data does not know again yet. */
  #keptOf(found: Wishes): readonly Subscription[] {
    if (this.#forgotten && this.#options.clock.monotonicMs() >= this.#forgotten.untilMs)
      this.#forgotten = undefined
    const known = new Set(found.subscriptions.map(({ name }) => name))
    return (this.#forgotten?.subscriptions ?? []).filter(({ name }) => !known.has(name))
  }

  #routeBy({ version, subscriptions }: Wishes): void {
    const { compile, log } = this.#options
    const compiled = compile(subscriptions)
    const from = this.#version
    this.#route = compiled.route
    this.#version = version
    const names = subscriptions.map(({ name }) => name)
    log.info({ from, to: version, subscriptions: names }, 'routing by changed subscriptions')
    for (const problem of compiled.problems) log.warn({ version }, problem)
  }
}
