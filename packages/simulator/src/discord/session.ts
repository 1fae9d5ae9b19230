import type { Timer } from '../clock.ts'
import type { DiscordBot } from './directory.ts'
import type { WishedPresence } from './presence.ts'

/** Where a session's dispatches go while it has one: the part of a gateway socket that a session needs. */
export interface DispatchTarget {
  readonly open: boolean
  send(frame: string): void
}

/**
 * How a session stands: `attached`, its dispatches go to a socket (which may be half-open); `detached`, it waits for a
 * RESUME until `timer` ends it.
 */
export type SessionState =
  | { readonly kind: 'attached'; readonly socket: DispatchTarget }
  | { readonly kind: 'detached'; readonly timer: Timer }
  | { readonly kind: 'over' }

/** How deaf a session is. */
export interface Deafness {
  /** It hears again with its so many-th RESUME. */
  readonly resumeCount: number
  /** What happens meanwhile never reaches it. Else it comes when it hears again. */
  readonly lost: boolean
}

interface KeptDispatch {
  readonly type: string
  readonly text: string
}

/** One session of one shard of a bot: numbers its dispatches and keeps the last of them for replay. */
export class DiscordSession {
  readonly id: string
  readonly bot: DiscordBot
  readonly shard: readonly [id: number, count: number]
  readonly intents: number
  /** Version and encoding of the socket that it began on: a resume must ask for the same. */
  readonly dialect: string
  state: SessionState
  /** How the bot last wished to be shown. */
  presence: WishedPresence | undefined
  readonly #bound: number
  #kept: KeptDispatch[] = []
  #sequence = 0
  #sentSequence = 0
  #deafness: Deafness | undefined
  /** What a deaf session is yet to hear, without numbers: they are given where it is told. */
  #stuck: KeptDispatch[] = []

  constructor(
    about: Pick<DiscordSession, 'id' | 'bot' | 'shard' | 'intents' | 'dialect'>,
    socket: DispatchTarget,
    replayBufferCount: number,
  ) {
    this.id = about.id
    this.bot = about.bot
    this.shard = about.shard
    this.intents = about.intents
    this.dialect = about.dialect
    this.state = { kind: 'attached', socket }
    this.#bound = replayBufferCount
  }

  /** The number of the last dispatch. */
  get sequence(): number {
    return this.#sequence
  }

  /** Dispatches that were never written to an open socket. */
  get unsentCount(): number {
    return this.#sequence - this.#sentSequence + this.#stuck.length
  }

  /** From now on it is told nothing of what happens; heartbeats are answered as ever. */
  deafen(deafness: Deafness): void {
    this.#deafness = deafness
  }

  /** It was resumed: the deafness may be over, and then what it is yet to hear is part of the replay. */
  refresh(): void {
    if (!this.#deafness) return
    const resumeCount = this.#deafness.resumeCount - 1
    this.#deafness = resumeCount > 0 ? { ...this.#deafness, resumeCount } : undefined
    if (this.#deafness) return
    for (const { type, text } of this.#stuck.splice(0)) this.#keep(type, text)
  }

  /** As `tell`, for what happens: a deaf session is not told. */
  dispatch(type: string, text: string): 'sent' | 'buffered' | 'lost' {
    if (!this.#deafness) return this.tell(type, text)
    if (this.#deafness.lost) return 'lost'
    this.#stuck.push({ type, text })
    return 'buffered'
  }

  /** Numbers a dispatch, keeps it, and writes it if there is an open socket. `text` is sent as it is. */
  tell(type: string, text: string): 'sent' | 'buffered' {
    this.#keep(type, text)
    if (this.state.kind !== 'attached' || !this.state.socket.open) return 'buffered'
    this.#send(this.state.socket, this.#sequence, type, text)
    return 'sent'
  }

  /** Whether everything after `sequence` is still kept. */
  canReplayFrom(sequence: number): boolean {
    return this.#sequence - sequence <= Math.min(this.#bound, this.#kept.length)
  }

  /** Writes everything after `sequence` again, in order, with the numbers it had. Answers how many. */
  replay(socket: DispatchTarget, sequence: number): number {
    const count = this.#sequence - sequence
    const missed = count === 0 ? [] : this.#kept.slice(-count)
    for (const [index, { type, text }] of missed.entries()) {
      this.#send(socket, sequence + index + 1, type, text)
    }
    return count
  }

  #keep(type: string, text: string): void {
    this.#sequence += 1
    this.#kept.push({ type, text })
    if (this.#kept.length > this.#bound * 1.1 + 16) this.#kept = this.#kept.slice(-this.#bound)
  }

  #send(socket: DispatchTarget, sequence: number, type: string, text: string): void {
    // Discord's own order of keys; a client may look at the head of a frame only.
    socket.send(`{"t":${JSON.stringify(type)},"s":${sequence},"op":0,"d":${text}}`)
    this.#sentSequence = Math.max(this.#sentSequence, sequence)
  }
}
