import type { HoldfastEvent } from '@holdfast/events'
import { type Clock, ManualClock } from '@holdfast/runtime'
import type { Context } from '../src/context.ts'
import { Handlers } from '../src/handlers.ts'
import { runJob } from '../src/job.ts'
import { silentLog } from '../src/log.ts'
import { createPlatforms } from '../src/platforms.ts'
import { createPostReply } from '../src/reply.ts'
import type { HeldJob } from './taken-job.ts'

/** Runs jobs whose replies go to a fake platform. */
export function replyBench(url: string, handle: (ctx: Context, event: HoldfastEvent) => unknown) {
  const clock: Clock = hastyClock()
  const platforms = createPlatforms(
    { slack: { token: 'xoxb-test', apiUrl: url }, discord: { token: 'discord-test', apiUrl: `${url}v10` } },
    {},
  )
  const handlers = new Handlers()
  handlers.add('*', (event, ctx) => handle(ctx, event))
  const parts = {
    handlers,
    handledByAnother: async () => 'no' as const,
    policy: { attempts: 3, backoff: { baseMs: 1_000, maxMs: 60_000 } },
    platforms,
    postReply: createPostReply(platforms, clock),
    clock,
    log: silentLog,
    giveUp: new AbortController().signal,
  }
  return {
    clock,
    run: (job: HeldJob) => runJob(job, parts),
    close: () => platforms.close(),
  }
}

/** A clock on which every wait is over as soon as it begins. */
function hastyClock(): Clock {
  const clock = new ManualClock()
  const setTimer = clock.setTimer.bind(clock)
  clock.setTimer = (ms, callback) => {
    const timer = setTimer(ms, callback)
    queueMicrotask(() => clock.advance(ms))
    return timer
  }
  return clock
}
