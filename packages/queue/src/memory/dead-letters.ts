import {
  byPlace,
  type DeadLetter,
  type DeadLetterStore,
  type DeadLetters,
  deadLettersIn,
} from '../dead-letters.ts'
import type { MemoryJob } from './job.ts'
import type { MemoryQueue } from './queue.ts'

/** The dead letters of queues in memory. */
export function memoryDeadLetters(queueOf: (name: string) => MemoryQueue): DeadLetters {
  const lettersOf = (queue: string) => queueOf(queue).failedJobs.map((job) => letterOf(queue, job))
  const moved = (queue: string, ids: readonly string[], move: (job: MemoryJob) => void) => {
    const found = queueOf(queue).failedJobs.filter(({ id }) => ids.includes(id))
    for (const job of found) move(job)
    return found.length
  }
  const store: DeadLetterStore = {
    page: async (queue, after, count) =>
      lettersOf(queue)
        .filter((letter) => after === undefined || byPlace(letter, after) > 0)
        .sort(byPlace)
        .slice(0, count),
    show: async (queue, id) => {
      const job = queueOf(queue).failedJobs.find((each) => each.id === id)
      if (!job) return undefined
      const { data, steps, death } = job
      const stack = death?.stack === undefined ? {} : { stack: death.stack }
      return { ...letterOf(queue, job), data, steps: [...steps.keys()], ...stack }
    },
    count: async (queue) => queueOf(queue).failedJobs.length,
    retry: async (queue, ids) => moved(queue, ids, (job) => queueOf(queue).retryDead(job)),
    drop: async (queue, ids) => moved(queue, ids, (job) => queueOf(queue).drop(job)),
    stop: async () => {},
  }
  return deadLettersIn(store)
}

function letterOf(queue: string, { id, type, enqueuedAt, attemptsSpent, death }: MemoryJob): DeadLetter {
  const { reason = '', diedAt = 0 } = death ?? {}
  return { queue, id, type, reason, enqueuedAt, diedAt, attemptCount: attemptsSpent }
}
