import type { LinkEffect } from '../src/index.ts'

/**
 * What an RTM driver knows from the effects: until when it has seen everything, and what it announced as missed. A gap
 * begins where the last proof ends: when an answered ping, or a close answered in turn, was sent.
 */
export class Proofs {
  readonly #delivered = new Set<number>()
  readonly #sentAt = new Map<string, number>()
  readonly #gaps: { readonly from: number; readonly to: number }[] = []
  #firstAt: number | undefined
  #caughtUpAt = 0

  readonly #closedAt: (generation: number) => number | undefined

  /** `closedAt`: when Slack closed a socket. */
  constructor(closedAt: (generation: number) => number | undefined) {
    this.#closedAt = closedAt
  }

  note(now: number, effects: readonly LinkEffect[]): void {
    for (const effect of effects) this.#noteOne(now, effect)
  }

  /** Whether the event was delivered, or is announced as missed; also by whoever comes after us. */
  accountsFor(serial: number, postedAt: number): boolean {
    if (this.#delivered.has(serial)) return true
    // Nobody ever promised what was before the first hello.
    if (this.#firstAt === undefined || postedAt <= this.#firstAt || postedAt >= this.#caughtUpAt) return true
    return this.#gaps.some(({ from, to }) => from <= postedAt && postedAt <= to)
  }

  #noteOne(now: number, effect: LinkEffect): void {
    switch (effect.kind) {
      case 'ping':
        this.#sentAt.set(`${effect.generation} #${effect.id}`, now)
        return
      case 'closeSocket':
        this.#sentAt.set(`${effect.generation} close`, now)
        return
      case 'pong':
        return this.#prove(this.#sentAt.get(`${effect.generation} #${effect.id}`))
      case 'closedInTurn':
        return this.#proveByClose(effect.generation)
      case 'connected':
        if (this.#firstAt === undefined) this.#firstAt = this.#caughtUpAt = now
        else this.#gaps.push({ from: this.#caughtUpAt, to: now })
        return
      case 'frame':
        this.#delivered.add(Number(JSON.parse(effect.text).ts))
        return
      default:
        return
    }
  }

  /** Where Slack closed by itself at the moment of our stop, the two cross: drivers allow for that by a second. */
  #proveByClose(generation: number): void {
    const sentAt = this.#sentAt.get(`${generation} close`)
    this.#prove(sentAt && Math.min(sentAt, this.#closedAt(generation) ?? sentAt))
  }

  #prove(sentAt: number | undefined): void {
    if (sentAt === undefined) throw new Error('an answer to nothing that was sent')
    this.#caughtUpAt = Math.max(this.#caughtUpAt, sentAt)
  }
}
