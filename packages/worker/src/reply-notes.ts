import type { HoldfastEvent } from '@holdfast/events'
import { begunKey, isReplyKey, type ReplyKey } from './step-key.ts'
import { readResult } from './step-result.ts'
import type { Steps } from './steps.ts'

/** Whether an effect outside began before. `again`: it may be there although its result is not. */
type Begun = { readonly kind: 'first' } | { readonly kind: 'again'; readonly beganAt: number }

/** The effect that only one reply of a job may have: the answer to one interaction. */
const ANSWER = 'answer'

/** Stored state, as the keys are. */
interface BegunNote {
  readonly at: number
  /** Whose the answer is. */
  readonly by?: ReplyKey
  readonly withdrawn?: boolean
}

/** What of the steps the notes need. */
type Ledger = Pick<Steps, 'entries' | 'recorded' | 'note' | 'readdedAt'>

/** What a job notes of its replies to one event before they are posted, so that a later run knows what may be there. */
export class ReplyNotes {
  readonly #steps: Ledger
  readonly #answer: string

  /** `to`: an event other than the job's own, which has an answer of its own. */
  constructor(steps: Ledger, to?: Pick<HoldfastEvent, 'id'>) {
    this.#steps = steps
    this.#answer = to ? `${ANSWER}:${to.id}` : ANSWER
  }

  /** Notes that `key` is about to have an effect outside. `first`: it never began before, in any run. */
  async begin(key: ReplyKey, at: number): Promise<Begun> {
    const note = this.#begun(key)
    if (note) return { kind: 'again', beganAt: note.at }
    await this.#steps.note(begunKey(key), JSON.stringify({ at }))
    return this.#unnoted()
  }

  /** As `begin`, for the one answer that an interaction takes. `taken`: another reply of the job is or may be it. */
  async beginAnswer(key: ReplyKey, at: number): Promise<Begun | { readonly kind: 'taken' }> {
    const note = this.#begun(this.#answer)
    if (note) return note.by === key ? { kind: 'again', beganAt: note.at } : { kind: 'taken' }
    await this.#steps.note(begunKey(this.#answer), JSON.stringify({ at, by: key }))
    return this.#unnoted()
  }

  /** Takes back what was noted as begun: the effect certainly did not happen. */
  async withdraw(effect: ReplyKey | typeof ANSWER): Promise<void> {
    const name = effect === ANSWER ? this.#answer : effect
    const note = this.#begun(name)
    if (note) await this.#steps.note(begunKey(name), JSON.stringify({ ...note, withdrawn: true }))
  }

  /** What the job's replies were recorded with, to whatever event. */
  get replies(): readonly unknown[] {
    return this.#steps.entries.flatMap(([key, text]) => (isReplyKey(key) ? [readResult(text)] : []))
  }

  /** Without a note it never began, unless the notes of an earlier run were lost with their Redis. */
  #unnoted(): Begun {
    const { readdedAt } = this.#steps
    return readdedAt === undefined ? { kind: 'first' } : { kind: 'again', beganAt: readdedAt }
  }

  #begun(effect: string): BegunNote | undefined {
    const text = this.#steps.recorded(begunKey(effect))
    const note = text === undefined ? undefined : (JSON.parse(text) as BegunNote)
    return note?.withdrawn ? undefined : note
  }
}
