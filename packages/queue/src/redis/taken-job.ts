import type { Job } from 'bullmq'
import type { PastSeen } from '../past-seen.ts'
import type { TakenJob } from '../ports.ts'
import type { Beginning, JobScripts, LanedJob } from './job-scripts.ts'

/** The lane that the enqueue wrote into the job, '' for none. */
export function laneOf(job: Job): string {
  const lane: unknown = Reflect.get(job.opts, 'lane')
  return typeof lane === 'string' ? lane : ''
}

/** The conversation of the job's event, '' for none. */
export function subjectOf(job: Job): string {
  const data: unknown = job.data
  const subject: unknown =
    typeof data === 'object' && data !== null ? Reflect.get(data, 'subject') : undefined
  return typeof subject === 'string' ? subject : ''
}

/** The job as the SDK sees it. */
export function takenJob(
  held: LanedJob,
  job: Job,
  signal: AbortSignal,
  beginning: Extract<Beginning, { kind: 'run' }>,
  scripts: JobScripts,
  pastSeen: PastSeen,
): TakenJob {
  let { lastStepAt } = beginning
  return {
    id: held.jobId,
    queue: held.queue,
    data: job.data,
    type: job.name,
    attempt: beginning.attempt,
    deathCount: beginning.deathCount,
    ...(beginning.readdedAt === undefined ? {} : { readdedAt: beginning.readdedAt }),
    get lastStepAt() {
      return lastStepAt
    },
    stepBeforeAt: beginning.stepBeforeAt,
    waiters: beginning.waiters,
    signal,
    steps: beginning.steps,
    async recordStep(key, text) {
      const recordedAt = await scripts.recordStep(held, key, text)
      lastStepAt = recordedAt ?? lastStepAt
      return recordedAt === undefined ? 'lost-lock' : 'recorded'
    },
    leaveLane: async () => ((await scripts.leaveLane(held)) ? 'left' : 'lost-lock'),
    giveTo: (waiter, text) => givingTo(held, () => scripts.giveTo(held, waiter, text)),
    async pastEvents(wait, sinceAt) {
      const { lastNumber, events } = await scripts.pastEvents(held, wait, sinceAt)
      pastSeen.set(wait.key, lastNumber)
      return events
    },
    takePast: (event, key, text) => scripts.takePast(held, event, key, text),
  }
}

/** The lock goes with the job that is given away: that is no loss. */
async function givingTo<T extends string>(held: LanedJob, give: () => Promise<T>): Promise<T> {
  if (held.phase === 'running') held.phase = 'ending'
  const result = await give()
  if (result === 'gone' && held.phase === 'ending') held.phase = 'running'
  return result
}
