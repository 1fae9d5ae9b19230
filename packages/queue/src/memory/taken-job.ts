import type { PastSeen } from '../past-seen.ts'
import type { TakenJob, Waiter } from '../ports.ts'
import type { Place } from './waits.ts'

/** The job as the SDK sees it. */
export function takenJob(
  place: Place,
  waiters: readonly Waiter[],
  signal: AbortSignal,
  pastSeen: PastSeen,
): TakenJob {
  const { queue, job, name } = place
  const { waits } = queue
  return {
    id: job.id,
    queue: name,
    data: job.data,
    type: job.type,
    attempt: job.attemptsSpent + 1,
    deathCount: 0,
    get lastStepAt() {
      return job.lastStepAt
    },
    stepBeforeAt: job.stepBeforeAt,
    waiters,
    signal,
    steps: new Map(job.steps),
    async recordStep(key, text) {
      queue.recordStep(job, key, text)
      return 'recorded'
    },
    async leaveLane() {
      queue.leaveLane(job)
      return 'left'
    },
    async giveTo(waiter, text) {
      const found = waits.find(waiter, job)
      if (!found) return 'gone'
      waits.forget(job)
      queue.giveTo(job, found, waiter.wait.key, text)
      return 'given'
    },
    async pastEvents(wait, sinceAt) {
      pastSeen.set(wait.key, waits.lastNumber)
      return waits.past(job, wait, { sinceAt })
    },
    async takePast(event, key, text) {
      if (job.steps.get(key) === text) return 'taken'
      const taken = waits.take(event)
      if (!taken) return 'gone'
      queue.recordStep(job, key, text)
      taken.queue.endIfUnhandled(taken.job)
      return 'taken'
    },
  }
}
