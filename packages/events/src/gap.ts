import type { EventPlatform, OutgoingEvent } from './event.ts'
import { withoutUndefined } from './field.ts'
import { identify } from './identity.ts'
import { rfc3339 } from './instant.ts'
import { outgoing, sourceOf } from './outgoing.ts'

/** Why events may be missing. Readers accept reasons they do not know. */
export type GapReason =
  /** RTM: nobody was connected, or a hand-over was not whole; Slack repeats nothing there. */
  | 'rtm-disconnected'
  /** Socket Mode: no socket was open for longer than Slack repeats what it could not deliver. */
  | 'socket-mode-disconnected'
  /** Discord: the session could not be resumed. */
  | 'session-lost'
  /** Slack delivered no more than its hourly bound. */
  | 'rate-limited'
  /** The subscription was at its bound, and kept nothing. */
  | 'suspended'
  /** Redis was away for so long that the gateway could hold no more. */
  | 'journal-full'
  /** Discord: the shard heard nothing while others of its bot did. */
  | 'deaf'
  /** What was owed of an earlier gap could not be filled in, or not all of it. Nothing is filled in for this one. */
  | 'backfill-incomplete'

const CONTENTS = ['messages', 'edits', 'deletes', 'reactions', 'joins', 'interactions', 'other'] as const

/** What kind of events went by. */
export type GapContent = (typeof CONTENTS)[number]

/** The data of a `holdfast.gap` event. Every kind of event is in one of the two lists. */
export interface GapData {
  readonly connection: string
  /** Discord only. */
  readonly shard?: number
  /** RFC 3339, milliseconds. */
  readonly from: string
  readonly to: string
  readonly why: GapReason
  /** What is filled in from the platform's history. */
  readonly recoverable: readonly GapContent[]
  /** What no history holds. */
  readonly notRecoverable: readonly GapContent[]
  /** How many events are known to be missing, where it was counted. */
  readonly missedCount?: number
  /** `backfill-incomplete`: in how many conversations something was left out, where it was counted. */
  readonly conversationCount?: number
}

/** A time of which events may be missing. */
export interface Gap {
  readonly platform: EventPlatform
  readonly connection: string
  /** Discord only. */
  readonly shard?: number | undefined
  /** App or application id, as in `Origin`. */
  readonly bot: string
  /** Team or guild, where the gap is of one. */
  readonly workspace?: string | undefined
  /** Unix milliseconds: until when nothing is missing, and from when on nothing is missing again. */
  readonly from: number
  readonly to: number
  readonly why: GapReason
  /** When the gap was noticed (Unix milliseconds). */
  readonly receivedAt: number
  /** What history can fill in; default `['messages']`. Give `[]` where the bot may not read history. */
  readonly recoverable?: readonly GapContent[] | undefined
  readonly missedCount?: number | undefined
  readonly conversationCount?: number | undefined
}

/**
 * The event that announces a gap. Deterministic: whoever announces the same gap of the same connection and shard makes
 * the same id, so a gap is announced once. It has no subject, waits for no conversation, and its `time` is when the gap
 * began.
 */
export function gapEvent(gap: Gap): OutgoingEvent {
  const { platform, connection, shard, bot, workspace, from, to, receivedAt } = gap
  const origin = { connection, bot, receivedAt, delivery: 'live' } as const
  return outgoing(platform, sourceOf(platform, connection, shard), origin, {
    identity: identify(platform, bot, 'gap', {
      connection,
      shard,
      from,
      to,
      left: gap.why === 'backfill-incomplete',
    }),
    type: 'holdfast.gap',
    dataText: JSON.stringify(gapData(gap)),
    time: rfc3339(from),
    workspace,
  })
}

function gapData(gap: Gap): GapData {
  const recoverable = gap.recoverable ?? ['messages']
  return withoutUndefined({
    connection: gap.connection,
    shard: gap.shard,
    from: rfc3339(gap.from),
    to: rfc3339(gap.to),
    why: gap.why,
    recoverable,
    notRecoverable: CONTENTS.filter((content) => !recoverable.includes(content)),
    missedCount: gap.missedCount,
    conversationCount: gap.conversationCount,
  })
}
