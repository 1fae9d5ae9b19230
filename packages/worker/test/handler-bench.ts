import type { HoldfastEvent } from '@holdfast/events'
import type { Outcome, Wait } from '@holdfast/queue'
import { ManualClock } from '@holdfast/runtime'
import type { Context } from '../src/context.ts'
import { Handlers } from '../src/handlers.ts'
import { type JobParts, runJob } from '../src/job.ts'
import { createPlatforms } from '../src/platforms.ts'
import type { PostReply } from '../src/reply.ts'
import { writeWaitEnd } from '../src/wait-spec.ts'
import { createLogBook } from './log-book.ts'
import type { HeldJob } from './taken-job.ts'

export type Suspended = Extract<Outcome, { kind: 'suspended' }>

/** Runs jobs of one handler, wakes them, and moves the time on by hand. */
export function handlerBench(
  handle: (ctx: Context, event: HoldfastEvent) => unknown,
  options: Partial<Pick<JobParts, 'wishedFor' | 'outsideWork'>> = {},
) {
  const handlers = new Handlers()
  handlers.add('slack.message', (event, ctx) => handle(ctx, event))
  const posted: string[] = []
  const postReply: PostReply = async ({ key }) => {
    posted.push(key)
    return { channel: 'C1', ts: `${posted.length}.0` }
  }
  const { log, lines } = createLogBook()
  const clock = new ManualClock()
  const giveUp = new AbortController()
  const parts = {
    handlers,
    handledByAnother: async () => 'no' as const,
    policy: { attempts: 3, backoff: { baseMs: 1_000, maxMs: 60_000 } },
    platforms: createPlatforms({}, {}),
    postReply,
    clock,
    log,
    giveUp: giveUp.signal,
    ...options,
  }
  const run = (job: HeldJob) => runJob(job, parts)
  return {
    clock,
    lines,
    posted,
    giveUp,
    run,
    /** The outcome of a run that has to be put away. */
    async suspend(job: HeldJob): Promise<Suspended> {
      const outcome = await run(job)
      if (outcome.kind !== 'suspended') throw new Error(`not suspended: ${JSON.stringify(outcome)}`)
      return outcome
    },
    /** The job at the end of its time. */
    wake(job: HeldJob, { wakeAt }: Suspended): HeldJob {
      clock.advance(wakeAt - clock.wallAt())
      return job.again()
    },
    /** The job with an event that was given to it. */
    give(job: HeldJob, wait: Wait | undefined, event: HoldfastEvent): HeldJob {
      job.recorded.set(wait?.key ?? 'nobody', writeWaitEnd({ event, at: clock.wallAt() }))
      return job.again()
    },
  }
}
