import type { HoldfastEvent } from '@holdfast/events'
import type { Outcome, TakenJob } from '@holdfast/queue'

/** What earlier runs of the job left behind. */
export interface EarlierRuns {
  /** Default 1. */
  readonly attempt?: number
  readonly deathCount?: number
  /** `Delivered.steps` of an earlier delivery: what is in it is not run again. */
  readonly steps?: ReadonlyMap<string, string>
}

/** What became of one run. */
export interface Delivered {
  readonly outcome: Outcome
  /** What the job remembers after the run. */
  readonly steps: ReadonlyMap<string, string>
}

/** A job that no queue holds, for one run. Its steps are recorded in `steps`. */
export function createLooseJob(
  event: HoldfastEvent,
  queue: string,
  earlier: EarlierRuns,
  steps: Map<string, string>,
): TakenJob {
  return {
    id: event.id,
    queue,
    data: event,
    type: event.type,
    attempt: earlier.attempt ?? 1,
    deathCount: earlier.deathCount ?? 0,
    lastStepAt: 0,
    stepBeforeAt: 0,
    waiters: [],
    giveTo: async () => 'gone',
    pastEvents: async () => [],
    takePast: async () => 'gone',
    signal: new AbortController().signal,
    steps: new Map(steps),
    recordStep: async (key, text) => {
      steps.set(key, text)
      return 'recorded'
    },
    leaveLane: async () => 'left',
  }
}
