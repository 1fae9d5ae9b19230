import type { SourceOptions, TakenJob } from '@holdfast/queue'
import type { Handlers } from './handlers.ts'
import { type JobParts, runJob } from './job.ts'
import { LaneWatch } from './lane-watch.ts'
import { countReplies, JobCounter, type WorkerMetrics } from './metrics.ts'
import type { Settings } from './options.ts'
import type { WorkerQueue } from './worker-queue.ts'

/** What a worker runs its jobs with, before they are counted. */
interface RunnerParts
  extends Pick<JobParts, 'platforms' | 'postReply' | 'clock' | 'log' | 'outsideWork' | 'giveUp'> {
  readonly settings: Pick<Settings, 'subscription' | 'events' | 'policy' | 'laneHoldMs'>
  readonly queue: Pick<WorkerQueue, 'handledByAnother' | 'blockers' | 'patterns'>
  readonly handlers: Handlers
  readonly metrics: WorkerMetrics
}

/** Runs each job by the options of its worker: counted, and under the watch of its lane. Never rejects. */
export function createRunner(parts: RunnerParts): SourceOptions['run'] {
  const { settings, queue, handlers, metrics, clock, log } = parts
  const { subscription, events, policy, laneHoldMs } = settings
  const observer = new JobCounter(metrics, clock)
  const jobParts: JobParts = {
    ...parts,
    observer,
    postReply: countReplies(parts.postReply, metrics),
    policy,
    wishedFor: {
      own: events ?? handlers.patterns,
      all: async () => queue.patterns?.(subscription),
    },
    handledByAnother: (type) => queue.handledByAnother(type),
  }
  const blockers = (heldMs: number) => queue.blockers(subscription, heldMs)
  const lanes = new LaneWatch({ subscription, laneHoldMs, blockers, clock, log })
  return observer.counted((job: TakenJob) => lanes.watch(job, () => runJob(job, jobParts)))
}
