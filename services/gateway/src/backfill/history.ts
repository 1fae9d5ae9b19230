import type { Gap, OutgoingEvent } from '@holdfast/events'
import type { CallRate } from '@holdfast/ownership'

/** From when to when (Unix milliseconds), both included. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Where people talk: a channel, a thread, a direct message. */
export interface Conversation {
  readonly id: string
  /** Discord: the guild that it is in. */
  readonly guildId?: string
  /** When something was last said there (Unix milliseconds), where the platform tells. */
  readonly lastAt?: number
}

/** One message of the platform's history, as the event that it would have been. */
export interface HistoryMessage {
  /** Names it within its conversation: a later read goes on behind it. */
  readonly position: string
  /** When it was written (Unix milliseconds). */
  readonly at: number
  readonly event: OutgoingEvent
}

/** What one request to a platform is, and how its answer is read. */
export interface Question {
  /** What the platform counts such requests by, over all processes, and how often we put one. */
  readonly limit: { readonly key: string; readonly rate: CallRate }
  /** What the platform may hold back alone, within that. */
  readonly route: string
  readonly url: string
  readonly init: RequestInit
  readonly judge: (answer: PlatformAnswer) => Verdict
}

/** What came back over HTTP. */
export interface PlatformAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** What an answer means. */
export type Verdict =
  /** `restMs`: the route takes nothing more for so long. */
  | { readonly kind: 'answer'; readonly text: string; readonly restMs?: number }
  /** Asking again would give the same. `why`: one word of the platform's own. */
  | { readonly kind: 'refused'; readonly why: string; readonly text?: string }
  /** Asked again it may answer: after `waitMs`, where it says so, which holds for the route or for all that is counted with it. */
  | { readonly kind: 'later'; readonly waitMs?: number; readonly holds?: 'route' | 'all' }

/** What asking came to, with all waiting done. `over`: nothing more may be asked, because the budget is spent or it was told to stop. */
export type Answer =
  | Extract<Verdict, { kind: 'answer' }>
  | Extract<Verdict, { kind: 'refused' }>
  | { readonly kind: 'over' }

/** Puts one question, obeying every limit. Never rejects. */
export type Ask = (question: Question) => Promise<Answer>

/** The conversations that may hold something of a gap. */
export interface Listing {
  /** Those that are to be read first come first. */
  readonly conversations: readonly Conversation[]
  /** How many could not be listed because access was refused. */
  readonly refusedCount: number
  /** Whether these are all. */
  readonly isWhole: boolean
}

/** Some messages of one conversation, oldest first. */
export interface Batch {
  readonly messages: readonly HistoryMessage[]
  /**
   * `more`: others follow behind these. `whole`: none do. `left-out`: access to others was refused, or they were too many to be
   * held. `over`: nothing more may be asked.
   */
  readonly end: 'more' | 'whole' | 'left-out' | 'over'
}

/** What is read of a conversation. */
export interface Stretch {
  readonly gap: Gap
  readonly span: Span
  /** The position behind which to go on; absent: from the beginning of the span. */
  readonly after: string | undefined
  /** When it is read (Unix milliseconds). */
  readonly readAt: number
}

/** What a platform remembers of the conversations of one unit. Keeps the platform's own bytes. Never throws. */
export interface History {
  /** The type of its events. */
  readonly type: string
  /** Whether what it holds would have come over the socket: otherwise nothing of it was missed. */
  readonly isHeard: boolean
  /** `requestCount`: how many requests the listing may take. */
  list(gap: Gap, span: Span, ask: Ask, requestCount: number): Promise<Listing>
  read(conversation: Conversation, stretch: Stretch, ask: Ask): Promise<Batch>
}
