/** How long a shard waits before its next attempt. */

import { type BackoffRule, backoffMs } from '../backoff.ts'
import type { LivingState, Memory, ShardState } from './shard-state.ts'

/** Design for a resume window of 30 to 45 s: the first resume within half a second, never more than 16 s apart. */
const ATTEMPT_BACKOFF: BackoffRule = { firstMs: [0, 500], baseMs: 1_000, capMs: 16_000 }
/** Discord wants op 7 obeyed immediately, and a resume spends nothing: soon, but no faster than that where it asks again and again. */
const ASKED_BACKOFF: BackoffRule = { firstMs: [0, 500], baseMs: 500, capMs: 2_000 }
/** Each identify spends budget (1,000 a day): 1 to 5 s before the first, then up to two minutes apart. An attempt that gets to none is free. */
const IDENTIFY_BACKOFF: BackoffRule = { firstMs: [1_000, 5_000], baseMs: 5_000, capMs: 120_000 }

/** Resumes are free, but shards that were all held come back at once: so many a second, */
const HELD_PER_SECOND_COUNT = 20
/** and all of them well within the time for which Discord keeps a session. */
const HELD_CAP_MS = 5_000

/** Milliseconds from the moment there is room again to the attempt: the shards of a bot spread over a while. */
export function waitAfterHold(from: ShardState, random: number): number {
  const [, shardCount] = from.memory.shard
  const spreadMs = Math.min(HELD_CAP_MS, (1_000 * shardCount) / HELD_PER_SECOND_COUNT)
  return Math.max(Math.round(spreadMs * random), waitAfter(from, from.memory, random))
}

/** Milliseconds from the end of an attempt, or of a socket that served, to the next attempt; `left` is what is left of it. */
export function waitAfter(from: ShardState, left: Memory, random: number): number {
  const forIdentifiesMs = left.session ? 0 : backoffMs(IDENTIFY_BACKOFF, left.identifyCount, random)
  const forAttemptsMs = backoffMs(ATTEMPT_BACKOFF, vainCount(from, left), random)
  return Math.max(forAttemptsMs, forIdentifiesMs)
}

/** The same where Discord has asked for it. Before the session serves, op 7 is no better than a failure. */
export function waitAsAsked(from: LivingState, random: number): number {
  if (from.kind !== 'connected') return waitAfter(from, from.memory, random)
  return backoffMs(ASKED_BACKOFF, vainCount(from, from.memory), random)
}

/** The attempt that led to a socket that serves was none in vain. */
function vainCount(from: ShardState, { attemptCount }: Memory): number {
  return from.kind === 'connected' ? attemptCount - 1 : attemptCount
}
