import type { DiscordSession } from '@holdfast/ownership'
import type { Session, Shard } from '@holdfast/protocol'
import type { Clock } from '@holdfast/runtime'
import { toOwnMs, toWallAt } from './process-time.ts'
import { Progress } from './progress.ts'

type Clocks = Pick<Clock, 'monotonicMs' | 'wallAt'>
type Identity = Omit<DiscordSession, 'sequence' | 'confirmedAt'>

/** A Discord session and how far it is confirmed: what its checkpoint says. */
export class DiscordSessionProgress {
  readonly #identity: Identity
  readonly #clock: Clocks
  readonly progress: Progress

  private constructor(identity: Identity, clock: Clocks, progress: Progress) {
    this.#identity = identity
    this.#clock = clock
    this.progress = progress
  }

  /** A session that READY has just named, and what it was identified with. */
  static started(
    { sessionId, resumeUrl, applicationId, botUserId, confirmed }: Session,
    { shard, intents, clock }: { readonly shard: Shard; readonly intents: number; readonly clock: Clocks },
    readyMs: number,
  ) {
    const identity: Identity = {
      kind: 'discord',
      sessionId,
      resumeUrl,
      shard,
      applicationId,
      botUserId,
      intents,
    }
    return new DiscordSessionProgress(identity, clock, new Progress(confirmed, readyMs))
  }

  /** The session of a stored checkpoint. */
  static restored({ sequence, confirmedAt, ...identity }: DiscordSession, clock: Clocks) {
    return new DiscordSessionProgress(identity, clock, new Progress(sequence, toOwnMs(clock, confirmedAt)))
  }

  get sessionId(): string {
    return this.#identity.sessionId
  }

  /** The watermark as it may be stored now. */
  checkpoint(): DiscordSession {
    return this.#storable(this.progress.sequence, this.progress.confirmedAt)
  }

  /** As the checkpoint, counting what the journal holds as confirmed: good for whoever has the journal too. */
  mark(): DiscordSession {
    return this.#storable(this.progress.heldSequence, this.progress.heldAt)
  }

  #storable(sequence: number, confirmedMs: number): DiscordSession {
    return { ...this.#identity, sequence, confirmedAt: toWallAt(this.#clock, confirmedMs) }
  }
}
