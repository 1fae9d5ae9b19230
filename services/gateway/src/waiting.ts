import { type Clock, sleep } from '@holdfast/runtime'
import type { Room } from './ports.ts'

/** How often Redis is asked again while it does not answer. */
const AGAIN_EVERY_MS = 1_000

/** What `work` resolves to; nothing where the signal aborts first. Rejects only as `work` does, if it does in time. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  if (signal.aborted) return undefined
  let onAbort = () => {}
  const aborted = new Promise<undefined>((resolve) => {
    onAbort = () => resolve(undefined)
    signal.addEventListener('abort', onAbort)
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Tries until Redis answers; nothing where the signal aborts first. Never rejects. */
export async function untilAnswered<T>(
  clock: Clock,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T | undefined> {
  while (!signal.aborted)
    try {
      return await unlessAborted(signal, work())
    } catch {
      // Redis is away, or says no to everything: what is owed waits.
      await sleep(clock, AGAIN_EVERY_MS, signal)
    }
  return undefined
}

/** Resolves when there is room for more, or the signal aborts. */
export function roomIn(room: Room, signal: AbortSignal): Promise<void> {
  if (!room.full || signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const unwatch = room.watch((full) => {
      if (!full) finish()
    })
    signal.addEventListener('abort', finish, { once: true })
    function finish() {
      unwatch()
      signal.removeEventListener('abort', finish)
      resolve()
    }
  })
}
