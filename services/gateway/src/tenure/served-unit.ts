import type { UnitHealth } from '@holdfast/ownership'
import { type Clock, endsWithin, type Log, messageOf, sleep } from '@holdfast/runtime'
import { leased, type MayOpen } from '../drivers/leased-socket.ts'
import type { OpenSocket } from '../drivers/socket.ts'
import type { Arrival, ConnectionDriver, ConnectionStatus, Publish } from '../ports.ts'
import type { Candidate } from './candidate.ts'

const START_AGAIN_FIRST_MS = 1_000
/** Little else than Redis keeps one from being started, and a unit that nobody serves is not to wait long once that answers. */
const START_AGAIN_MAX_MS = 5_000

/** How often Redis is asked whose a contested unit is. */
const CONTESTED_ASK_EVERY_MS = 1_000

/** What a unit is served with. */
export interface ServedUnitOptions {
  readonly candidate: Candidate
  readonly publish: Publish
  readonly openSocket: OpenSocket
  readonly clock: Clock
  readonly log: Log
  /** Whether a socket may be opened now, or an identify spent. */
  readonly mayOpen: MayOpen
  /** As `DriverTools.onOusted`. */
  readonly onOusted: () => void
  /** Something that decides about the lease has changed: it was fenced, or has confirmed its first event. */
  readonly onNews: () => void
}

/**
 * One unit as it is served here: its driver, made anew where it could not be started, and how well it does. Of no more use
 * once stopped.
 */
export class ServedUnit {
  readonly #options: ServedUnitOptions
  readonly #halt = new AbortController()
  #driver: ConnectionDriver
  #confirmed = false
  #fenced = false
  /** Why it is not started, and since when; nothing while it is. */
  #failed: { readonly why: string; readonly sinceAt: number } | undefined
  /** Since when it was seen connected, and by which of its own times. */
  #connected: { readonly sinceMs: number; readonly sinceAt: number } | undefined
  #starting: Promise<void> | undefined

  constructor(options: ServedUnitOptions) {
    this.#options = options
    this.#driver = this.#make()
  }

  /** Resolves when the first attempt to connect is under way, or it failed to begin and is tried again. Never rejects. */
  async start(fence: number): Promise<void> {
    await this.#begin(fence, () => this.#driver.start(fence))
  }

  arrive(fence: number): Promise<Arrival> {
    return this.#driver.arrive(fence)
  }

  proceed(): void {
    this.#driver.proceed()
  }

  /** As `start`, for a unit that was prepared beside its holder. */
  async own(fence: number): Promise<void> {
    await this.#begin(fence, () => this.#driver.own(fence))
  }

  /** As `ConnectionDriver.yield`; one that could not be started has nothing to close, and is not tried again. */
  async yield(graceMs: number): Promise<'closed' | 'serving'> {
    if (!this.#failed) return this.#driver.yield(graceMs)
    await this.stop(graceMs)
    return 'closed'
  }

  serveOn(): void {
    this.#driver.serveOn()
  }

  /** As `ConnectionDriver.stop`; one that still waits for Redis to begin with is not waited for longer than the grace. */
  async stop(graceMs: number): Promise<void> {
    this.#halt.abort()
    const stopped = this.#driver.stop(graceMs)
    if (this.#starting) await endsWithin(this.#options.clock, graceMs, stopped)
    else await stopped
  }

  status(): ConnectionStatus {
    const status = this.#driver.status()
    return this.#failed ? { ...status, state: 'waiting', ...this.#failed } : status
  }

  /** What it publishes is refused, and its driver is of no more use. */
  get fenced(): boolean {
    return this.#fenced
  }

  /** To be asked often: what it tells is as old as the last time. */
  health(): UnitHealth {
    const { state, why, sinceAt } = this.status()
    if (state !== 'connected') this.#connected = undefined
    else if (this.#connected?.sinceAt !== sinceAt)
      this.#connected = { sinceMs: this.#options.clock.monotonicMs(), sinceAt }
    return {
      confirmed: this.#confirmed,
      ...(this.#fenced && { fenced: true }),
      ...(this.#connected && { connectedMs: this.#connected.sinceMs }),
      ...(state === 'fatal' && { fatalWhy: why ?? 'stopped for good' }),
    }
  }

  #make(): ConnectionDriver {
    const { candidate, openSocket, mayOpen, onNews, onOusted } = this.#options
    return candidate.makeDriver({
      publish: this.#publish,
      openSocket: leased(openSocket, mayOpen),
      isOurs: () => this.#isOurs(),
      onOusted,
      onFenced: () => {
        this.#fenced = true
        onNews()
      },
    })
  }

  /** Whose it is must be said before an identify is spent, where it is contested. */
  async #isOurs(): Promise<boolean> {
    const { mayOpen, clock } = this.#options
    for (;;) {
      const leave = await mayOpen()
      if (leave !== 'contested' || this.#halt.signal.aborted) return leave !== false
      await sleep(clock, CONTESTED_ASK_EVERY_MS, this.#halt.signal)
    }
  }

  readonly #publish: Publish = (event, origin, onConfirmed, onKept) => {
    // That a gap could be told shows nothing of the socket.
    const shows = !this.#confirmed && event.type !== 'holdfast.gap'
    const onShown = () => {
      if (shows) this.#onShown()
      onConfirmed()
    }
    this.#options.publish(event, origin, onShown, onKept)
  }

  #onShown(): void {
    if (this.#confirmed) return
    this.#confirmed = true
    this.#options.onNews()
  }

  async #begin(fence: number, start: () => Promise<void>): Promise<void> {
    // Ends with the abort of a stop.
    if (!(await this.#try(start, START_AGAIN_FIRST_MS))) void this.#startAgain(fence)
  }

  async #startAgain(fence: number): Promise<void> {
    const { clock } = this.#options
    for (let delayMs = START_AGAIN_FIRST_MS; ; delayMs = Math.min(2 * delayMs, START_AGAIN_MAX_MS)) {
      await sleep(clock, delayMs, this.#halt.signal)
      if (this.#halt.signal.aborted) return
      this.#driver = this.#make()
      const nextMs = Math.min(2 * delayMs, START_AGAIN_MAX_MS)
      if (await this.#try(() => this.#driver.start(fence), nextMs)) return
    }
  }

  async #try(start: () => Promise<void>, againInMs: number): Promise<boolean> {
    try {
      this.#starting = start()
      await this.#starting
      this.#failed = undefined
      return true
    } catch (error) {
      await this.#driver.stop(0)
      if (!this.#halt.signal.aborted) this.#fail(error, againInMs)
      return false
    } finally {
      this.#starting = undefined
    }
  }

  #fail(error: unknown, againInMs: number): void {
    const { candidate, clock, log } = this.#options
    const why = `it could not be started (${messageOf(error)}); trying again in ${againInMs / 1_000} s`
    this.#failed = { why, sinceAt: this.#failed?.sinceAt ?? clock.wallAt() }
    log.error({ unit: candidate.unit, connection: candidate.connection }, why)
  }
}
