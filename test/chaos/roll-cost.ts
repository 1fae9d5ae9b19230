import { absences } from '@holdfast/simulator'
import { CONNECTIONS, type ConnectionName } from './connections.ts'
import { type Observed, ofKind, sentOn } from './evidence.ts'
import type { QueueTimes } from './queue-times.ts'
import type { Roll } from './roll.ts'
import { firstBegins, isOfStream } from './verdict.ts'

/** How late events were, in ms. */
export interface Delays {
  readonly count: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly longestMs: number
}

/** Events that were posted in one stretch of time: how late on the queue, and in their handler. */
export interface Lateness {
  readonly queued: Delays
  readonly begun: Delays
}

/** Of all connections together, and of each. */
type Latenesses = Readonly<Record<ConnectionName | 'all', Lateness>>

/** What one replacement cost. Times in ms from the start of the new gateway's process. */
export interface RollCost extends Pick<Roll, 'tookMs' | 'peakBytes'> {
  readonly readyMs: number
  readonly ownedMs: number
  readonly endedMs: number
  /** For how long each shard had no socket, each time. */
  readonly shardsAwayMs: readonly number[]
  /** How often a Slack bot had no socket. */
  readonly slackAwayCount: number
  /** While nothing was done to the stage. */
  readonly before: Latenesses
  /** From the start of the new process to the end of the old one. */
  readonly during: Latenesses
}

/** What each replacement cost, from the simulator's record, the diaries and the queue. `rolls` in order. */
export function rollCosts(rolls: readonly Roll[], observed: Observed, queued: QueueTimes): RollCost[] {
  const posted = postsOf(observed, queued)
  const quietUntilAt = Math.min(...rolls.map(({ startedAt }) => startedAt))
  const before = latenesses(posted, Number.NEGATIVE_INFINITY, quietUntilAt)
  const away = absences(observed.record)
  return rolls.map((roll) => {
    const { startedAt, endedAt, tookMs, peakBytes } = roll
    const own = away.filter(({ fromAt }) => fromAt >= startedAt && fromAt <= endedAt)
    return {
      readyMs: roll.readyAt - startedAt,
      ownedMs: roll.ownedAt - startedAt,
      endedMs: endedAt - startedAt,
      tookMs,
      peakBytes,
      shardsAwayMs: own.flatMap(({ platform, fromAt, toAt = Number.POSITIVE_INFINITY }) =>
        platform === 'discord' ? [toAt - fromAt] : [],
      ),
      slackAwayCount: own.filter(({ platform }) => platform === 'slack').length,
      before,
      during: latenesses(posted, startedAt, endedAt),
    }
  })
}

interface Post {
  readonly connection: ConnectionName
  readonly at: number
  readonly queuedMs: number | undefined
  readonly begunMs: number | undefined
}

function postsOf(observed: Observed, queued: QueueTimes): readonly Post[] {
  const begun = firstBegins(observed.diary)
  const entries = new Map(ofKind(observed.record, 'event').map((entry) => [entry.n, entry]))
  const since = (at: number, later: number | undefined) =>
    later === undefined ? undefined : Math.max(0, later - at)
  return CONNECTIONS.flatMap((connection) =>
    sentOn(connection, observed)
      .filter(isOfStream)
      .map(({ n, at, key }) => {
        const { channel = '', id = '' } = entries.get(n) ?? {}
        const queuedMs = since(at, queued.of(channel, id))
        return { connection, at, queuedMs, begunMs: since(at, begun.get(key)) }
      }),
  )
}

function latenesses(posts: readonly Post[], fromAt: number, toAt: number): Latenesses {
  const within = posts.filter(({ at }) => at >= fromAt && at < toAt)
  const of = (connection: ConnectionName) => lateness(within.filter((post) => post.connection === connection))
  return { all: lateness(within), rtm: of('rtm'), socket: of('socket'), discord: of('discord') }
}

const lateness = (posts: readonly Post[]): Lateness => ({
  queued: delaysOf(posts.flatMap(({ queuedMs }) => queuedMs ?? [])),
  begun: delaysOf(posts.flatMap(({ begunMs }) => begunMs ?? [])),
})

function delaysOf(ms: readonly number[]): Delays {
  const sorted = [...ms].sort((a, b) => a - b)
  const percentile = (percent: number) => sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? 0
  return { count: sorted.length, p50Ms: percentile(50), p99Ms: percentile(99), longestMs: sorted.at(-1) ?? 0 }
}
