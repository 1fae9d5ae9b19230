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

/** Of the events of one stretch of time, from the platform's instant on: how late on the queue, and begun by a handler. */
export interface Lateness {
  readonly queued: Delays
  readonly begun: Delays
}

/** What one replacement cost. Times from the start of the new gateway's process, in ms. */
export interface RollCost extends Pick<Roll, 'tookMs' | 'peakBytes'> {
  readonly readyMs: number
  readonly ownedMs: number
  readonly endedMs: number
  /** For how long shards had no socket, each time. */
  readonly shardsAwayMs: readonly number[]
  /** How often a Slack bot had no socket. */
  readonly slackAwayCount: number
}

/** What the replacements of a scenario cost. */
export interface RollFigures {
  readonly rolls: readonly RollCost[]
  /** Of what was said in the ten seconds before the first one. */
  readonly before: Readonly<Record<ConnectionName, Lateness>>
  /** Of what was said while one was under way: from the start of the new process to the end of the old one. */
  readonly during: Readonly<Record<ConnectionName, Lateness>>
}

/** Earlier, the stage may still warm up. */
const BEFORE_MS = 10_000

/** From the simulator's record, the diaries and the queue. */
export function rollFigures(
  rolls: readonly Roll[],
  observed: Observed,
  queued: Pick<QueueTimes, 'of'>,
): RollFigures {
  const posts = postsOf(observed, queued)
  const firstAt = Math.min(...rolls.map(({ startedAt }) => startedAt))
  const isDuring = ({ at }: Post) => rolls.some(({ startedAt, endedAt }) => at >= startedAt && at < endedAt)
  const away = absences(observed.record)
  return {
    rolls: rolls.map((roll) => costOf(roll, away)),
    before: latenesses(posts.filter(({ at }) => at >= firstAt - BEFORE_MS && at < firstAt)),
    during: latenesses(posts.filter(isDuring)),
  }
}

function costOf(
  { startedAt, readyAt, ownedAt, endedAt, tookMs, peakBytes }: Roll,
  away: ReturnType<typeof absences>,
): RollCost {
  const own = away.filter(({ fromAt }) => fromAt >= startedAt && fromAt <= endedAt)
  const shards = own.filter(({ platform }) => platform === 'discord')
  return {
    readyMs: readyAt - startedAt,
    ownedMs: ownedAt - startedAt,
    endedMs: endedAt - startedAt,
    tookMs,
    peakBytes,
    shardsAwayMs: shards.map(({ fromAt, toAt = Number.POSITIVE_INFINITY }) => toAt - fromAt),
    slackAwayCount: own.length - shards.length,
  }
}

interface Post {
  readonly connection: ConnectionName
  readonly at: number
  readonly queuedMs: number | undefined
  readonly begunMs: number | undefined
}

function postsOf(observed: Observed, queued: Pick<QueueTimes, 'of'>): readonly Post[] {
  const begun = firstBegins(observed.diary)
  const entries = new Map(ofKind(observed.record, 'event').map((entry) => [entry.n, entry]))
  return CONNECTIONS.flatMap((connection) =>
    sentOn(connection, observed)
      .filter(isOfStream)
      .map(({ n, at, key }) => {
        const { channel = '', id = '' } = entries.get(n) ?? {}
        const since = (laterAt: number | undefined) => laterAt && Math.max(0, laterAt - at)
        return { connection, at, queuedMs: since(queued.of(channel, id)), begunMs: since(begun.get(key)) }
      }),
  )
}

function latenesses(posts: readonly Post[]): RollFigures['during'] {
  const of = (connection: ConnectionName): Lateness => {
    const own = posts.filter((post) => post.connection === connection)
    return {
      queued: delaysOf(own.flatMap(({ queuedMs }) => queuedMs ?? [])),
      begun: delaysOf(own.flatMap(({ begunMs }) => begunMs ?? [])),
    }
  }
  return { rtm: of('rtm'), socket: of('socket'), discord: of('discord') }
}

function delaysOf(ms: readonly number[]): Delays {
  const sorted = [...ms].sort((a, b) => a - b)
  const percentile = (percent: number) => sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? 0
  return { count: sorted.length, p50Ms: percentile(50), p99Ms: percentile(99), longestMs: sorted.at(-1) ?? 0 }
}
