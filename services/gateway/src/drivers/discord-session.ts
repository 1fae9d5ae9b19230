import type { DiscordSession } from '@holdfast/ownership'
import type { Session, Shard } from '@holdfast/protocol'
import { Progress } from './progress.ts'

type Identity = Omit<DiscordSession, 'sequence' | 'confirmedAt'>

/** A Discord session and how far it is confirmed: what its checkpoint says. */
export class DiscordSessionProgress {
  readonly #identity: Identity
  readonly progress: Progress

  private constructor(identity: Identity, progress: Progress) {
    this.#identity = identity
    this.progress = progress
  }

  /** A session that READY has just named, and what it was identified with. */
  static started(
    { sessionId, resumeUrl, applicationId, botUserId, confirmed }: Session,
    { shard, intents }: { readonly shard: Shard; readonly intents: number },
    readyAt: number,
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
    return new DiscordSessionProgress(identity, new Progress(confirmed, readyAt))
  }

  /** The session of a stored checkpoint. */
  static restored({ sequence, confirmedAt, ...identity }: DiscordSession) {
    return new DiscordSessionProgress(identity, new Progress(sequence, confirmedAt))
  }

  get sessionId(): string {
    return this.#identity.sessionId
  }

  /** The watermark as it may be stored now. */
  checkpoint(): DiscordSession {
    const { sequence, confirmedAt } = this.progress
    return { ...this.#identity, sequence, confirmedAt }
  }

  /** As the checkpoint, counting what the journal holds as confirmed: good for whoever has the journal too. */
  mark(): DiscordSession {
    const { heldSequence: sequence, heldAt: confirmedAt } = this.progress
    return { ...this.#identity, sequence, confirmedAt }
  }
}
