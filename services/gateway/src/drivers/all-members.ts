import type { Clock } from '@holdfast/runtime'

/** A second more than Discord's 30, for the network. Source: docs.discord.com/developers/change-log, 2025-08-14 */
const EVERY_MS = 31_000

/**
 * Requests for all members of a guild: Discord takes one per guild in 30 s. A guild lives on one shard, so each shard can count
 * its own. Remembers at most what was asked in that time.
 */
export class AllMembersRequests {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #askedMs = new Map<string, number>()

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  note(guildId: string): void {
    this.#askedMs.set(guildId, this.#clock.monotonicMs())
  }

  /** How long until it may be asked; 0: now. */
  waitMs(guildId: string): number {
    const nowMs = this.#clock.monotonicMs()
    for (const [id, askedMs] of this.#askedMs) if (nowMs - askedMs >= EVERY_MS) this.#askedMs.delete(id)
    const askedMs = this.#askedMs.get(guildId)
    return askedMs === undefined ? 0 : askedMs + EVERY_MS - nowMs
  }
}
