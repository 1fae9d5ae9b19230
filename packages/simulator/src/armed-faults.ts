import type { Clock } from './clock.ts'
import type { Platform } from './facts.ts'

/** Which websocket address refuses connections: Slack's RTM or Socket Mode, Discord's generic gateway or its resume gateway. */
export type ConnectTarget = 'rtm' | 'socket-mode' | 'gateway' | 'resume'

/** Which of them each platform has. */
export const CONNECT_TARGETS: Readonly<Record<Platform, readonly ConnectTarget[]>> = {
  slack: ['rtm', 'socket-mode'],
  discord: ['gateway', 'resume'],
}

/** Which requests a fault hits, and how many of them. */
export interface RequestMatch {
  readonly platform: Platform
  /** `chat.postMessage`, `POST /channels/:channel/messages`, …; all when absent. */
  readonly method?: string
  readonly count: number
}

/** How a failing request is answered instead of being executed. */
export interface RequestFailure {
  readonly status: number
  /** In the `Retry-After` header, and in Discord's body. */
  readonly retryAfterS: number
  /** Slack: the error that is answered, with HTTP 200. */
  readonly error?: string
}

/** Faults that wait for their moment: armed by `/control/fault`, spent by the fakes. */
export class ArmedFaults {
  readonly #clock: Clock
  readonly #refusedUntilMs = new Map<ConnectTarget, number>()
  #failures: (RequestMatch & { readonly failure: RequestFailure })[] = []
  #lostAnswers: RequestMatch[] = []
  #duplicates: RequestMatch[] = []
  #slowHellos: (RequestMatch & { readonly forMs: number })[] = []
  #earlyReconnects: RequestMatch[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  refuseConnects(target: ConnectTarget, forMs: number): void {
    this.#refusedUntilMs.set(target, this.#clock.monotonicMs() + forMs)
  }

  failRequests(match: RequestMatch, failure: RequestFailure): void {
    this.#failures.push({ ...match, failure })
  }

  loseAnswers(match: RequestMatch): void {
    this.#lostAnswers.push(match)
  }

  duplicateEvents(platform: Platform, count: number): void {
    this.#duplicates.push({ platform, count })
  }

  slowHellos(platform: Platform, count: number, forMs: number): void {
    this.#slowHellos.push({ platform, count, forMs })
  }

  earlyReconnects(count: number): void {
    this.#earlyReconnects.push({ platform: 'discord', count })
  }

  /** Takes back everything that still waits. */
  clear(): void {
    this.#refusedUntilMs.clear()
    this.#failures = []
    this.#lostAnswers = []
    this.#duplicates = []
    this.#slowHellos = []
    this.#earlyReconnects = []
  }

  refusesConnect(target: ConnectTarget): boolean {
    return this.#clock.monotonicMs() < (this.#refusedUntilMs.get(target) ?? Number.NEGATIVE_INFINITY)
  }

  /** The failure this request must be answered with, if any. Spends one. */
  takeFailure(platform: Platform, method: string): RequestFailure | undefined {
    const { hit, rest } = spend(this.#failures, platform, method)
    this.#failures = rest
    return hit?.failure
  }

  /** Whether this request's answer must be thrown away. Spends one. */
  takeLostAnswer(platform: Platform, method: string): boolean {
    const { hit, rest } = spend(this.#lostAnswers, platform, method)
    this.#lostAnswers = rest
    return hit !== undefined
  }

  /** How often the next event must be given to each bot: 2 while a duplication is armed. Spends one. */
  takeCopyCount(platform: Platform): 1 | 2 {
    if (this.#duplicates.length === 0) return 1
    const { hit, rest } = spend(this.#duplicates, platform, '')
    this.#duplicates = rest
    return hit ? 2 : 1
  }

  /** How long the next websocket must wait for its hello. Spends one. */
  takeSlowHello(platform: Platform): number {
    const { hit, rest } = spend(this.#slowHellos, platform, '')
    this.#slowHellos = rest
    return hit?.forMs ?? 0
  }

  /** Whether the next websocket is told to reconnect instead of hello. Spends one. */
  takeEarlyReconnect(): boolean {
    const { hit, rest } = spend(this.#earlyReconnects, 'discord', '')
    this.#earlyReconnects = rest
    return hit !== undefined
  }
}

function spend<Match extends RequestMatch>(armed: readonly Match[], platform: Platform, method: string) {
  const hit = armed.find((match) => match.platform === platform && (match.method ?? method) === method)
  if (!hit) return { hit, rest: [...armed] }
  const left = { ...hit, count: hit.count - 1 }
  const rest = armed.flatMap((match) => (match !== hit ? [match] : left.count > 0 ? [left] : []))
  return { hit, rest }
}
