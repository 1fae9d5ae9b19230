import type { Job } from 'bullmq'
import type { TakenJob } from '../ports.ts'
import type { Beginning, JobScripts, LanedJob } from './job-scripts.ts'

/** The lane that the enqueue wrote into the job, '' for none. */
export function laneOf(job: Job): string {
  const lane: unknown = Reflect.get(job.opts, 'lane')
  return typeof lane === 'string' ? lane : ''
}

/** The job as the SDK sees it. */
export function takenJob(
  held: LanedJob,
  job: Job,
  signal: AbortSignal,
  beginning: Extract<Beginning, { kind: 'run' }>,
  scripts: JobScripts,
): TakenJob {
  const answer = async (done: Promise<boolean>) => ((await done) ? undefined : ('lost-lock' as const))
  return {
    id: held.jobId,
    queue: held.queue,
    data: job.data,
    type: job.name,
    attempt: beginning.attempt,
    deathCount: beginning.deathCount,
    ...(beginning.readdedAt === undefined ? {} : { readdedAt: beginning.readdedAt }),
    lastStepAt: 0,
    waiters: [],
    giveTo: async () => 'gone',
    pastEvents: async () => [],
    takePast: async () => 'gone',
    signal,
    steps: beginning.steps,
    recordStep: async (key, text) => (await answer(scripts.recordStep(held, key, text))) ?? 'recorded',
    leaveLane: async () => (await answer(scripts.leaveLane(held))) ?? 'left',
  }
}
