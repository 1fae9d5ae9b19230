import type { HoldfastEvent } from '@holdfast/events'
import type { TakenJob } from '@holdfast/queue'
import { matchesWait, writeWaitEnd } from './wait-spec.ts'

/** What became of an event that somebody may wait for. */
export type HandOver = 'given' | 'kept' | 'lost-lock'

/**
 * Gives an event to the first of those that wait for it, whose job then runs on in place of this one. `kept`: nobody does, or
 * its own handler has begun with it already, in an earlier run, and goes on.
 */
export async function handOver(job: TakenJob, event: HoldfastEvent, at: number): Promise<HandOver> {
  if (job.steps.size > 0) return 'kept'
  for (const waiter of job.waiters) {
    if (!matchesWait(event, waiter.wait)) continue
    const answer = await job.giveTo(waiter, writeWaitEnd({ event, at }))
    if (answer !== 'gone') return answer
  }
  return 'kept'
}
