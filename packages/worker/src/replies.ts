import type { HoldfastEvent } from '@holdfast/events'
import { type PostReply, refuseNoMessage, refuseUnknownOptions } from './reply.ts'
import type { ReplyMessage, ReplyOptions, ReplyResult } from './reply-message.ts'
import { ReplyNotes } from './reply-notes.ts'
import type { ReplyKey } from './step-key.ts'
import type { Steps } from './steps.ts'

interface RepliesParts {
  /** What the handler was called with. */
  readonly event: HoldfastEvent
  readonly queue: string
  readonly signal: AbortSignal
  readonly steps: Steps
  readonly postReply: PostReply
}

/** The replies of one run of a handler: each a step, posted one after the other, awaited or not. */
export class Replies {
  readonly #parts: RepliesParts
  #count = 0
  #earlier: Promise<unknown> = Promise.resolve()

  constructor(parts: RepliesParts) {
    this.#parts = parts
  }

  reply(message: ReplyMessage, options?: ReplyOptions): Promise<ReplyResult> {
    const { event, queue, signal, steps, postReply } = this.#parts
    const key = this.#keyOf(options?.name)
    const answered = options?.to ?? event
    const notes = new ReplyNotes(steps, answered.id === event.id ? undefined : answered)
    // What follows up on an interaction's answer comes after it and its record.
    const before = this.#earlier
    const replied = steps.run(key, async () => {
      refuseNoMessage(message)
      refuseUnknownOptions(options ?? {})
      await before
      signal.throwIfAborted()
      return postReply({ event: answered, eventId: event.id, queue, key, steps: notes }, message)
    })
    this.#earlier = replied.catch(() => {})
    return replied
  }

  /** A name that is none is refused with the step. */
  #keyOf(name: unknown): ReplyKey {
    if (name !== undefined) return `reply:${typeof name === 'string' ? name : ''}`
    this.#count += 1
    return `reply#${this.#count}`
  }
}
