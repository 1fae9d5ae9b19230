import { setMaxListeners } from 'node:events'
import type { Source } from '@holdfast/queue'
import { type Clock, endsWithin } from '@holdfast/runtime'

/**
 * After their signal aborted, handlers get this long to end by themselves (or `drainMs` if that is shorter): enough to record a
 * step, and short enough that all jobs are back within a second of the deadline, heeded or not.
 */
const ABORT_GRACE_MS = 250

/** How long giving back may take before it is left to the locks to run out: Redis is away. */
const RETURN_WITHIN_MS = 5_000
const HURRIED_RETURN_WITHIN_MS = 1_000

/** What a drain stops, and how patient it is. */
export interface DrainOptions {
  readonly source: Source
  readonly drainMs: number
  readonly clock: Clock
  /** Makes running jobs return although their handlers do not. */
  readonly giveUp: AbortController
  /** Aborts when someone can't wait: the rest is done at once. */
  readonly hurry: AbortSignal
  /** Closes what the source stands on, as the last thing. */
  readonly close: () => Promise<void>
}

/** How a worker ended. */
export interface Stopped {
  /** False when Redis did not take the jobs back in time: they run elsewhere after the lock time. */
  readonly clean: boolean
  /** Handlers that were still running when their jobs were given back. */
  readonly abandonedCount: number
  /** It had to end, since it took nothing any more and only another process can. */
  readonly stuck: boolean
}

/**
 * Stops a source: it takes no more, lets handlers finish, aborts their signals, and at last gives back what is left.
 * A phase ends early when no handler runs any more, or when `hurry` aborts.
 *
 * | phase | waits for | at most |
 * |---|---|---|
 * | finish | running handlers | `drainMs` |
 * | abort | handlers that heed their signal | `ABORT_GRACE_MS` |
 * | return | Redis to take back the rest | `RETURN_WITHIN_MS` |
 */
export async function drain(options: DrainOptions): Promise<Omit<Stopped, 'stuck'>> {
  const { source, drainMs, clock, giveUp, hurry, close } = options
  const pausing = source.pause()
  await idleWithin(source, drainMs, clock, hurry)
  source.abort()
  await idleWithin(source, Math.min(drainMs, ABORT_GRACE_MS), clock, hurry)
  const abandonedCount = source.activeCount
  giveUp.abort()
  const closing = pausing.then(() => source.stop()).then(close)
  const clean = await endsWithin(clock, hurry.aborted ? HURRIED_RETURN_WITHIN_MS : RETURN_WITHIN_MS, closing)
  return { clean, abandonedCount }
}

/** A controller that any number of jobs may listen to. */
export function createGiveUp(): AbortController {
  const giveUp = new AbortController()
  setMaxListeners(0, giveUp.signal)
  return giveUp
}

/** Waits until no handler runs, for `ms` or until someone can't wait. */
async function idleWithin(source: Source, ms: number, clock: Clock, hurry: AbortSignal): Promise<void> {
  if (ms === 0 || hurry.aborted) return
  await endsWithin(clock, ms, Promise.race([source.idle(), aborted(hurry)]))
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
