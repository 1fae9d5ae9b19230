import { Gate } from '@holdfast/queue'
import { createLog, homeOf, systemClock } from '@holdfast/runtime'
import { fillIn, NO_OPTIONS, optionProblems, secretsOf, type WorkerOptions } from './options.ts'
import { OutsideWork } from './outside-work.ts'
import { createPlatforms } from './platforms.ts'
import { QueueWorker } from './queue-worker.ts'
import { createPostReply } from './reply.ts'
import type { Worker } from './worker.ts'
import { createRedisQueue } from './worker-queue.ts'

/** Of the process: a handler that kills it takes the jobs of all its workers with it, so one that is suspected runs alone among all. */
const gate = new Gate()

/**
 * A worker of one subscription. Nothing is opened before `run()` or `start()`, and what is wrong with the options is told
 * there too, all of it at once. What the options leave out comes from the environment: `REDIS_URL`, `HOLDFAST_PREFIX`,
 * `HOLDFAST_REDIS_WAIT_MS`, `SLACK_BOT_TOKEN`, `DISCORD_TOKEN`, `SLACK_API_URL`, `DISCORD_API_URL`,
 * `HOLDFAST_WORKER_HTTP_PORT`, `HOLDFAST_WORKER_HTTP_HOST`, `HOLDFAST_DEV`. With `NODE_ENV=development`, or for development, it tells of work outside of steps.
 */
export function createWorker(options: WorkerOptions): Worker {
  const environment = process.env
  const clock = systemClock
  const given = typeof options === 'object' && options !== null ? options : { subscription: '' }
  const settings = fillIn(given, environment)
  const platforms = createPlatforms(settings.platforms, environment)
  const log = given.log ?? createLog({ name: 'worker', secrets: secretsOf(settings.platforms, environment) })
  const isDevelopment = settings.devExpiryMs !== undefined || environment.NODE_ENV === 'development'
  return new QueueWorker({
    settings,
    problems: given === options ? optionProblems(given, settings) : [NO_OPTIONS],
    queue: createRedisQueue({ ...homeOf(settings), waitMs: settings.redis.waitMs, gate, clock }),
    platforms,
    postReply: createPostReply(platforms, clock),
    clock,
    log,
    host: process,
    ...(isDevelopment && { outsideWork: new OutsideWork(log) }),
  })
}
